"""The environment that gemini, qwen and claude read, as lines for a shell."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ccw.config.models import LiteLLMApiConfig, ProviderCredential
from ccw.config.provider_types import litellm_model, provider_type
from ccw.exports.addresses import anthropic_root, chat_base, gemini_root
from ccw.exports.client_keys import first_of, key_reference, unheld, usable_pairs
from ccw.exports.deployments import NO_KEY
from ccw.exports.export import Export, Pair, select
from ccw.exports.text import comment_lines
from ccw.exports.variables import Variables

_FORM = "${%s:?}"  # a shell then names the variable that is not set
_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*:\?\}")


@dataclass(frozen=True, slots=True)
class Client:
    """How a program is told address, key and model: by which variables and which settings."""

    name: str
    wire: str
    base: Callable[[ProviderCredential], str | None]
    base_variable: str
    key_variable: str
    model_variables: tuple[str, ...]
    token_variable: str | None = None  # for a key sent as Authorization: Bearer
    fixed: Mapping[str, str] | None = None
    settings_file: str | None = None
    settings: Mapping[str, Any] | None = None


CLIENTS = {
    client.name: client
    for client in (
        Client(
            "gemini",
            "Gemini's API",
            gemini_root,
            "GOOGLE_GEMINI_BASE_URL",
            "GEMINI_API_KEY",
            ("GEMINI_MODEL",),
            settings_file="~/.gemini/settings.json",
            settings={"security": {"auth": {"selectedType": "gemini-api-key"}}},
        ),
        Client(
            "qwen",
            "OpenAI's chat API",
            chat_base,
            "OPENAI_BASE_URL",
            "OPENAI_API_KEY",
            ("OPENAI_MODEL",),
            settings_file="~/.qwen/settings.json",
            settings={"security": {"auth": {"selectedType": "openai"}}},
        ),
        Client(
            "claude",
            "Anthropic's API",
            anthropic_root,
            "ANTHROPIC_BASE_URL",
            "ANTHROPIC_API_KEY",
            ("ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL"),
            token_variable="ANTHROPIC_AUTH_TOKEN",
            fixed={"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"},
        ),
    )
}


def export_shell(
    client: Client,
    config: LiteLLMApiConfig,
    endpoint_ids: Sequence[str] = (),
    is_set: Container[str] = (),
) -> Export:
    """Return `export NAME=...` lines for *client* and one endpoint: the default one if it can.

    *is_set* as for the proxy's export.
    """
    chosen = select(config, endpoint_ids)
    variables, left_out = Variables(chosen.names), list(chosen.left_out)
    usable = usable_pairs(chosen, partial(_why_not, client), left_out)
    first = first_of(usable, chosen)
    for pair in usable:
        if pair is not first:
            one = f"{client.name} takes one model at a time; see --endpoint"
            left_out.append(f"endpoint {pair.endpoint.id}: {one}")
    if first is not None:
        left_out.extend(_unheld(first))
    lines = [] if first is None else _lines(client, first, variables, is_set)
    told = tuple(dict.fromkeys((*left_out, *variables.notes)))
    comments = [*comment_lines(told), *_settings(client)]
    text = "".join(f"{line}\n" for line in (*(f"# {c}".rstrip() for c in comments), *lines))
    endpoints = () if first is None else (first.endpoint.id,)
    return Export(text, endpoints, told, tuple(variables.names))


def _why_not(client: Client, pair: Pair) -> str | None:
    if pair.endpoint.purpose != "chat":
        return f"{client.name} has no use for {pair.endpoint.purpose}"
    if client.base(pair.provider) is None:
        return (
            f"{client.name} speaks {client.wire}, a provider of type {pair.provider.type} may not; "
            "see ccw config export litellm"
        )
    return None


def _unheld(pair: Pair) -> list[str]:
    headers = pair.provider.advanced_settings.custom_headers
    gone = [f"provider {pair.provider.id}: headers {', '.join(headers)}"] if headers else []
    return [*unheld(pair), *gone]


def _lines(client: Client, pair: Pair, variables: Variables, is_set: Container[str]) -> list[str]:
    provider = pair.provider
    base = variables.text(client.base(provider) or "", provider.id, "API_BASE", _FORM)
    key = key_reference(provider, is_set)
    held = _FORM % variables.name_for(key, provider.id, "API_KEY") if key else NO_KEY
    is_own = provider.type == "anthropic"
    key_variable = client.key_variable if is_own else client.token_variable or client.key_variable
    kind = provider_type(provider.type)
    model = litellm_model(kind, pair.endpoint.model).removeprefix(f"{kind.route}/")
    words = {
        client.base_variable: _with_variables(base),
        key_variable: _with_variables(held),
        **dict.fromkeys(client.model_variables, shlex.quote(model)),
        **(client.fixed or {}),
    }
    return [f"export {name}={word}" for name, word in words.items()]


def _settings(client: Client) -> list[str]:
    if client.settings is None:
        return []
    text = json.dumps(client.settings, indent=2).splitlines()
    return [f"{client.settings_file} has to hold:", *(f"  {line}" for line in text)]


def _with_variables(value: str) -> str:
    """Return *value* for a shell: its variables in double quotes, all else as it is."""
    words = []
    end = 0
    for match in _VARIABLE.finditer(value):
        words += [_quoted(value[end : match.start()]), f'"{match[0]}"']
        end = match.end()
    return "".join([*words, _quoted(value[end:])])


def _quoted(text: str) -> str:
    return shlex.quote(text) if text else ""
