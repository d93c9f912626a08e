"""One endpoint and one key of its provider as an entry of a LiteLLM proxy's `model_list`."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from ccw.config.models import ApiKeyEntry, CustomEndpoint, ModelInfo, ProviderCredential
from ccw.config.provider_types import ProviderType, litellm_model, provider_type
from ccw.execution.question import wire_names
from ccw.exports.clean import without_stamps
from ccw.exports.export import Pair
from ccw.exports.variables import ENVIRON, Variables, is_reference

NO_KEY = "not-needed"  # litellm would take OPENAI_API_KEY, and send it there
PURPOSES = {"embedding": "embedding", "image": "image_generation", "speech": "audio_speech"}
PRICES = {
    "input_cost_per_token": "input_cost_per_million",
    "output_cost_per_token": "output_cost_per_million",
    "cache_read_input_token_cost": "cache_read_cost_per_million",
    "cache_creation_input_token_cost": "cache_write_cost_per_million",
}
LIMITS = {"max_input_tokens": "context_window", "max_output_tokens": "max_output_tokens"}
# what litellm takes from the entry itself; parameters of a call must not change it
RESERVED = frozenset(
    {"model", "api_key", "api_base", "base_url", "api_version", "organization", "extra_headers"}
    | {"rpm", "tpm", "timeout", "max_retries", "num_retries", "weight", "messages", "stream"}
)


def keys_of(provider: ProviderCredential) -> tuple[ApiKeyEntry | None, ...]:
    """Return the enabled keys: its own as None, then those of its pool; (None,) without any."""
    pool = tuple(entry for entry in provider.api_keys if entry.enabled and entry.key)
    return (None, *pool) if provider.api_key or not pool else pool


def entries(
    pair: Pair, variables: Variables, is_set: Container[str], left_out: list[str]
) -> Iterator[dict[str, Any]]:
    """Yield the entries of one endpoint, one for each key; *is_set* names variables at hand."""
    for key in keys_of(pair.provider):
        params = _params(pair, key, variables, is_set, left_out)
        yield {
            "model_name": pair.endpoint.id,
            "litellm_params": params,
            "model_info": _model_info(pair, key),
        }


def _params(
    pair: Pair,
    key: ApiKeyEntry | None,
    variables: Variables,
    is_set: Container[str],
    left_out: list[str],
) -> dict[str, Any]:
    provider, endpoint = pair.provider, pair.endpoint
    kind, advanced = provider_type(provider.type), provider.advanced_settings
    headers = {
        name: _held(value, provider, name, variables)
        for name, value in (advanced.custom_headers or {}).items()
    }
    weighted = provider.routing_strategy == "weighted" and len(keys_of(provider)) > 1
    found = {
        **_call_params(endpoint, left_out),
        "model": litellm_model(kind, endpoint.model),
        "api_key": _api_key(provider, kind, key, variables, is_set),
        "api_base": _api_base(provider, kind, variables),
        "api_version": advanced.api_version,
        "organization": advanced.organization,
        "extra_headers": headers or None,
        "rpm": advanced.rpm,
        "tpm": advanced.tpm,
        "timeout": _whole(advanced.timeout),
        "weight": _whole(key.weight if key else 1) if weighted else None,
    }
    first = {"model": found.pop("model")}
    return {**first, **{name: value for name, value in found.items() if value is not None}}


def _call_params(endpoint: CustomEndpoint, left_out: list[str]) -> dict[str, Any]:
    named = wire_names(endpoint.params)
    moved = sorted(set(named) & RESERVED)
    if moved:
        left_out.append(f"endpoint {endpoint.id}: params {', '.join(moved)} cannot move the call")
    return {name: value for name, value in named.items() if name not in RESERVED}


def _api_key(
    provider: ProviderCredential,
    kind: ProviderType,
    key: ApiKeyEntry | None,
    variables: Variables,
    is_set: Container[str],
) -> str | None:
    own = key.key if key else provider.api_key
    if own:
        suffix = f"API_KEY_{key.id or provider.api_keys.index(key) + 1}" if key else "API_KEY"
        return ENVIRON + variables.name_for(own, provider.id, suffix)
    usual = kind.key_variables if kind.owns(provider.api_base) else ()
    name = next((name for name in usual if name in is_set), None)
    if name or not kind.key_optional:
        default = usual[0] if usual else None
        missing = f"${{{name or default}}}" if name or default else ""
        return ENVIRON + variables.name_for(missing, provider.id, "API_KEY")
    return NO_KEY if kind.route == "openai" else None


def _api_base(provider: ProviderCredential, kind: ProviderType, variables: Variables) -> str | None:
    if provider.api_base:
        base = _held(provider.api_base, provider, "API_BASE", variables)
        return base.removesuffix("/v1") if kind.route == "anthropic" else base
    return kind.default_base if kind.name == "litellm" else None


def _held(value: str, provider: ProviderCredential, suffix: str, variables: Variables) -> str:
    """Return *value* as the proxy can hold it: a text, or one variable for the whole of it."""
    if not is_reference(value):
        return value
    return ENVIRON + variables.name_for(value, provider.id, suffix)


def _model_info(pair: Pair, key: ApiKeyEntry | None) -> dict[str, Any]:
    """Return what the proxy wants to know of the model, and under `ccw` what only ccw knows."""
    known = next((m for m in pair.provider.models if m.id == pair.endpoint.model), None)
    provider = {name: getattr(pair.provider, name) for name in ("id", "name", "type")}
    own: dict[str, Any] = {"provider": provider, "endpoint": without_stamps(pair.endpoint)}
    if key is not None:
        own["key"] = without_stamps(key)
    return {
        **({"mode": PURPOSES[pair.endpoint.purpose]} if pair.endpoint.purpose in PURPOSES else {}),
        **(_facts(known) if known else {}),
        "ccw": own,
    }


def _facts(model: ModelInfo) -> dict[str, Any]:
    prices = {name: getattr(model, field) for name, field in PRICES.items()}
    per_token = {n: price / 1_000_000 for n, price in prices.items() if price is not None}
    limits = {name: getattr(model, field) for name, field in LIMITS.items()}
    return {**{n: tokens for n, tokens in limits.items() if tokens is not None}, **per_token}


def _whole(value: float | None) -> float | None:
    return int(value) if value is not None and value == int(value) else value
