"""Amounts of USD as text."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal


def dollars(amount: float, places: int | None = None) -> str:
    """Return *amount* of USD as text: to so many decimal places, else with what matters of it."""
    sign, amount = ("-" if amount < 0 else ""), abs(amount)
    if places is not None:
        return f"{sign}${amount:,.{places}f}"
    if amount == 0:
        return "$0"
    return f"{sign}${amount:,.2f}" if amount >= 0.995 else f"{sign}${_two_figures(amount)}"


def at_most(amount: float) -> str:
    """Return an upper bound in USD as `dollars` does, rounded up: what is shown is enough."""
    exact = Decimal(str(amount))
    cents = Decimal("0.01") if exact >= 1 else Decimal(1).scaleb(exact.adjusted() - 1)
    return dollars(float(exact.quantize(cents, ROUND_CEILING)) if amount else 0)


def in_full(amount: float) -> str:
    """Return an amount that somebody typed, as it was typed: $0.00001 and not $1e-05."""
    return f"${Decimal(str(amount)).normalize():f}"


def _two_figures(amount: float) -> str:
    """Return *amount* to two figures, with all its zeros: 0.000020 and not 2e-05."""
    return f"{Decimal(f'{amount:#.2g}'):f}"
