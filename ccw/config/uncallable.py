"""What every call would be refused for is not saved either; what was there before may stay."""

from __future__ import annotations

from ccw.config.headers import header_problem
from ccw.config.models import CustomEndpoint, ProviderCredential
from ccw.config.needed_base import base_problem
from ccw.config.references import references
from ccw.config.steering import param_problem
from ccw.errors import InvalidValue


def refuse_provider(new: ProviderCredential, old: ProviderCredential | None = None) -> None:
    """Raise InvalidValue for an address or header of *new* that is no good, and was not in *old*.

    What a variable is to fill in is looked at when it is used.
    """
    problem = base_problem(new)
    if problem is not None and not (old and base_problem(old)):
        raise InvalidValue(f"{new.id}: apiBase: {problem}")
    for name, value in _headers(new).items():
        known = old is not None and _headers(old).get(name) == value
        problem = header_problem(name, "" if references(value) else value)
        if problem is not None and not known:
            raise InvalidValue(f"{new.id}: advancedSettings.customHeaders.{name} {problem}")


def refuse_endpoint(new: CustomEndpoint, old: CustomEndpoint | None = None) -> None:
    """Raise InvalidValue for a parameter of *new* that no call may have, and *old* had not."""
    for name, value in new.params.items():
        known = old is not None and old.params.get(name) == value
        problem = param_problem(name, value)
        if problem is not None and not known:
            raise InvalidValue(f"{new.id}: params.{name} {problem}")


def _headers(provider: ProviderCredential) -> dict[str, str]:
    return provider.advanced_settings.custom_headers or {}
