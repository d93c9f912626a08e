"""Prices per token, and what tokens cost by them: of usual prompts, and of large ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ccw.llm.usage import Usage


@dataclass(frozen=True, slots=True)
class Prices:
    """USD per token; None where unknown."""

    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    cache_write_5m: float | None = None
    cache_write_1h: float | None = None


NAMES = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
CACHED = NAMES[2:]
UNKNOWN = Prices()
FREE = Prices(0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Rates:
    """Usual prices, and those of large prompts.

    `tiers` are pairs of the tokens of input above which other prices hold, ascending, and these.
    """

    prices: Prices = UNKNOWN
    tiers: tuple[tuple[int, Prices], ...] = ()

    def above(self, tokens: int) -> Prices:
        """Return the prices of a prompt of more than *tokens* tokens, by a little."""
        found = (prices for bound, prices in reversed(self.tiers) if tokens >= bound)
        return next(found, self.prices)

    def overlaid(self, own: Prices) -> Rates:
        """Return these with the user's *own* prices over them.

        The user's price of fresh input holds for prompts of all sizes.
        """
        tiers = self.tiers if own.input is None else ()
        return Rates(
            _overlaid(self.prices, own),
            tuple((bound, _overlaid(prices, own)) for bound, prices in tiers),
        )

    def following(self, before: Rates, now: Rates) -> Rates:
        """Return these moved as others were, from what they were *before* to what they are *now*.

        Unknown where there is no ratio between the two.
        """
        return Rates(
            _followed(self.prices, before.prices, now.prices),
            tuple((b, _followed(p, before.above(b), now.above(b))) for b, p in self.tiers),
        )

    def times(self, factor: float | None) -> Rates:
        """Return all prices *factor* times as high; unknown where that is None, but for free."""
        tiers = tuple((bound, _multiplied(prices, factor)) for bound, prices in self.tiers)
        return Rates(_multiplied(self.prices, factor), tiers)


def cost(usage: Usage, prices: Prices) -> float | None:
    """Return the money for *usage* in USD, None when a price that it needs is unknown."""
    return _sum((usage.input, prices.input), *_cached(usage, prices), (usage.output, prices.output))


def saved(usage: Usage, prices: Prices) -> float | None:
    """Return what the provider's cache saved of *usage*, in USD, None when that is unknown.

    Negative after a write that nothing was read for: writing costs more than fresh input.
    """
    cached = usage.cache_read + usage.cache_write_5m + usage.cache_write_1h
    fresh, paid = _sum((cached, prices.input)), _sum(*_cached(usage, prices))
    return None if fresh is None or paid is None else fresh - paid


def merged(below: Prices, above: Prices) -> Prices:
    """Return *above* with its unknown prices taken from *below*."""
    known = {name: value for name in NAMES if (value := getattr(above, name)) is not None}
    return replace(below, **known)


def free_where(prices: Prices, usual: Prices) -> Prices:
    """Return *prices* with 0 for what is free by the *usual* ones."""
    return replace(prices, **{name: 0.0 for name in NAMES if getattr(usual, name) == 0})


def _overlaid(prices: Prices, own: Prices) -> Prices:
    return merged(_scaled(prices, own.input), own)


def _scaled(prices: Prices, fresh: float | None) -> Prices:
    """Return *prices* with those of the cache as they would be if input cost *fresh*."""
    if fresh is None or fresh == prices.input:
        return prices
    ratio = fresh / prices.input if prices.input else None
    return replace(prices, **{name: _times(getattr(prices, name), ratio) for name in CACHED})


def _followed(prices: Prices, before: Prices, now: Prices) -> Prices:
    every = [(name, getattr(prices, name)) for name in NAMES]
    return Prices(**{n: _moved(p, getattr(before, n), getattr(now, n)) for n, p in every})


def _moved(price: float | None, before: float | None, now: float | None) -> float | None:
    if before == now:
        return price
    return None if price is None or now is None or not before else price * now / before


def _multiplied(prices: Prices, factor: float | None) -> Prices:
    every = {name: getattr(prices, name) for name in NAMES}
    return Prices(
        **{n: price if price == 0 else _times(price, factor) for n, price in every.items()}
    )


def _times(price: float | None, ratio: float | None) -> float | None:
    return None if price is None or ratio is None else price * ratio


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
