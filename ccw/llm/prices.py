"""What a model costs and holds: the user's own figures over litellm's map."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from ccw.config.models import ModelInfo
from ccw.config.provider_types import ProviderType, litellm_model
from ccw.llm.data import model_map
from ccw.llm.usage import Usage

PER_MILLION = 1_000_000
LARGE = re.compile(r"input_cost_per_token(_above_(\d+)k_tokens)")
HOUR_OVER_FIVE_MINUTES = 1.6  # Anthropic bills writes at 2 and 1.25 times fresh input


@dataclass(frozen=True, slots=True)
class Prices:
    """USD per token; None where unknown."""

    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    cache_write_5m: float | None = None
    cache_write_1h: float | None = None


CACHED = ("cache_read", "cache_write_5m", "cache_write_1h")
FREE = Prices(0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model: windows in tokens, prices, and those of large prompts.

    `tiers` are pairs of the tokens of input above which other prices hold, ascending, and these.
    """

    context_window: int | None = None
    max_output_tokens: int | None = None
    prices: Prices = Prices()
    tiers: tuple[tuple[int, Prices], ...] = ()

    def cost(self, usage: Usage) -> float | None:
        """Return the money for *usage* in USD, None when a price that it needs is unknown."""
        prices = self._prices_for(usage)
        return _sum(
            (usage.input, prices.input),
            *_cached(usage, prices),
            (usage.output, prices.output),
        )

    def saved(self, usage: Usage) -> float | None:
        """Return what the provider's cache saved of *usage*, in USD, None when that is unknown.

        Negative after a write that nothing was read for: writing costs more than fresh input.
        """
        prices = self._prices_for(usage)
        cached = usage.cache_read + usage.cache_write_5m + usage.cache_write_1h
        fresh, paid = _sum((cached, prices.input)), _sum(*_cached(usage, prices))
        return None if fresh is None or paid is None else fresh - paid

    def _prices_for(self, usage: Usage) -> Prices:
        above = (prices for bound, prices in reversed(self.tiers) if usage.total_input > bound)
        return next(above, self.prices)


def model_facts(model: str, *overlays: ModelInfo | None) -> ModelFacts:
    """Return what is known of *model*, named with litellm's prefix.

    Each of the *overlays* wins by field over those before it. Where it gives the price of fresh
    input but none of the cache, the latter keep their ratio to it.
    """
    facts = _listed(model)
    for overlay in filter(None, overlays):
        facts = _overlaid(facts, overlay)
    return facts


@lru_cache(maxsize=256)
def _listed(model: str) -> ModelFacts:
    return _from_entry(_entry(model))


def map_name(model: str, kind: ProviderType) -> str:
    """Return the name under which litellm's map has *model* of a provider of type *kind*.

    A gateway's models often bear the names that they have elsewhere: `openai/gpt-4o`.
    """
    names = [litellm_model(kind, model)]
    if kind.name == "litellm":
        names.insert(0, model)
    elif kind.route == "ollama_chat":
        names.append(f"ollama/{model}")
    return next((name for name in names if _entry(name)), names[0])


def _entry(model: str) -> Mapping[str, Any]:
    """Find *model* in the map under its full name, or bare where the entry is of that provider."""
    entries = model_map()
    if model in entries:
        return entries[model]
    route, _, name = model.partition("/")
    entry = entries.get(name, {})
    return entry if entry.get("litellm_provider") in (route, f"{route}_converse") else {}


def _from_entry(entry: Mapping[str, Any]) -> ModelFacts:
    usual = _prices(entry)
    return ModelFacts(
        context_window=_tokens(entry.get("max_input_tokens")),
        max_output_tokens=_tokens(entry.get("max_output_tokens")),
        prices=usual,
        tiers=_tiers(entry, usual),
    )


def _tiers(entry: Mapping[str, Any], usual: Prices) -> tuple[tuple[int, Prices], ...]:
    named = filter(None, map(LARGE.fullmatch, entry))
    found = {int(match[2]) * 1000: _prices(entry, match[1]) for match in named}
    return tuple((bound, _merged(usual, found[bound])) for bound in sorted(found))


def _prices(entry: Mapping[str, Any], suffix: str = "") -> Prices:
    write = entry.get(f"cache_creation_input_token_cost{suffix}")
    return Prices(
        input=entry.get(f"input_cost_per_token{suffix}"),
        output=entry.get(f"output_cost_per_token{suffix}"),
        cache_read=entry.get(
            f"cache_read_input_token_cost{suffix}",
            entry.get(f"input_cost_per_token_cache_hit{suffix}"),
        ),
        cache_write_5m=write,
        cache_write_1h=entry.get(f"cache_creation_input_token_cost_above_1hr{suffix}"),
    )


def _merged(below: Prices, above: Prices) -> Prices:
    """Return *above* with its unknown prices taken from *below*."""
    known = {
        name: value for name in Prices.__slots__ if (value := getattr(above, name)) is not None
    }
    return replace(below, **known)


def _scaled(prices: Prices, fresh: float | None) -> Prices:
    """Return *prices* with those of the cache as they would be if input cost *fresh*."""
    if fresh is None or fresh == prices.input:
        return prices
    ratio = fresh / prices.input if prices.input else None
    return replace(prices, **{name: _times(getattr(prices, name), ratio) for name in CACHED})


def _times(price: float | None, ratio: float | None) -> float | None:
    return None if price is None or ratio is None else price * ratio


def _overlaid(facts: ModelFacts, overlay: ModelInfo) -> ModelFacts:
    write = _per_token(overlay.cache_write_cost_per_million)
    own = Prices(
        input=_per_token(overlay.input_cost_per_million),
        output=_per_token(overlay.output_cost_per_million),
        cache_read=_per_token(overlay.cache_read_cost_per_million),
        cache_write_5m=write,
        cache_write_1h=write and write * HOUR_OVER_FIVE_MINUTES,
    )
    return ModelFacts(
        context_window=overlay.context_window or facts.context_window,
        max_output_tokens=overlay.max_output_tokens or facts.max_output_tokens,
        prices=_merged(_scaled(facts.prices, own.input), own),
        tiers=() if own.input is not None else _overlaid_tiers(facts.tiers, own),
    )


def _overlaid_tiers(
    tiers: tuple[tuple[int, Prices], ...], own: Prices
) -> tuple[tuple[int, Prices], ...]:
    return tuple((bound, _merged(prices, own)) for bound, prices in tiers)


def _cached(usage: Usage, prices: Prices) -> tuple[tuple[int, float | None], ...]:
    return (
        (usage.cache_read, prices.cache_read),
        (usage.cache_write_5m, prices.cache_write_5m),
        (usage.cache_write_1h, prices.cache_write_1h),
    )


def _sum(*parts: tuple[int, float | None]) -> float | None:
    total = 0.0
    for tokens, price in parts:
        if not tokens:
            continue
        if price is None:
            return None
        total += tokens * price
    return total


def _tokens(value: object) -> int | None:
    """The map holds a few windows as text or float."""
    return int(value) if isinstance(value, (int, float)) and value > 0 else None


def _per_token(per_million: float | None) -> float | None:
    return None if per_million is None else per_million / PER_MILLION
