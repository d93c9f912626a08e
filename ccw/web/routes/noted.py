"""What the answer to a change says of it besides, in the words of the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ccw.config.advice import (
    endpoint_advice,
    literal_advice,
    near_type,
    provider_advice,
)
from ccw.config.models import CustomEndpoint, LiteLLMApiConfig, ProviderCredential
from ccw.config.references import MARK, ProjectEnviron
from ccw.config.selection import unknown_type
from ccw.errors import InvalidValue
from ccw.llm.data import provider_names


def refuse_slip(kind: object) -> None:
    """Raise InvalidValue for a type that is probably a slip."""
    problem = unknown_type(kind, provider_names()) if isinstance(kind, str) and kind else None
    if problem is not None:
        raise InvalidValue(f"type: {problem}; to use it all the same, add: ?anyType=true")


def provider_notes(
    item: ProviderCredential, given: Mapping[str, Any], environ: ProjectEnviron, *, user: bool
) -> Iterator[str]:
    """Yield what there is to say of *item*, of which *given* was sent."""
    typed = "type" in given and item.type in provider_names()
    near = near_type(item.type) if typed else None
    if near:
        yield near
    yield from provider_advice(item, environ, user=user)
    written = given.get("apiKey") or given.get("api_key")
    if isinstance(written, str) and MARK not in written:
        yield from literal_advice(item, environ, user=user)


def endpoint_notes(
    item: CustomEndpoint, given: Mapping[str, Any], config: LiteLLMApiConfig
) -> Iterator[str]:
    """Yield what is wrong with the fallbacks of *item*, when some were *given*."""
    if given.get("fallbacks"):
        yield from endpoint_advice(item, config)
