"""Where config and llm meet without a prompt: which providers could be used at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ccw.config.first import Choice, endpoint_id_for
from ccw.config.provider_types import KNOWN_TYPES, ProviderType, provider_type
from ccw.config.references import unset_variables
from ccw.config.resolve import require_trust
from ccw.errors import UsageError
from ccw.llm.gateway.presence import is_litellm, is_ollama, model_ids
from ccw.llm.local.model import MODEL_ID, has_engine, is_installed

# a good general model of each type; a test finds each in litellm's map
DEFAULT_MODELS = {
    "openai": "gpt-6.1-sol",
    "anthropic": "claude-sonnet-5-5",
    "google": "gemini-pro-latest",
    "mistral": "mistral-large-latest",
    "deepseek": "deepseek-v4-pro",
    "openrouter": "openai/gpt-oss-120b",
    "groq": "openai/gpt-oss-120b",
    "xai": "grok-4.7",
    "zai": "glm-5.3",
    "bedrock": "global.anthropic.claude-sonnet-5-5",
    "local": MODEL_ID,
}
LITELLM_BASE = KNOWN_TYPES["litellm"].default_base or ""
OLLAMA_BASE = KNOWN_TYPES["ollama"].default_base or ""


@dataclass(frozen=True, slots=True)
class Found:
    """A provider that could be used at once; *model* None means that it has to be asked for."""

    type: str
    reason: str
    model: str | None
    api_key: str = ""  # a reference, never a value
    api_base: str | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the user wants of a first configuration; None means to take what is found."""

    type: str | None = None
    model: str | None = None
    endpoint_id: str | None = None
    provider_id: str | None = None
    name: str | None = None
    api_key_env: str | None = None
    api_base: str | None = None
    default: bool | None = None


def look_around(
    environ: Mapping[str, str],
    *,
    litellm_base: str = LITELLM_BASE,
    ollama_base: str = OLLAMA_BASE,
) -> list[Found]:
    """Return what could be used: set keys first, then gateways on loopback, the embedded model."""
    return [
        *_by_key(environ),
        *_litellm(environ, litellm_base),
        *_ollama(ollama_base),
        Found("local", "the embedded model: small, needs no key", MODEL_ID),
    ]


def _by_key(environ: Mapping[str, str]) -> Iterator[Found]:
    for kind in KNOWN_TYPES.values():
        variable = key_variable(kind, environ)
        if variable and kind.name != "litellm":  # its key alone does not tell where it is
            model = DEFAULT_MODELS.get(kind.name)
            yield Found(kind.name, f"{variable} is set", model, f"${{{variable}}}")


def choose(wanted: Preferences, found: Sequence[Found]) -> tuple[Choice, str]:
    """Return what to configure and why; UsageError names the option that is missing."""
    one = best_match(wanted, found)
    kind = provider_type(one.type)
    base = (wanted.api_base or one.api_base or "").rstrip("/") or None
    model = wanted.model or (one.model if _serves_same(one, base) else None)
    if kind.base_needed and base is None:
        raise UsageError(f"type {kind.name} needs its address; add --api-base URL")
    if not model:
        raise UsageError(f"no model of {kind.name} is known to take; add --model MODEL")
    choice = Choice(
        type=kind.name,
        model=model,
        provider_id=wanted.provider_id or kind.name,
        endpoint_id=wanted.endpoint_id or endpoint_id_for(kind.name, model),
        name=wanted.name,
        api_key=_key_reference(wanted, one, kind, base),
        api_base=base,
        default=wanted.default,
    )
    return choice, one.reason


def best_match(wanted: Preferences, found: Sequence[Found]) -> Found:
    """Return the first of *found* that suits, or what is known about the type wished for."""
    type_ = wanted.type or ("custom" if wanted.api_base else None)
    if type_ is None:
        return next(f for f in found if f.model or wanted.model)
    known = next((f for f in found if f.type == type_), None)
    if known is not None:
        return known
    kind = provider_type(type_)
    key = f"${{{kind.key_variables[0]}}}" if kind.key_variables and not kind.key_optional else ""
    return Found(type_, "asked for", DEFAULT_MODELS.get(type_), key)


def _serves_same(one: Found, base: str | None) -> bool:
    """A gateway's list of models says nothing about another gateway."""
    return one.api_base is None or one.api_base == base


def _key_reference(wanted: Preferences, one: Found, kind: ProviderType, base: str | None) -> str:
    name = wanted.api_key_env
    if name is None:
        return one.api_key if kind.owns(base) else ""  # the usual key is not for other hosts
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise UsageError("--api-key-env takes the name of a variable, not a key; export it first")
    return f"${{{name}}}"


def key_variable(kind: ProviderType, environ: Mapping[str, str]) -> str | None:
    """Return the first of the type's usual key variables that is set."""
    return next((name for name in kind.key_variables if environ.get(name)), None)


def _litellm(environ: Mapping[str, str], default_base: str) -> Iterator[Found]:
    chosen = environ.get("LITELLM_BASE_URL", "")
    base = (chosen or default_base).rstrip("/")
    if not chosen and not is_litellm(base):
        return
    if chosen:
        from ccw.config.trust.wishes import gateway_of_variables

        require_trust(gateway_of_variables(), environ)  # a `.env` may have set the address
    key = environ.get("LITELLM_API_KEY", "")
    listing_key = key if chosen else ""  # not to whoever happens to listen at the usual port
    yield Found(
        "litellm",
        "LITELLM_BASE_URL is set" if chosen else f"a LiteLLM proxy answers at {base}",
        next(iter(model_ids(base.removesuffix("/v1"), listing_key)), None),
        "${LITELLM_API_KEY}" if key else "",
        "${LITELLM_BASE_URL}" if chosen else base,
    )


def _ollama(base: str) -> Iterator[Found]:
    if is_ollama(base):
        model = next(iter(model_ids(base)), None)
        yield Found("ollama", f"Ollama answers at {base}", model, api_base=base)


def next_steps(choice: Choice, environ: Mapping[str, str], home: Path) -> list[str]:
    """Return what to type until the chosen endpoint answers; *home* is the user's ccw folder."""
    kind = provider_type(choice.type)
    steps = [f"export {name}=..." for name in unset_variables(choice.api_key, environ)]
    if not choice.api_key and not kind.key_optional:
        update = f"ccw provider update {choice.provider_id}"
        steps.append(f"{update} --api-key-env NAME (a key for {choice.api_base})")
    if kind.name == "local" and not has_engine():
        steps.append("pip install 'ccw[local]'")
    if kind.name == "local" and not is_installed(home):
        steps.append("ccw local install")
    return [*steps, f'ccw cli --model {choice.endpoint_id} -p "Say hello"']
