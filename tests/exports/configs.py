"""Configurations to export, and the way of a file back into one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from ccw.config.models import LiteLLMApiConfig
from ccw.exports.clean import without_stamps
from ccw.exports.litellm_import import ImportPlan, Merged, merge_plan, plan_import
from ccw.exports.litellm_yaml import export_litellm
from ccw.exports.proxy_file import parse_proxy
from ccw.exports.yaml_file import parse_yaml

NOW = datetime(2026, 1, 2, tzinfo=UTC)
FILE = Path("config.yaml")
OPENAI = {"id": "openai", "name": "OpenAI", "type": "openai", "apiKey": "${OPENAI_API_KEY}"}
GATE = {
    "id": "gate",
    "name": "Gate",
    "type": "litellm",
    "apiBase": "http://localhost:4000",
    "apiKey": "${GATE_KEY}",
}
CLAUDE = {"id": "anthropic", "name": "Claude", "type": "anthropic"}


def config_of(
    *providers: Mapping[str, Any], endpoints: list[Any], **fields: Any
) -> LiteLLMApiConfig:
    """Return a configuration of dicts as they stand in the file."""
    return LiteLLMApiConfig.model_validate(
        {"version": 1, "providers": list(providers), "endpoints": endpoints, **fields}
    )


def endpoint(endpoint_id: str, provider_id: str, model: str = "gpt-4o", **fields: Any) -> Any:
    """Return an endpoint as it stands in the file."""
    return {
        "id": endpoint_id,
        "name": endpoint_id.upper(),
        "providerId": provider_id,
        "model": model,
        **fields,
    }


def plan_of(text: str, only: str | None = None) -> ImportPlan:
    """Return what a proxy's configuration comes to; nobody knows a bare model but gpt-4o."""
    proxy = parse_proxy(parse_yaml(text, FILE), only)
    return plan_import(proxy, {"gpt-4o": "openai"}.get, whole=only is None)


def imported(
    text: str, into: LiteLLMApiConfig | None = None, only: str | None = None
) -> tuple[LiteLLMApiConfig, Merged]:
    """Return a configuration with the proxy's file *text* in it."""
    return merge_plan(into or LiteLLMApiConfig(), plan_of(text, only), NOW)


def content(config: LiteLLMApiConfig) -> dict[str, Any]:
    """Return what a round trip has to keep: all that is written but the times, by id."""
    return {
        "providers": {p.id: without_defaults(p) for p in config.providers},
        "endpoints": {e.id: without_defaults(e) for e in config.endpoints},
        "defaultEndpoint": config.default_endpoint,
    }


def without_defaults(value: Any) -> dict[str, Any]:
    """Return the fields that are not at their defaults, in camelCase, without the times."""
    return {
        name: item
        for name, item in without_stamps(value).items()
        if item is not True and item not in (None, "", [], {})
    }


def entry(name: str, *params: str, info: str = "") -> str:
    """Return an entry of `model_list`; *params* are lines such as `model: openai/x`."""
    lines = [f"  - model_name: {name}", "    litellm_params:", *(f"      {p}" for p in params)]
    return "\n".join([*lines, *([f"    model_info: {info}"] if info else []), ""])


def listed(*entries: str, more: str = "") -> str:
    """Return a file of *entries*; *more* follows them."""
    return "model_list:\n" + "".join(entries) + more


def providers_of(config: LiteLLMApiConfig) -> dict[str, dict[str, Any]]:
    """Return what is written of each provider but id and name, by id."""
    return {
        p.id: {k: v for k, v in without_defaults(p).items() if k not in ("id", "name")}
        for p in config.providers
    }


def endpoints_of(config: LiteLLMApiConfig) -> dict[str, tuple[str, str]]:
    """Return provider and model of each endpoint, by id."""
    return {e.id: (e.provider_id, e.model) for e in config.endpoints}


def deployments(config: Any, **more: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return name and parameters of each entry of the exported `model_list`."""
    document = yaml.safe_load(export_litellm(config, **more).text)
    return [(entry["model_name"], entry["litellm_params"]) for entry in document["model_list"]]
