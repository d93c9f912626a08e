"""A LiteLLM proxy's `config.yaml`, parsed at the border: entries, settings, what is not read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from ccw.config.validation import parse
from ccw.exports.text import one_line
from ccw.exports.yaml_file import YamlFile

# YAML takes an unquoted 2024-10-21 for a date
Text = Annotated[str, BeforeValidator(lambda x: x.isoformat() if isinstance(x, date) else x)]
Model = TypeVar("Model", bound=BaseModel)
MAX_MODELS = 5000
_READ = ("model_list", "router_settings", "litellm_settings", "general_settings", "ccw")
_READ_SETTINGS = ("fallbacks", "default_fallbacks", "num_retries", "routing_strategy", "timeout")
_ALSO_READ = ("request_timeout",)


class Params(BaseModel):
    """The `litellm_params` of an entry; parameters of the call are the unknown fields."""

    model_config = ConfigDict(
        allow_inf_nan=False, extra="allow", frozen=True, hide_input_in_errors=True
    )

    model: str = Field(min_length=1)
    api_key: str | None = Field(default=None, repr=False)
    api_base: str | None = Field(
        default=None, repr=False, validation_alias=AliasChoices("api_base", "base_url")
    )
    api_version: Text | None = None
    organization: str | None = None
    extra_headers: dict[str, str] | None = Field(default=None, repr=False)
    custom_llm_provider: str | None = None
    rpm: int | None = Field(default=None, gt=0)
    tpm: int | None = Field(default=None, gt=0)
    timeout: float | None = Field(default=None, gt=0)
    max_retries: int | None = Field(
        default=None, ge=0, validation_alias=AliasChoices("max_retries", "num_retries")
    )
    weight: float | None = Field(default=None, ge=0)


class Info(BaseModel):
    """The `model_info` of an entry, as far as it is read."""

    model_config = ConfigDict(
        allow_inf_nan=False, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    mode: str | None = None
    max_input_tokens: int | None = Field(default=None, gt=0)
    max_output_tokens: int | None = Field(default=None, gt=0)
    input_cost_per_token: float | None = Field(default=None, ge=0)
    output_cost_per_token: float | None = Field(default=None, ge=0)
    cache_read_input_token_cost: float | None = Field(default=None, ge=0)
    cache_creation_input_token_cost: float | None = Field(default=None, ge=0)
    ccw: dict[str, Any] | None = Field(default=None, repr=False)


class Settings(BaseModel):
    """What is read of `router_settings` and `litellm_settings`."""

    model_config = ConfigDict(
        allow_inf_nan=False, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    routing_strategy: str | None = None
    num_retries: int | None = Field(default=None, ge=0)
    timeout: float | None = Field(
        default=None, gt=0, validation_alias=AliasChoices("timeout", "request_timeout")
    )
    fallbacks: list[dict[str, list[str]]] = Field(default_factory=list)
    default_fallbacks: list[str] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of `model_list`."""

    index: int
    name: str
    params: Params
    info: Info
    raw_params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ProxyFile:
    """The whole file; `own` is the section that an export of ccw has added.

    `names` are those of all models, `entries` may be fewer.
    """

    file: YamlFile
    names: frozenset[str]
    entries: tuple[Entry, ...]
    settings: Settings
    own: Mapping[str, Any]
    notes: tuple[str, ...]


def parse_proxy(file: YamlFile, only: str | None = None) -> ProxyFile:
    """Return what *file* configures; with *only*, a regular expression, some of its models.

    ImportRefused tells file and line of what is wrong.
    """
    data = _mapping(file, file.value)
    if "model_list" not in data:
        raise file.error("there is no model_list; is this the config.yaml of a LiteLLM proxy?")
    names = _names(file, data["model_list"])
    entries = (
        _entry(file, index, names[index], data["model_list"][index])
        for index in _wanted(file, names, only)
    )
    settings, notes = _settings(file, data)
    own = _section(file, data, "ccw")
    return ProxyFile(
        file, frozenset(names), tuple(entries), settings, own, (*_unread(data), *notes)
    )


def _names(file: YamlFile, models: Any) -> list[str]:
    if not isinstance(models, list):
        raise file.error("model_list: expected a list of models", "model_list")
    return [_name(file, index, item) for index, item in enumerate(models)]


def _wanted(file: YamlFile, names: Sequence[str], only: str | None) -> list[int]:
    wanted = [i for i, name in enumerate(names) if only is None or re.search(only, name)]
    if only is not None and not wanted:
        there = ", ".join(sorted(set(names))) or "none"
        raise file.error(f"no model_name matches {only!r}; there are: {there}", "model_list")
    if len(wanted) > MAX_MODELS:
        limit = f"{len(wanted)} models, of which ccw takes in {MAX_MODELS} at most"
        raise file.error(f"{limit}; choose some with --only REGEX", "model_list")
    return wanted


def _name(file: YamlFile, index: int, item: Any) -> str:
    where = ("model_list", index)
    name = _mapping(file, item, *where).get("model_name")
    if not isinstance(name, str) or not name.strip():
        raise file.error(f"model_list[{index}].model_name: expected a text", *where, "model_name")
    return name


def _entry(file: YamlFile, index: int, name: str, item: Mapping[str, Any]) -> Entry:
    where = ("model_list", index, "litellm_params")
    raw = _mapping(file, item.get("litellm_params"), *where)
    info = item.get("model_info") or {}
    place = ("model_list", index, "model_info")
    return Entry(
        index,
        name,
        _parsed(Params, file, raw, *where),
        _parsed(Info, file, {**_prices(raw), **_mapping(file, info, *place)}, *place),
        raw,
    )


def _prices(params: Mapping[str, Any]) -> dict[str, Any]:
    """Prices may stand in `litellm_params` as well."""
    return {name: value for name, value in params.items() if name in Info.model_fields}


def _settings(file: YamlFile, data: Mapping[str, Any]) -> tuple[Settings, list[str]]:
    """Return the settings, those of the router first, and notes about fallbacks without names."""
    notes, merged = [], dict[str, Any]()
    for section in ("litellm_settings", "router_settings"):
        raw = dict(_section(file, data, section))
        for name in ("fallbacks", "default_fallbacks"):
            if name in raw and not isinstance(raw[name], list):
                given = str(raw.pop(name)).lower()
                notes.append(
                    f"{section}.{name}: {given} names no models, so there are no fallbacks; "
                    "set them: ccw endpoint update ID --fallback OTHER"
                )
        _parsed(Settings, file, raw, section)
        merged.update(raw)
    return Settings.model_validate(merged), notes


def _unread(data: Mapping[str, Any]) -> Iterator[str]:
    for name, value in data.items():
        if name not in _READ:
            yield f"{name}: not imported"
        elif name.endswith("_settings") and isinstance(value, dict):
            rest = [k for k in value if k not in (*_READ_SETTINGS, *_ALSO_READ)]
            if rest:
                yield f"{name}: {', '.join(map(str, rest))} not imported"


def _section(file: YamlFile, data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return _mapping(file, data.get(name) or {}, name)


def _mapping(file: YamlFile, value: Any, *where: str | int) -> Mapping[str, Any]:
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return value
    name = "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in where).lstrip(".")
    raise file.error(f"{name or 'the file'}: expected names with values", *where)


def _parsed(model: type[Model], file: YamlFile, data: Any, *where: str | int) -> Model:
    def error(problems: str) -> Any:
        return file.error(one_line(problems), *where, re.split(r"[:.\[]", problems)[0])

    return parse(model, data, error)
