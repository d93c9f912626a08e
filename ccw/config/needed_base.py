"""Types of provider that have no address of their own, so that each needs one."""

from __future__ import annotations

from ccw.config.models import ProviderCredential
from ccw.config.provider_types import provider_type


def missing_base(provider: ProviderCredential) -> str | None:
    """Return what to say of *provider* where its type needs an address and it has none."""
    if provider.api_base or not provider_type(provider.type).base_needed:
        return None
    return (
        f"type {provider.type} needs an address: "
        f"ccw provider update {provider.id} --api-base https://…"
    )
