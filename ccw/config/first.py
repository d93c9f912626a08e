"""Add a provider and an endpoint of it to a configuration in one step; what is there stays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from ccw.config.edit import add_endpoint, add_provider, set_default_endpoint
from ccw.config.lookup import ALONE, Other
from ccw.config.models import CustomEndpoint, LiteLLMApiConfig, ProviderCredential, by_id
from ccw.errors import AlreadyExists


@dataclass(frozen=True, slots=True)
class Choice:
    """What to add; *default* None makes the endpoint the default if there is none."""

    type: str
    model: str
    provider_id: str
    endpoint_id: str
    name: str | None = None
    api_key: str = ""  # a reference
    api_base: str | None = None
    default: bool | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """What a choice has led to; what was there already is not new."""

    provider: ProviderCredential
    endpoint: CustomEndpoint
    is_new_provider: bool
    is_new_endpoint: bool
    is_default: bool


def endpoint_id_for(kind: str, model: str) -> str:
    """Return a handy endpoint id: the model's name without what an id cannot hold."""
    if kind == "local":
        return kind
    return re.sub(r"[^A-Za-z0-9._-]+", "-", model).strip("-._")[:64].rstrip("-._") or kind


def add_choice(
    config: LiteLLMApiConfig, choice: Choice, now: datetime, other: Other = ALONE
) -> tuple[LiteLLMApiConfig, Added]:
    """Return *config* with *choice* in it; AlreadyExists when an id means something else there.

    *other* is the file beside it, in which the default endpoint may be.
    """
    with_provider, provider = _provider(config, choice, now)
    changed, endpoint = _endpoint(with_provider, choice, now, other)
    is_new_endpoint = changed is not with_provider
    changed = _default(changed, config.default_endpoint, choice, other)
    return changed, Added(
        provider,
        endpoint,
        is_new_provider=with_provider is not config,
        is_new_endpoint=is_new_endpoint,
        is_default=changed.default_endpoint == endpoint.id,
    )


def _provider(
    config: LiteLLMApiConfig, choice: Choice, now: datetime
) -> tuple[LiteLLMApiConfig, ProviderCredential]:
    there = by_id(config.providers, choice.provider_id)
    if there is None:
        data = {
            "id": choice.provider_id,
            "name": choice.name or choice.provider_id,
            "type": choice.type,
            "apiKey": choice.api_key,
            **({"apiBase": choice.api_base} if choice.api_base else {}),
        }
        return add_provider(config, data, now)
    wanted = (choice.type, choice.api_key or there.api_key, choice.api_base or there.api_base)
    if wanted != (there.type, there.api_key, there.api_base):
        raise AlreadyExists(
            f"Provider ID already exists: {there.id} (with another type, key or base); "
            "choose another one with --provider-id"
        )
    return config, there


def _endpoint(
    config: LiteLLMApiConfig, choice: Choice, now: datetime, other: Other
) -> tuple[LiteLLMApiConfig, CustomEndpoint]:
    there = by_id(config.endpoints, choice.endpoint_id)
    if there is None:
        data = {
            "id": choice.endpoint_id,
            "name": choice.name or choice.endpoint_id,
            "providerId": choice.provider_id,
            "model": choice.model,
        }
        return add_endpoint(config, data, now, other)
    if (there.provider_id, there.model) != (choice.provider_id, choice.model):
        raise AlreadyExists(
            f"Endpoint ID already exists: {there.id} (model {there.model} of provider "
            f"{there.provider_id}); choose another one with --id"
        )
    return config, there


def _default(
    config: LiteLLMApiConfig, before: str | None, choice: Choice, other: Other
) -> LiteLLMApiConfig:
    wanted = {True: choice.endpoint_id, False: before, None: config.default_endpoint}[
        choice.default
    ]
    if wanted == config.default_endpoint:
        return config
    return set_default_endpoint(config, wanted, other)
