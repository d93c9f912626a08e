"""A configuration as codex's `config.toml`."""

from __future__ import annotations

import shlex
from collections.abc import Container, Sequence
from typing import Any

import tomlkit

from ccw.config.models import LiteLLMApiConfig, ProviderCredential
from ccw.exports.addresses import responses_base
from ccw.exports.client_keys import first_of, key_reference, unheld, usable_pairs
from ccw.exports.export import Export, Pair, select
from ccw.exports.text import comment_lines
from ccw.exports.variables import Variables, is_reference

# names that codex has taken for providers of its own
_TAKEN = frozenset({"openai", "ollama", "lmstudio", "oss", "amazon-bedrock"})


def export_codex(
    config: LiteLLMApiConfig, endpoint_ids: Sequence[str] = (), is_set: Container[str] = ()
) -> Export:
    """Return a `config.toml` with the providers that speak /v1/responses, the only wire of codex.

    The default endpoint is codex's model. Keys are named by `env_key`; *is_set* as for the
    proxy's export.
    """
    chosen = select(config, endpoint_ids)
    variables, left_out = Variables(chosen.names), list(chosen.left_out)
    usable = usable_pairs(chosen, _why_not, left_out)
    first = first_of(usable, chosen)
    for pair in usable:
        left_out.extend(unheld(pair))
        if pair is not first:
            left_out.append(
                f"endpoint {pair.endpoint.id}: codex has one model at a time; codex "
                f"-c model_provider={name_of(pair.provider)} -m {shlex.quote(pair.endpoint.model)}"
            )
    tables = {name_of(p.provider): _provider(p.provider, variables, is_set) for p in usable}
    told = tuple(dict.fromkeys((*left_out, *variables.notes)))
    endpoints = tuple(pair.endpoint.id for pair in usable)
    return Export(_toml(first, tables, told), endpoints, told, tuple(variables.names))


def name_of(provider: ProviderCredential) -> str:
    """Return the provider's name in codex: its id, and none of codex's own."""
    return f"ccw-{provider.id}" if provider.id in _TAKEN else provider.id


def _why_not(pair: Pair) -> str | None:
    if pair.endpoint.purpose != "chat":
        return f"codex has no use for {pair.endpoint.purpose}"
    base = responses_base(pair.provider)
    if base is None:
        return "its provider may not speak /v1/responses; see ccw config export litellm"
    if is_reference(base):
        return "codex takes no variable in an address; write the address into the configuration"
    return None


def _provider(
    provider: ProviderCredential, variables: Variables, is_set: Container[str]
) -> dict[str, Any]:
    key = key_reference(provider, is_set)
    headers = provider.advanced_settings.custom_headers or {}
    plain = {name: value for name, value in headers.items() if not is_reference(value)}
    named = {
        name: variables.name_for(value, provider.id, name)
        for name, value in headers.items()
        if is_reference(value)
    }
    table = {
        "name": provider.name,
        "base_url": responses_base(provider),
        "env_key": variables.name_for(key, provider.id, "API_KEY") if key else None,
        "wire_api": "responses",
        "http_headers": plain or None,
        "env_http_headers": named or None,
    }
    return {name: value for name, value in table.items() if value is not None}


def _toml(first: Pair | None, tables: dict[str, dict[str, Any]], told: Sequence[str]) -> str:
    document = tomlkit.document()
    for line in comment_lines(told):
        document.add(tomlkit.comment(line))
    if first is not None:
        document.add("model", tomlkit.item(first.endpoint.model))
        document.add("model_provider", tomlkit.item(name_of(first.provider)))
    if tables:
        document.add("model_providers", tomlkit.item(tables))
    return tomlkit.dumps(document)
