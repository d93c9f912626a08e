"""Bars over days: figures to the places of rectangles; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

HEIGHT = 96.0
SLOT = 20.0  # of one day, its gap included
BAR = 14.0
LEAST = 1.5  # what is not nothing can be seen


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of figure, a value for each day; `name` is also that of its colour."""

    name: str
    label: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of a drawing."""

    x: float
    y: float
    width: float
    height: float
    name: str
    day: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Stacked bars in a box of `width` by `height`, which `top` stands for at full height."""

    days: tuple[str, ...]
    series: tuple[Series, ...]
    bars: tuple[Bar, ...]
    top: float
    width: float
    height: float = HEIGHT

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.bars


def chart(days: Sequence[str], series: Sequence[Series]) -> Chart:
    """Return the drawing of *series* over *days*; a negative figure counts as none."""
    stacked = [sum(max(0.0, s.values[n]) for s in series) for n in range(len(days))]
    top = max(stacked, default=0.0)
    bars = tuple(bar for n in range(len(days)) for bar in _stack(n, series, top)) if top else ()
    return Chart(tuple(days), tuple(series), bars, top, SLOT * len(days))


def days_until(today: date, number: int) -> tuple[str, ...]:
    """Return the last *number* days, *today* included, in ISO 8601."""
    return tuple((today - timedelta(days=number - 1 - n)).isoformat() for n in range(number))


def _stack(day: int, series: Sequence[Series], top: float) -> list[Bar]:
    bars, base = [], HEIGHT
    for one in series:
        value = one.values[day]
        if value <= 0:
            continue
        height = max(LEAST, round(value / top * HEIGHT, 2))
        base = round(base - height, 2)
        x = day * SLOT + (SLOT - BAR) / 2
        bars.append(Bar(x, max(0.0, base), BAR, height, one.name, day))
    return bars
