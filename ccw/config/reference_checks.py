"""What there is to say about the references of a provider, without following any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from ccw.config.models import ProviderCredential
from ccw.config.provider_texts import provider_texts
from ccw.config.references import (
    equal_variable,
    has_sources,
    outside_references,
    problems,
    unset_variables,
)
from ccw.config.references.parsing import ALLOWED

Remark = tuple[Literal["error", "warning"], str, str]


def reference_remarks(provider: ProviderCredential, environ: Mapping[str, str]) -> Iterator[Remark]:
    """Yield level, field and message of what is wrong or doubtful in *provider*'s references."""
    for field, text in provider_texts(provider):
        for problem in problems(text):
            yield "error", field, problem
        for name in unset_variables(text, environ):
            yield "warning", field, f"environment variable {name} is not set"
        same = equal_variable(text, environ)
        if same:
            yield "warning", field, f"equals the variable {same}; write ${{{same}}} instead"
        if "${" in outside_references(text):
            yield "warning", field, f"looks like a reference but is none; write {ALLOWED}"


def is_fillable(provider: ProviderCredential, environ: Mapping[str, str]) -> bool:
    """Tell whether variables alone fill the references of *provider*, and all are set."""
    return not any(
        problems(text) or unset_variables(text, environ) or has_sources(text)
        for _, text in provider_texts(provider)
    )
