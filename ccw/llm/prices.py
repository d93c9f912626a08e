"""What a model costs and holds: the user's own figures over litellm's map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ccw.config.models import ModelInfo
from ccw.llm.data import model_map
from ccw.llm.usage import Usage

PER_MILLION = 1_000_000
LARGE_PROMPT = 200_000  # tokens of input above which some providers have a second price list
LARGE_SUFFIX = "_above_200k_tokens"
HOUR_OVER_FIVE_MINUTES = 1.6  # Anthropic bills writes at 2 and 1.25 times fresh input


@dataclass(frozen=True, slots=True)
class Prices:
    """USD per token; None where unknown."""

    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    cache_write_5m: float | None = None
    cache_write_1h: float | None = None


FREE = Prices(0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model: windows in tokens, prices for prompts of usual and large size."""

    context_window: int | None = None
    max_output_tokens: int | None = None
    prices: Prices = Prices()
    large_prices: Prices | None = None

    def cost(self, usage: Usage) -> float | None:
        """Return the money for *usage* in USD, None when a price that it needs is unknown."""
        large = self.large_prices if usage.total_input > LARGE_PROMPT else None
        prices = large or self.prices
        return _sum(
            (usage.input, prices.input),
            (usage.cache_read, prices.cache_read),
            (usage.cache_write_5m, prices.cache_write_5m),
            (usage.cache_write_1h, prices.cache_write_1h),
            (usage.output, prices.output),
        )


def model_facts(model: str, overlay: ModelInfo | None = None) -> ModelFacts:
    """Return what is known of *model*, named with litellm's prefix; *overlay* wins by field."""
    facts = _from_entry(_entry(model))
    return facts if overlay is None else _overlaid(facts, overlay)


def _entry(model: str) -> Mapping[str, Any]:
    """Find *model* in the map under its full name, or bare where the entry is of that provider."""
    entries = model_map()
    if model in entries:
        return entries[model]
    route, _, name = model.partition("/")
    entry = entries.get(name, {})
    return entry if entry.get("litellm_provider") in (route, f"{route}_converse") else {}


def _from_entry(entry: Mapping[str, Any]) -> ModelFacts:
    large = _prices(entry, LARGE_SUFFIX)
    usual = _prices(entry)
    return ModelFacts(
        context_window=_tokens(entry.get("max_input_tokens")),
        max_output_tokens=_tokens(entry.get("max_output_tokens")),
        prices=usual,
        large_prices=None if large == Prices() else _merged(usual, large),
    )


def _prices(entry: Mapping[str, Any], suffix: str = "") -> Prices:
    write = entry.get(f"cache_creation_input_token_cost{suffix}")
    return Prices(
        input=entry.get(f"input_cost_per_token{suffix}"),
        output=entry.get(f"output_cost_per_token{suffix}"),
        cache_read=entry.get(f"cache_read_input_token_cost{suffix}"),
        cache_write_5m=write,
        cache_write_1h=entry.get(f"cache_creation_input_token_cost_above_1hr{suffix}"),
    )


def _merged(below: Prices, above: Prices) -> Prices:
    """Return *above* with its unknown prices taken from *below*."""
    known = {
        name: value for name in Prices.__slots__ if (value := getattr(above, name)) is not None
    }
    return replace(below, **known)


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
        prices=_merged(facts.prices, own),
        large_prices=None if own.input is not None else facts.large_prices,
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
