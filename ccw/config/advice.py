"""What there is to say of a provider or endpoint that was saved, and may not do what was meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ccw.config.fallback_checks import fallback_problems
from ccw.config.lookup import Other, closest
from ccw.config.models import CustomEndpoint, LiteLLMApiConfig, ProviderCredential
from ccw.config.needed_base import missing_base
from ccw.config.provider_types import KNOWN_TYPES
from ccw.config.references import equal_variable, references, unset_variables


def near_type(kind: str) -> str | None:
    """Tell of a type of ccw's own that *kind*, a provider of litellm's, is confused with."""
    near = None if kind in KNOWN_TYPES else closest(kind, KNOWN_TYPES)
    return f"{kind} is litellm's provider of that name; another type is {near}" if near else None


def provider_advice(
    item: ProviderCredential, environ: Mapping[str, str], *, user: bool
) -> Iterator[str]:
    """Yield what a call to *item* would lack at present; *user* tells whose file it is in."""
    missing = missing_base(item)
    if missing:
        yield f"{missing}{' --user' if user else ''}"
    keys = (item.api_key, *(entry.key for entry in item.api_keys))
    remedy = "export it" if user else "export it, or put it into the project's .env"
    for name in dict.fromkeys(name for key in keys for name in unset_variables(key, environ)):
        yield f"{name} is not set at present; {remedy}"


def literal_advice(
    item: ProviderCredential, environ: Mapping[str, str], *, user: bool
) -> Iterator[str]:
    """Yield a warning about a key that was just written into the file as it is."""
    if not item.api_key or references(item.api_key):
        return
    same = equal_variable(item.api_key, environ)
    why = f"it equals ${same}; " if same else ""
    yield (
        f"the key itself is now in the config file; {why}prefer a reference: "
        f"ccw provider update {item.id} --api-key-env {same or 'NAME'}{' --user' if user else ''}"
    )


def shadow_advice(item: ProviderCredential | CustomEndpoint, other: Other) -> Iterator[str]:
    """Tell that the *other* file has an object of the same kind and id."""
    is_provider = isinstance(item, ProviderCredential)
    kind = other.config.providers if is_provider else other.config.endpoints
    if all(one.id != item.id for one in kind):
        return
    if other.is_below:
        yield f"in this project it takes the place of your own {item.id}"
    else:
        yield f"this project has a {item.id} of its own, which is used here"


def endpoint_advice(item: CustomEndpoint, config: LiteLLMApiConfig) -> Iterator[str]:
    """Yield what is wrong with the fallbacks of *item*; *config* is all that holds."""
    for _, problem in fallback_problems(item, config):
        yield f"fallback {problem}"
