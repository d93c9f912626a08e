"""A configuration as `opencode.json`."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Sequence
from typing import Any

from ccw.config.models import LiteLLMApiConfig, ProviderCredential
from ccw.config.provider_types import KNOWN_TYPES, litellm_model, provider_type
from ccw.exports.addresses import anthropic_root, chat_base, gemini_root
from ccw.exports.client_keys import first_of, key_reference, unheld, usable_pairs
from ccw.exports.export import Export, Pair, select
from ccw.exports.variables import Variables

SCHEMA = "https://opencode.ai/config.json"
COMPATIBLE = "@ai-sdk/openai-compatible"
# type -> package that comes with opencode, and what its base ends in
NATIVE = {
    "anthropic": ("@ai-sdk/anthropic", anthropic_root, "/v1"),
    "google": ("@ai-sdk/google", gemini_root, "/v1beta"),
}
ENV = "{env:%s}"
# ids of opencode's catalogue bring its models and its ways of calling along
_TAKEN = frozenset(KNOWN_TYPES) - {"litellm", "custom", "local"} | {
    *("alibaba", "amazon-bedrock", "cerebras", "cohere", "deepinfra", "github-copilot"),
    *("google-vertex", "huggingface", "lmstudio", "moonshotai", "nvidia", "opencode"),
    *("perplexity", "togetherai", "vercel", "zhipuai"),
}
MARKERS = ("{env:", "{file:")  # opencode fills these wherever they stand
# (litellm's name, provider, model) -> tokens of context and of output, None where unknown
Limits = Callable[[str, ProviderCredential, str], tuple[int | None, int | None]]


def export_opencode(
    config: LiteLLMApiConfig,
    endpoint_ids: Sequence[str] = (),
    is_set: Container[str] = (),
    limits: Limits = lambda *_: (None, None),
) -> Export:
    """Return an `opencode.json` in which each endpoint is the model `PROVIDER/ENDPOINT`.

    Keys are `{env:NAME}`; *is_set* as for the proxy's export, *limits* tells the windows.
    """
    chosen = select(config, endpoint_ids, markers=MARKERS)
    variables, left_out = Variables(chosen.names), list(chosen.left_out)
    providers: dict[str, Any] = {}
    usable = usable_pairs(chosen, _why_not, left_out)
    for pair in usable:
        name = name_of(pair.provider)
        there = providers.setdefault(name, _provider(pair.provider, variables, is_set))
        there["whitelist"].append(pair.endpoint.id)
        there["models"][pair.endpoint.id] = _model(pair, limits)
        left_out.extend(unheld(pair))
    document = {
        "$schema": SCHEMA,
        "enabled_providers": list(providers),
        "provider": providers,
        **_models(first_of(usable, chosen)),
    }
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    told = tuple(dict.fromkeys((*left_out, *variables.notes)))
    endpoints = tuple(pair.endpoint.id for pair in usable)
    return Export(text, endpoints, told, tuple(variables.names))


def name_of(provider: ProviderCredential) -> str:
    """Return the provider's name in opencode: its id, and none of opencode's own catalogue."""
    return f"ccw-{provider.id}" if provider.id in _TAKEN else provider.id


def _models(pair: Pair | None) -> dict[str, str]:
    """Name the model, also for titles, or opencode takes a small one that it thinks is there."""
    if pair is None:
        return {}
    name = f"{name_of(pair.provider)}/{pair.endpoint.id}"
    return {"model": name, "small_model": name}


def _why_not(pair: Pair) -> str | None:
    if pair.endpoint.purpose != "chat":
        return f"opencode has no use for {pair.endpoint.purpose}"
    if pair.provider.type not in NATIVE and chat_base(pair.provider) is None:
        return f"type {pair.provider.type} needs a gateway; see ccw config export litellm"
    return None


def _provider(
    provider: ProviderCredential, variables: Variables, is_set: Container[str]
) -> dict[str, Any]:
    package, base = COMPATIBLE, chat_base(provider)
    if provider.type in NATIVE:
        package, root, suffix = NATIVE[provider.type]
        base = f"{root(provider)}{suffix}"
    key = key_reference(provider, is_set)
    headers = provider.advanced_settings.custom_headers or {}

    def text(value: str, suffix: str) -> str:
        return variables.text(value, provider.id, suffix, ENV)

    options = {
        "baseURL": text(base or "", "API_BASE"),
        **({"apiKey": text(key, "API_KEY")} if key else {}),
        **({"headers": {n: text(v, n) for n, v in headers.items()}} if headers else {}),
    }
    return {
        "npm": package,
        "name": provider.name,
        "options": options,
        "whitelist": [],
        "models": {},
    }


def _model(pair: Pair, limits: Limits) -> dict[str, Any]:
    kind, model = provider_type(pair.provider.type), pair.endpoint.model
    name = litellm_model(kind, model)
    wire_id = model if kind.verbatim else name.removeprefix(f"{kind.route}/")
    context, output = limits(name, pair.provider, model)
    both = {"context": context, "output": output} if context and output else None
    shown = {"id": wire_id, "name": pair.endpoint.name}
    return {**shown, "limit": both} if both else shown
