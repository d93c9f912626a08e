"""The lists of models that gateways give, in all their shapes, to one shape. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ccw.config.models import Value
from ccw.llm.prices import PER_MILLION

LONGEST_ID = 512
_IDS = ("id", "model_name", "model_group", "model", "name")
_NAMES = ("display_name", "displayName", "name")
# LiteLLM's and Anthropic's, OpenRouter's, Groq's, vLLM's, Mistral's and LM Studio's, Gemini's
_WINDOWS = (
    "max_input_tokens",
    "context_length",
    "context_window",
    "max_model_len",
    "max_context_length",
    "inputTokenLimit",
)
_OUTPUTS = ("max_output_tokens", "max_completion_tokens", "outputTokenLimit")
# field: LiteLLM's name in USD per token, OpenRouter's below "pricing"
_PRICES = {
    "input_cost_per_million": ("input_cost_per_token", "prompt"),
    "output_cost_per_million": ("output_cost_per_token", "completion"),
    "cache_read_cost_per_million": ("cache_read_input_token_cost", "input_cache_read"),
    "cache_write_cost_per_million": ("cache_creation_input_token_cost", "input_cache_write"),
}
# what gateways call a use of a model, to ccw's purposes; others stay as they are
_PURPOSES = {
    "audio_speech": "speech",
    "completion": "chat",
    "embeddings": "embedding",
    "image_generation": "image",
    "llm": "chat",
    "responses": "chat",
    "vlm": "chat",
}
_GEMINI_METHODS = {
    "generateContent": "chat",
    "embedContent": "embedding",
    "predict": "image",
}


class Listed(Value):
    """A model as its gateway lists it; None where the gateway says nothing. Prices in USD.

    `serves` are the models that answer under this name, or whose they are.
    """

    id: str
    name: str | None = None
    owner: str | None = None
    context_window: int | None = None
    max_output_tokens: int | None = None
    input_cost_per_million: float | None = None
    output_cost_per_million: float | None = None
    cache_read_cost_per_million: float | None = None
    cache_write_cost_per_million: float | None = None
    purpose: str | None = None
    serves: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The models of one answer, each id once, and how many of its entries could not be read."""

    models: tuple[Listed, ...]
    skipped: int = 0


def parse_listing(data: Any) -> Listing | None:
    """Return the models in `{data: [...]}`, `{models: [...]}` or a bare array.

    None when *data* holds no list at all; null stands for an empty one, as some servers write it.
    """
    entries = _entries(data)
    if entries is None:
        return None
    models = [parse_entry(entry) for entry in entries]
    return joined(models)


def joined(models: Iterable[Listed | None]) -> Listing:
    """Return *models* with each id once, the first; None stands for what could not be read."""
    every = list(models)
    once: dict[str, Listed] = {}
    for model in filter(None, every):
        first = once.setdefault(model.id, model)
        if first is not model and model.serves:
            serves = dict.fromkeys((*(first.serves or ()), *model.serves))
            once[model.id] = first.model_copy(update={"serves": tuple(serves)})
    return Listing(tuple(once.values()), every.count(None))


def parse_entry(entry: Any) -> Listed | None:
    """Return the model of one entry, an object or its id alone; None when it has no usable id."""
    if isinstance(entry, str):
        return Listed(id=entry) if _is_id(entry) else None
    if not isinstance(entry, dict):
        return None
    model_id = next((entry[name] for name in _IDS if name in entry), None)
    if not isinstance(model_id, str) or not _is_id(model_id.removeprefix("models/")):
        return None
    info = _flat(entry)
    return Listed(
        id=model_id.removeprefix("models/"),  # Gemini's
        name=_text(entry, _NAMES, but=model_id),
        owner=_text(entry, ("owned_by",)),
        context_window=_tokens(info, _WINDOWS),
        max_output_tokens=_tokens(info, _OUTPUTS),
        purpose=_purpose(info),
        serves=_serves(entry, info),
        **{field: _price(info, names) for field, names in _PRICES.items()},
    )


def _serves(entry: Mapping[str, Any], info: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return what a LiteLLM proxy says: of a deployment its model, of a group whose they are."""
    params, group = entry.get("litellm_params"), info.get("providers")
    own = params.get("model") if isinstance(params, dict) else info.get("litellm_provider")
    names = [own] if own else group if isinstance(group, list) else []
    return tuple(name for name in names if isinstance(name, str) and _is_id(name)) or None


def _entries(data: Any) -> list[Any] | None:
    if isinstance(data, list):
        return data
    if not isinstance(data, dict):
        return None
    for name in ("data", "models"):
        if isinstance(data.get(name), list):
            return list(data[name])
    return [] if "data" in data or "models" in data else None


def _flat(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return *entry* with what LiteLLM and OpenRouter put one level deeper; the inner wins."""
    inner = (entry.get(name) for name in ("pricing", "top_provider", "model_info"))
    result = dict(entry)
    for part in inner:
        if isinstance(part, dict):
            result |= {name: value for name, value in part.items() if value is not None}
    return result


def _is_id(text: str) -> bool:
    return 0 < len(text) <= LONGEST_ID and text.isprintable() and text == text.strip()


def _text(entry: Mapping[str, Any], names: Iterable[str], but: str = "") -> str | None:
    """Return the first printable text under *names* that says more than *but*."""
    found = (entry.get(name) for name in names)
    usable = (text for text in found if isinstance(text, str) and _is_id(text) and text != but)
    return next(usable, None)


def _tokens(info: Mapping[str, Any], names: Iterable[str]) -> int | None:
    return next((number for name in names if (number := count(info.get(name)))), None)


def count(value: Any) -> int | None:
    """Return *value* as a number of tokens, None when it is none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and 1 <= value < 1e12 else None


def _price(info: Mapping[str, Any], names: Iterable[str]) -> float | None:
    """Return USD per million; OpenRouter writes numbers as text, and -1 for "it depends"."""
    for name in names:
        value = info.get(name)
        if value is None or isinstance(value, bool):
            continue
        try:
            price = float(value)
        except (OverflowError, TypeError, ValueError):
            continue
        if 0 <= price < 1e6:
            return round(price * PER_MILLION, 9)
    return None


def _purpose(info: Mapping[str, Any]) -> str | None:
    methods = info.get("supportedGenerationMethods")
    if isinstance(methods, list):
        return next((use for name, use in _GEMINI_METHODS.items() if name in methods), "other")
    capabilities = info.get("capabilities")  # Mistral's
    if isinstance(capabilities, dict) and capabilities.get("completion_chat") is True:
        return "chat"
    mode = _text(info, ("mode",)) or _text(info, ("type",), but="model")
    return None if mode is None else _PURPOSES.get(mode, mode)
