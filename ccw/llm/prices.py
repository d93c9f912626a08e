"""What a model costs and holds: the user's own figures over litellm's map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from ccw.config.models import ModelInfo
from ccw.config.provider_types import ProviderType, litellm_model
from ccw.llm.data import model_map
from ccw.llm.map_entries import SERVICES, factors_of, rates_of, services_of
from ccw.llm.rates import FREE as FREE
from ccw.llm.rates import UNKNOWN, Rates, cost, free_where, saved
from ccw.llm.rates import Prices as Prices
from ccw.llm.terms import AUTO, FAST, USUAL, Terms
from ccw.llm.usage import Usage

PER_MILLION = 1_000_000
HOUR_OVER_FIVE_MINUTES = 1.6  # Anthropic bills writes at 2 and 1.25 times fresh input


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model: windows in tokens, prices, and those of large prompts.

    `tiers` are pairs of the tokens of input above which other prices hold, ascending, and these.
    `services` are the prices of service tiers by the map's name for them, `factors` how many times
    the price is that of a place (`us`), a speed (`fast`) or a region.
    """

    context_window: int | None = None
    max_output_tokens: int | None = None
    prices: Prices = UNKNOWN
    tiers: tuple[tuple[int, Prices], ...] = ()
    services: tuple[tuple[str, Rates], ...] = ()
    factors: tuple[tuple[str, float], ...] = ()

    def on(self, terms: Terms) -> ModelFacts:
        """Return what holds on *terms*: prices that are known for these alone.

        On `auto` they are the usual ones where no service tier has others, else unknown.
        """
        if terms.usual:
            return self
        rates = self._served(terms.tier).times(self._factor(terms))
        return replace(self, prices=rates.prices, tiers=rates.tiers, services=(), factors=())

    def cost(self, usage: Usage) -> float | None:
        """Return the money for *usage* in USD, None when a price that it needs is unknown."""
        return cost(usage, self._prices_for(usage))

    def most(self, usage: Usage, terms: Terms) -> float | None:
        """Return what *usage* costs at most on *terms*: on `auto` by the dearest tier, in USD."""
        if terms.tier != AUTO:
            return self.on(terms).cost(usage)
        names = (USUAL, *(name for name, _ in self.services))
        costs = [self.on(replace(terms, tier=name)).cost(usage) for name in names]
        known = [cost for cost in costs if cost is not None]
        return max(known) if len(known) == len(costs) else None

    def saved(self, usage: Usage) -> float | None:
        """Return what the provider's cache saved of *usage*, in USD, None when that is unknown.

        Negative after a write that nothing was read for: writing costs more than fresh input.
        """
        return saved(usage, self._prices_for(usage))

    def _prices_for(self, usage: Usage) -> Prices:
        above = (prices for bound, prices in reversed(self.tiers) if usage.total_input > bound)
        return next(above, self.prices)

    def _served(self, tier: str | None) -> Rates:
        usual = Rates(self.prices, self.tiers)
        if tier in (None, USUAL):
            return usual
        if tier == AUTO and all(rates == usual for _, rates in self.services):
            return usual
        found = dict(self.services).get(SERVICES.get(tier or "", ""), Rates())
        bounds = dict.fromkeys(bound for rates in (usual, found) for bound, _ in rates.tiers)
        return Rates(
            free_where(found.prices, usual.prices),
            tuple((b, free_where(found.above(b), usual.above(b))) for b in sorted(bounds)),
        )

    def _factor(self, terms: Terms) -> float | None:
        """Return how many times the usual price is due, None where that is unknown."""
        known = dict(self.factors)
        factor = known.get(terms.region or "", 1.0)
        for name in (terms.geo, FAST if terms.speed == FAST else None):
            if name in (None, USUAL):
                continue
            if name not in known:
                return None
            factor *= known[name]
        return factor


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
    usual = rates_of(entry)
    return ModelFacts(
        context_window=_tokens(entry.get("max_input_tokens")),
        max_output_tokens=_tokens(entry.get("max_output_tokens")),
        prices=usual.prices,
        tiers=usual.tiers,
        services=tuple(services_of(entry)),
        factors=tuple(factors_of(entry)),
    )


def _overlaid(facts: ModelFacts, overlay: ModelInfo) -> ModelFacts:
    usual = Rates(facts.prices, facts.tiers)
    now = usual.overlaid(_own(overlay))
    return ModelFacts(
        context_window=overlay.context_window or facts.context_window,
        max_output_tokens=overlay.max_output_tokens or facts.max_output_tokens,
        prices=now.prices,
        tiers=now.tiers,
        services=tuple((name, rates.following(usual, now)) for name, rates in facts.services),
        factors=facts.factors,
    )


def _own(overlay: ModelInfo) -> Prices:
    write = _per_token(overlay.cache_write_cost_per_million)
    return Prices(
        input=_per_token(overlay.input_cost_per_million),
        output=_per_token(overlay.output_cost_per_million),
        cache_read=_per_token(overlay.cache_read_cost_per_million),
        cache_write_5m=write,
        cache_write_1h=write and write * HOUR_OVER_FIVE_MINUTES,
    )


def _tokens(value: object) -> int | None:
    """The map holds a few windows as text or float."""
    return int(value) if isinstance(value, (int, float)) and value > 0 else None


def _per_token(per_million: float | None) -> float | None:
    return None if per_million is None else per_million / PER_MILLION
