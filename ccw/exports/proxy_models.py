"""Whose model an entry of a proxy is: its type of provider, and the model as ccw names it."""

from __future__ import annotations

from collections.abc import Callable

from ccw.config.provider_types import KNOWN_TYPES, provider_type
from ccw.errors import ImportRefused
from ccw.exports.proxy_file import Entry
from ccw.exports.variables import ENVIRON
from ccw.exports.yaml_file import YamlFile

# a bare model id -> litellm's provider of it, None when nobody knows
ProviderOf = Callable[[str], str | None]
_TYPES = {
    "gemini": "google",
    "litellm_proxy": "litellm",
    "ollama": "ollama",
    "ollama_chat": "ollama",
    "text-completion-openai": "openai",
}


def type_and_model(entry: Entry, file: YamlFile, provider_of: ProviderOf) -> tuple[str, str]:
    """Return the type of provider of *entry* and its model, "*" for a wildcard.

    An `openai/` entry with an address that is not OpenAI's is of type custom.
    """
    route, model = _route(entry, file, provider_of)
    name = _TYPES.get(route, route)
    base = entry.params.api_base
    if name == "openai" and base and not provider_type("openai").owns(base.strip().rstrip("/")):
        return "custom", model
    return name, model


def _route(entry: Entry, file: YamlFile, provider_of: ProviderOf) -> tuple[str, str]:
    text, given = entry.params.model, entry.params.custom_llm_provider
    if text.startswith(ENVIRON):
        raise _unusable(entry, file, "is read from the environment; write the model itself")
    first, slash, rest = text.partition("/")
    if given:
        return given, rest if slash and first == given else text
    if slash and first and rest:
        return first, rest
    known = provider_of(text)
    if known:
        return known, text
    if entry.params.api_base:
        return "openai", text
    raise _unusable(entry, file, f"{text[:80]!r} is nobody's that is known; write PROVIDER/MODEL")


def _unusable(entry: Entry, file: YamlFile, problem: str) -> ImportRefused:
    where = ("model_list", entry.index, "litellm_params", "model")
    return file.error(
        f"model_list[{entry.index}].litellm_params.model {problem}, or leave it out with --only",
        *where,
    )


def usual_variable(type_name: str, base: str | None) -> str:
    """Return the variable for a key of that type: the usual one, where *base* may have it."""
    kind = provider_type(type_name)
    usual = kind.key_variables if kind.name in KNOWN_TYPES or base is None else ()
    if usual and kind.owns(base):
        return usual[0]
    return f"{type_name}_API_KEY".upper().replace("-", "_")
