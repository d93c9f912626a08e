"""What a type of provider asks of its address: to be there, or to have no query."""

from __future__ import annotations

from ccw.config.models import ProviderCredential
from ccw.config.provider_types import ProviderType, provider_type
from ccw.config.references import references


def missing_base(provider: ProviderCredential) -> str | None:
    """Return what to say of *provider* where its type needs an address and it has none."""
    if provider.api_base or not provider_type(provider.type).base_needed:
        return None
    return (
        f"type {provider.type} needs an address: "
        f"ccw provider update {provider.id} --api-base https://…"
    )


def lost_query(kind: ProviderType, base: str) -> str | None:
    """Return what to say, as the end of a sentence, of a query that *base* has in vain."""
    if "?" not in base or kind.takes_query:
        return None
    return (
        f"holds a query, which calls to providers of type {kind.name} would lose; "
        "remove it, and send what it says as a header (advancedSettings.customHeaders)"
    )


def base_problem(provider: ProviderCredential) -> str | None:
    """Return why calls to the address of *provider*, as far as it is written out, must fail."""
    base = provider.api_base or ""
    return None if references(base) else lost_query(provider_type(provider.type), base)
