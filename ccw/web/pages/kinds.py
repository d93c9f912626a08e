"""What the dialog of a provider says of each type, and what a failed test is called."""

from __future__ import annotations

from dataclasses import dataclass

from ccw.config.provider_types import KNOWN_TYPES, ProviderType, provider_type

LOCAL = "local"
OPTIONAL_KEY = "Optional unless proxy requires auth"
_TEXTS = {
    "litellm": ("LiteLLM", "Single gateway for multiple model providers"),
    "openai": ("OpenAI", "GPT and o-series models from OpenAI"),
    "anthropic": ("Anthropic", "Claude models from Anthropic"),
    "google": ("Google", "Gemini models from Google AI Studio"),
    "azure": ("Azure", "OpenAI models deployed at Azure"),
    "mistral": ("Mistral", "Models from Mistral AI"),
    "deepseek": ("DeepSeek", "Models from DeepSeek"),
    "openrouter": ("OpenRouter", "Many vendors behind one account"),
    "groq": ("Groq", "Open models at high speed"),
    "xai": ("xAI", "Grok models from xAI"),
    "zai": ("Z.ai", "GLM models from Z.ai"),
    "bedrock": ("Amazon Bedrock", "Models in your AWS account; its credentials are found by AWS"),
    "ollama": ("Ollama", "Models on your own machine, served by Ollama"),
    "custom": ("OpenAI-compatible", "Any server that speaks OpenAI's protocol"),
    "local": ("Embedded", "A small model inside ccw: no key, no network"),
}
_GROUPS = (
    ("Gateways and local", ("litellm", "ollama", "custom", "local")),
    (
        "Providers",
        (
            *("openai", "anthropic", "google", "azure", "bedrock", "mistral", "deepseek"),
            *("openrouter", "groq", "xai", "zai"),
        ),
    ),
)
_PREFILLED = frozenset({"litellm", "ollama"})  # whose address the user may well change
FAILURES = {
    "config": "key or address missing",
    "url": "address is none",
    "dns": "host not found",
    "refused": "nothing listens there",
    "tls": "certificate refused",
    "proxy": "proxy failed",
    "unreachable": "unreachable",
    "timeout": "no answer in time",
    "cut": "connection cut",
    "key": "key refused",
    "not_found": "wrong path",
    "limited": "rate limited",
    "redirect": "redirects elsewhere",
    "status": "server failed",
    "html": "web page, not an API",
    "not_json": "not JSON",
    "too_large": "answer too large",
    "no_list": "no model list",
    "empty": "no models",
    "untested": "not tested",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A type as the dialog offers it; `base` is its default, `prefilled` where it is written in."""

    name: str
    label: str
    description: str
    base: str
    prefilled: bool
    base_needed: bool
    key_placeholder: str


@dataclass(frozen=True, slots=True)
class NoBase:
    """What a provider without an address shows in its place; one that needs one is `bad`."""

    bad: bool
    says: str


def no_base(type_name: str) -> NoBase:
    """Return what it means that a provider of a type has no address, neither given nor usual."""
    known = provider_type(type_name)
    if known.base_needed:
        return NoBase(True, "missing: edit the provider to give one")
    return NoBase(False, "none: it runs inside ccw" if known.name == LOCAL else "known to litellm")


def label_of(type_name: str) -> str:
    """Return what people call a type; litellm's further ones by their name there."""
    return _TEXTS.get(type_name, (type_name, ""))[0]


def kind_groups() -> list[tuple[str, list[Kind]]]:
    """Return the known types, grouped as the dialog offers them."""
    return [(title, [_kind(KNOWN_TYPES[name]) for name in names]) for title, names in _GROUPS]


def _kind(known: ProviderType) -> Kind:
    label, description = _TEXTS[known.name]
    return Kind(
        name=known.name,
        label=label,
        description=description,
        base=known.default_base or "",
        prefilled=known.name in _PREFILLED,
        base_needed=known.base_needed,
        key_placeholder=_placeholder(known),
    )


def _placeholder(known: ProviderType) -> str:
    if known.name == "litellm":
        return OPTIONAL_KEY
    if known.key_optional:
        return "Optional"
    return f"${{{known.key_variables[0]}}}"
