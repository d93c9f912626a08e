"""What a project has configured, as frozen values: camelCase on disk, snake_case in Python.

Unknown keys are kept, so that a file written by a newer or sibling tool survives a save.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel

from ccw.config.bases import checked_base
from ccw.config.references import references

CURRENT_VERSION = 1
EndpointId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
ProviderId = EndpointId


def _api_base(text: str) -> str | None:
    """Check what is written out; with a reference in it the address is checked when used."""
    if references(text) or not text.strip():
        return text.strip().rstrip("/") or None
    return checked_base(text)


ApiBase = Annotated[str, AfterValidator(_api_base)]
RoutingStrategy = Literal["simple-shuffle", "weighted", "latency-based", "cost-based", "least-busy"]
Purpose = Literal["chat", "embedding", "image", "speech"]
Layout = Literal["stable", "path", "overlay"]
ProviderCache = Literal["5m", "1h", "off"]
# saved as the user wrote it: 60, not 60.0
Number = Annotated[
    float, PlainSerializer(lambda x: int(x) if x == int(x) else x, Any, when_used="json")
]


class Value(BaseModel):
    """Base of all config objects: frozen, strict about types, tolerant of unknown keys."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        allow_inf_nan=False,
        extra="allow",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
        ser_json_inf_nan="constants",
        strict=True,
    )

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """Leave unknown keys out of every repr: nobody can say which of them is a secret."""
        known = type(self).model_fields
        return [pair for pair in super().__repr_args__() if pair[0] in known]


class GlobalCacheSettings(Value):
    """The context cache of this project."""

    enabled: bool = True
    cache_dir: str = Field(
        default="~/.ccw/cache/context", description="Shared by the user's projects."
    )
    max_total_size_mb: int = Field(
        default=100, ge=1, alias="maxTotalSizeMB", description="Bound of the folder, in MB."
    )


class CacheStrategy(Value):
    """How an endpoint packs and caches the files of a prompt."""

    enabled: bool = True
    ttl_minutes: Number = Field(
        default=60, gt=0, description="Life of a packed context, in minutes."
    )
    max_size_kb: Number = Field(
        default=512, gt=0, alias="maxSizeKB", description="Bound of one packed context, in KB."
    )
    file_patterns: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Which of the matched files go into the cached prefix; empty: all.",
    )
    layout: Layout = "stable"
    provider_cache: ProviderCache = "5m"


class ModelInfo(Value):
    """What the user knows about a model of a provider; overlays litellm's own map."""

    id: str
    name: str | None = None
    context_window: int | None = Field(default=None, gt=0)
    max_output_tokens: int | None = Field(default=None, gt=0)
    input_cost_per_million: Number | None = Field(default=None, ge=0)
    output_cost_per_million: Number | None = Field(default=None, ge=0)
    cache_read_cost_per_million: Number | None = Field(default=None, ge=0)
    cache_write_cost_per_million: Number | None = Field(default=None, ge=0)


class ApiKeyEntry(Value):
    """One key of a pool; `key` is kept as written, `${NAME}`."""

    id: str | None = None
    key: str = Field(default="", repr=False)
    label: str | None = None
    weight: Number = Field(default=1, ge=0)
    enabled: bool = True


class AdvancedSettings(Value):
    """Rarely needed settings of a provider; `timeout` in seconds."""

    timeout: Number | None = Field(default=None, gt=0, description="Of one call, in seconds.")
    max_retries: int | None = Field(default=None, ge=0)
    organization: str | None = None
    api_version: str | None = None
    custom_headers: dict[str, str] | None = Field(default=None, repr=False)
    rpm: int | None = Field(default=None, gt=0)
    tpm: int | None = Field(default=None, gt=0)
    proxy: str | None = Field(default=None, repr=False)
    cache_marks: bool | None = None


class ProviderCredential(Value):
    """Where models are served and with which key; `api_key` is kept as written."""

    id: ProviderId
    name: str
    type: str = Field(
        min_length=1,
        description="A type such as openai, or the name of any provider of litellm.",
    )
    api_key: str = Field(
        default="",
        repr=False,
        description="A reference, ${NAME}; empty: the usual variable of the type.",
    )
    api_base: ApiBase | None = Field(
        default=None,
        repr=False,
        description="http or https address without user name and password.",
    )
    enabled: bool = True
    advanced_settings: AdvancedSettings = AdvancedSettings()
    api_keys: tuple[ApiKeyEntry, ...] = Field(default=(), strict=False)
    routing_strategy: RoutingStrategy = "simple-shuffle"
    models: tuple[ModelInfo, ...] = Field(default=(), strict=False)
    created_at: str | None = None
    updated_at: str | None = None

    @property
    def title(self) -> str:
        """The provider as messages name it: with its id where the name is another."""
        return self.id if self.name == self.id else f"{self.name} ({self.id})"


class CustomEndpoint(Value):
    """A model of a provider under an id of the user's choice."""

    id: EndpointId
    name: str
    provider_id: str
    model: str = Field(min_length=1, description="As the provider names it.")
    description: str | None = None
    purpose: Purpose = "chat"
    cache_strategy: CacheStrategy = CacheStrategy()
    params: dict[str, Any] = Field(
        default_factory=dict,
        repr=False,
        description="Passed to the call: temperature, maxTokens, ...",
    )
    fallbacks: tuple[str, ...] = Field(default=(), strict=False)
    enabled: bool = True
    created_at: str | None = None
    updated_at: str | None = None


class LiteLLMApiConfig(Value):
    """The whole file `.ccw/storage/config/litellm-api-config.json`."""

    version: int = CURRENT_VERSION
    providers: tuple[ProviderCredential, ...] = Field(default=(), strict=False)
    endpoints: tuple[CustomEndpoint, ...] = Field(default=(), strict=False)
    default_endpoint: str | None = None
    global_cache_settings: GlobalCacheSettings = GlobalCacheSettings()


Item = TypeVar("Item", ProviderCredential, CustomEndpoint)


def by_id(items: Iterable[Item], item_id: str | None) -> Item | None:
    """Return the one of *items* with this id, None when there is none."""
    return next((item for item in items if item.id == item_id), None)
