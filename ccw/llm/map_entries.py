"""What an entry of litellm's map of models says of prices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ccw.llm.rates import NAMES, UNKNOWN, Prices, Rates, merged

# The service tiers that the map prices, and by which of its names.
SERVICES = {
    "flex": "flex",
    "balanced": "balanced",
    "priority": "priority",
    "fast": "priority",
    "ultrafast": "ultrafast",
}
REGIONAL = re.compile(r"regional_(?:processing|endpoint)_uplift_multiplier(?:_[a-z]+)?")
LARGE = re.compile(r"input_cost_per_token_above_(\d+)k_tokens(_[a-z]+)?")


def services_of(entry: Mapping[str, Any]) -> Iterator[tuple[str, Rates]]:
    """Yield the service tiers that *entry* prices, by the map's name for them, with these."""
    for name in dict.fromkeys(SERVICES.values()):
        rates = rates_of(entry, f"_{name}")
        if rates.prices != UNKNOWN:
            yield name, rates


def rates_of(entry: Mapping[str, Any], service: str = "") -> Rates:
    """Return the prices of a *service* as the map's names end in it: `_flex`, "" for the usual.

    Where large prompts have a usual price of their own, that of a service is no longer known.
    """
    prices = _prices(entry, service)
    named = filter(None, map(LARGE.fullmatch, entry))
    tiers = []
    for thousands in sorted({int(match[1]) for match in named if match[2] in (None, service)}):
        large = f"_above_{thousands}k_tokens"
        below = _without(prices, _prices(entry, large)) if service else prices
        tiers.append((thousands * 1000, merged(below, _prices(entry, f"{large}{service}"))))
    return Rates(prices, tuple(tiers))


def factors_of(entry: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield the names of what makes a call dearer, each with how many times the price is due.

    Places and speeds are Anthropic's, others say other things there; regions are OpenAI's and
    Google's.
    """
    for name, factor in entry.items():
        if REGIONAL.fullmatch(name) and isinstance(factor, int | float):
            yield name, float(factor)
    if entry.get("litellm_provider") == "anthropic":
        for name, factor in entry.get("provider_specific_entry", {}).items():
            if isinstance(factor, int | float):
                yield name, float(factor)


def _without(prices: Prices, others: Prices) -> Prices:
    """Return *prices* but for those that the *others* know."""
    return replace(prices, **{n: None for n in NAMES if getattr(others, n) is not None})


def _prices(entry: Mapping[str, Any], suffix: str = "") -> Prices:
    return Prices(
        input=entry.get(f"input_cost_per_token{suffix}"),
        output=entry.get(f"output_cost_per_token{suffix}"),
        cache_read=entry.get(
            f"cache_read_input_token_cost{suffix}",
            entry.get(f"input_cost_per_token_cache_hit{suffix}"),
        ),
        cache_write_5m=entry.get(f"cache_creation_input_token_cost{suffix}"),
        cache_write_1h=entry.get(f"cache_creation_input_token_cost_above_1hr{suffix}"),
    )
