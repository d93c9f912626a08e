"""Where a program that is no litellm finds the models of a provider, by the wire it speaks."""

from __future__ import annotations

import re

from ccw.config.models import ProviderCredential
from ccw.config.provider_types import provider_type

# types whose servers speak OpenAI's chat wire at their base, or at /v1 below it
_CHAT = frozenset({"openai", "mistral", "deepseek", "openrouter", "groq", "xai", "zai", "custom"})
_CHAT_BELOW = frozenset({"litellm", "ollama"})
# of these also OpenAI's newer wire, /v1/responses
_RESPONSES = frozenset({"openai", "openrouter", "groq", "xai", "custom", "litellm", "ollama"})
_VERSION = re.compile(r"/v\d+[a-z0-9]*$")


def chat_base(provider: ProviderCredential) -> str | None:
    """Return the base of OpenAI's chat wire, as its clients want it; None where there is none."""
    if provider.type in _CHAT:
        return _base(provider)
    if provider.type in _CHAT_BELOW:
        return _versioned(_base(provider), "/v1")
    return None


def responses_base(provider: ProviderCredential) -> str | None:
    """Return the base of OpenAI's responses wire, None where the server may not speak it."""
    return chat_base(provider) if provider.type in _RESPONSES else None


def anthropic_root(provider: ProviderCredential) -> str | None:
    """Return the address that Anthropic's clients add /v1/messages to, None where there is none."""
    base = _base(provider) if provider.type in ("anthropic", "litellm") else None
    return base.removesuffix("/v1") if base else None


def gemini_root(provider: ProviderCredential) -> str | None:
    """Return the address that Gemini's clients add /v1beta to, None where there is none."""
    base = _base(provider) if provider.type in ("google", "litellm") else None
    return _VERSION.sub("", base) if base else None


def _base(provider: ProviderCredential) -> str | None:
    return provider.api_base or provider_type(provider.type).default_base


def _versioned(base: str | None, version: str) -> str | None:
    if base is None or _VERSION.search(base):
        return base
    return f"{base}{version}"
