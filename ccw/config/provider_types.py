"""What is known about each type of provider: its route in litellm, its usual key, its hosts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ccw.config.bases import host_of


@dataclass(frozen=True, slots=True)
class ProviderType:
    """One type of provider.

    `key_variables` are looked at in order when `apiKey` is empty, but only for a base on one of
    `hosts` ("*" for any); `default_base` None means that litellm knows the address or, with
    `base_needed`, that the user has to give it. `verbatim`: model ids go over the wire as written.
    `models`: all that there are, where that is known.
    """

    name: str
    route: str
    key_variables: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    default_base: str | None = None
    key_optional: bool = False
    base_needed: bool = False
    verbatim: bool = False
    models: tuple[str, ...] = ()

    @property
    def takes_query(self) -> bool:
        """Whether a base may have a query: calls of other types may go out without it.

        Bedrock's requests are signed before it could be added.
        """
        return self.name in KNOWN_TYPES and self.name != "bedrock"

    def owns(self, base: str | None) -> bool:
        """Tell whether the usual key may be sent to *base* (None: the type's own)."""
        if base is None or base == self.default_base or self.hosts == ("*",):
            return True
        host = host_of(base)
        return base.startswith("https://") and any(fnmatchcase(host, own) for own in self.hosts)


_TYPES = (
    ProviderType(
        "openai", "openai", ("OPENAI_API_KEY",), ("api.openai.com",), "https://api.openai.com/v1"
    ),
    ProviderType(
        "anthropic",
        "anthropic",
        ("ANTHROPIC_API_KEY",),
        ("api.anthropic.com",),
        "https://api.anthropic.com",
    ),
    ProviderType(
        "google",
        "gemini",
        ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
        ("generativelanguage.googleapis.com",),
        "https://generativelanguage.googleapis.com/v1beta",
    ),
    ProviderType(
        "azure",
        "azure",
        ("AZURE_API_KEY",),
        ("*.openai.azure.com", "*.cognitiveservices.azure.com"),
        base_needed=True,
    ),
    ProviderType(
        "mistral", "mistral", ("MISTRAL_API_KEY",), ("api.mistral.ai",), "https://api.mistral.ai/v1"
    ),
    ProviderType(
        "deepseek",
        "deepseek",
        ("DEEPSEEK_API_KEY",),
        ("api.deepseek.com",),
        "https://api.deepseek.com/beta",
    ),
    ProviderType(
        "openrouter",
        "openrouter",
        ("OPENROUTER_API_KEY",),
        ("openrouter.ai",),
        "https://openrouter.ai/api/v1",
    ),
    ProviderType(
        "groq", "groq", ("GROQ_API_KEY",), ("api.groq.com",), "https://api.groq.com/openai/v1"
    ),
    ProviderType("xai", "xai", ("XAI_API_KEY",), ("api.x.ai",), "https://api.x.ai/v1"),
    ProviderType("zai", "zai", ("ZAI_API_KEY",), ("api.z.ai",), "https://api.z.ai/api/paas/v4"),
    # AWS finds its own credentials (profile, role); a key is a Bedrock bearer token
    ProviderType("bedrock", "bedrock", ("AWS_BEARER_TOKEN_BEDROCK",), key_optional=True),
    ProviderType("ollama", "ollama_chat", default_base="http://localhost:11434", key_optional=True),
    ProviderType(
        "litellm",
        "openai",
        ("LITELLM_API_KEY",),
        ("*",),
        "http://localhost:4000",
        key_optional=True,
        verbatim=True,
    ),
    ProviderType("custom", "openai", key_optional=True, base_needed=True, verbatim=True),
    ProviderType("local", "openai", key_optional=True, verbatim=True, models=("smollm2",)),
)
KNOWN_TYPES = {kind.name: kind for kind in _TYPES}
# further providers of litellm that find their credentials themselves, or need none
_KEYLESS = frozenset(
    {"vertex_ai", "sagemaker", "sagemaker_chat", "hosted_vllm", "lm_studio", "llamafile", "vllm"}
    | {"ollama_chat", "petals", "xinference", "docker_model_runner", "github_copilot"}
)


def provider_type(name: str) -> ProviderType:
    """Return what is known about *name*; any other name is litellm's provider of that name."""
    known = KNOWN_TYPES.get(name)
    if known is not None:
        return known
    variable = re.sub(r"[^A-Za-z0-9]", "_", name).upper() + "_API_KEY"
    return ProviderType(name, name, (variable,), key_optional=name in _KEYLESS)


def litellm_model(kind: ProviderType, model: str) -> str:
    """Return litellm's name for *model* of a provider of type *kind*.

    A model that already bears the prefix of its type, or of its route, is not given it twice.
    A server that is only spoken to in OpenAI's way gets the model id as the user wrote it, so
    there the prefix, which litellm takes off again, is always added.
    """
    prefixes = () if kind.verbatim else (f"{kind.route}/", f"{kind.name}/")
    borne = next((prefix for prefix in prefixes if model.startswith(prefix)), "")
    return f"{kind.route}/{model.removeprefix(borne)}"
