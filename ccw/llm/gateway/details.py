"""A model as users see it: what its gateway says, completed by the user's figures and the map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from ccw.config.models import ModelInfo
from ccw.config.provider_types import ProviderType
from ccw.llm.data import model_map
from ccw.llm.gateway.parsing import Listed, parse_entry
from ccw.llm.gateway.windows import family_window
from ccw.llm.prices import PER_MILLION, ModelFacts, map_name, model_facts


@dataclass(frozen=True, slots=True)
class ModelDetails:
    """One model of a provider; windows in tokens, prices in USD per million, None: unknown.

    `context_window_estimated`: nobody told the window, it is the usual one of the family.
    """

    id: str
    name: str
    provider: str
    context_window: int | None = None
    context_window_estimated: bool = False
    max_output_tokens: int | None = None
    input_cost_per_million: float | None = None
    output_cost_per_million: float | None = None
    cache_read_cost_per_million: float | None = None
    cache_write_cost_per_million: float | None = None
    purpose: str | None = None


_FIGURES = tuple(
    field.name
    for field in fields(ModelDetails)
    if field.name.endswith("_per_million") or field.name in ("context_window", "max_output_tokens")
)


def described(
    listed: Listed, kind: ProviderType, provider_id: str, overlay: ModelInfo | None
) -> ModelDetails:
    """Return *listed* with what it leaves open: from *overlay*, litellm's map, its family."""
    facts = _facts(listed.id, kind)
    known = [listed, overlay, facts] if overlay is not None else [listed, facts]
    figures = {name: _first(known, name) for name in _FIGURES}
    found = ModelDetails(
        id=listed.id,
        name=(overlay.name if overlay else None) or listed.name or listed.id,
        provider=provider_of(listed, provider_id),
        purpose=listed.purpose or facts.purpose,
        **figures,
    )
    if found.context_window is not None:
        return found
    window = family_window(listed.id)
    return replace(found, context_window=window, context_window_estimated=window is not None)


def provider_of(listed: Listed, provider_id: str) -> str:
    """Return who made the model: the prefix of its id, its owner, else the provider."""
    prefix, slash, _ = listed.id.partition("/")
    return (prefix if slash else None) or listed.owner or provider_id


def built_in(kind: ProviderType) -> tuple[Listed, ...]:
    """Return the models of litellm's map that a provider of type *kind* serves."""
    if kind.verbatim:
        return ()  # what such a server has, nobody knows but itself
    owners = {kind.route, kind.name, f"{kind.route}_converse", kind.route.removesuffix("_chat")}
    entries = (
        _named(name, kind)
        for name, entry in model_map().items()
        if entry.get("litellm_provider") in owners and _is_callable(name, entry)
    )
    return tuple(Listed(id=name) for name in dict.fromkeys(entries))


def _is_callable(name: str, entry: Mapping[str, Any]) -> bool:
    """Tell a model from what else is priced: tools, and the tuned models that a user may have."""
    is_known = "input_cost_per_token" in entry or "max_input_tokens" in entry
    is_model = entry.get("mode") in ("chat", "responses", "embedding")
    return is_model and is_known and not name.startswith("ft:")


def _named(name: str, kind: ProviderType) -> str:
    """Return the id that the provider itself knows; regions and the like stay."""
    for route in (kind.route, kind.route.removesuffix("_chat")):
        name = name.removeprefix(f"{route}/")
    return name


@dataclass(frozen=True, slots=True)
class _Facts:
    """What litellm's map says of a model, named as in `ModelDetails`."""

    context_window: int | None
    max_output_tokens: int | None
    input_cost_per_million: float | None
    output_cost_per_million: float | None
    cache_read_cost_per_million: float | None
    cache_write_cost_per_million: float | None
    purpose: str | None


def _facts(model_id: str, kind: ProviderType) -> _Facts:
    name = map_name(model_id, kind)
    return _converted(model_facts(name), _map_purpose(name))


def _map_purpose(name: str) -> str | None:
    entries = model_map()
    entry = entries.get(name) or entries.get(name.partition("/")[2]) or {}
    parsed = parse_entry({"id": name, "mode": entry.get("mode")})
    return parsed.purpose if parsed else None


def _converted(facts: ModelFacts, purpose: str | None) -> _Facts:
    prices = facts.prices
    return _Facts(
        facts.context_window,
        facts.max_output_tokens,
        _per_million(prices.input),
        _per_million(prices.output),
        _per_million(prices.cache_read),
        _per_million(prices.cache_write_5m),
        purpose if facts != ModelFacts() else None,
    )


def _per_million(per_token: float | None) -> float | None:
    return None if per_token is None else round(per_token * PER_MILLION, 9)


def _first(known: Iterable[object], name: str) -> Any:
    found = (getattr(source, name) for source in known)
    return next((value for value in found if value is not None), None)
