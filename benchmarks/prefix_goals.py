"""What the layouts have to reach on the histories of five repositories; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

COMMITS = 150
OVERLAY = {
    "simonw/llm": 0.55,
    "encode/starlette": 0.84,
    "simonw/datasette": 0.79,
    "Aider-AI/aider": 0.89,
    "jlowin/fastmcp": 0.87,
}  # cached share of the input where the longest prefix counts
MARKED = {"stable": 0.65, "overlay": 0.95}  # cached by marks, of what the longest prefix caches


class Shares(NamedTuple):
    """The cached share of a layout's input: by the longest prefix, and by marks."""

    longest: float
    marked: float

    @property
    def ratio(self) -> float:
        """What marks find of what can be found."""
        return self.marked / self.longest if self.longest else 0.0


@dataclass(frozen=True)
class Goal:
    """What was reached, and what has to be at least."""

    name: str
    reached: float
    least: float

    @property
    def met(self) -> bool:
        """Whether it was reached."""
        return self.reached >= self.least

    def __str__(self) -> str:
        verdict = "ok" if self.met else "MISSED"
        return f"{self.name}: {self.reached:.3f} (goal {self.least:.3f}) {verdict}"


def name_of(places: Iterable[str]) -> str | None:
    """Return which of the five stands at *places*: addresses of remotes, or its folder."""
    for place in places:
        plain = place.rstrip("/").removesuffix(".git").rstrip("/")
        parts = plain.replace("+", "/").replace(":", "/").split("/")
        for name in OVERLAY:
            if name.endswith(f"/{parts[-1]}") or name in map("/".join, pairwise(parts)):
                return name
    return None


def goals_of(name: str, shares: dict[str, Shares]) -> Iterator[Goal]:
    """Yield the goals of the repository *name*; *shares* are by layout."""
    path, stable = shares["path"], shares["stable"]
    yield Goal("overlay, longest prefix", shares["overlay"].longest, OVERLAY[name])
    for layout, least in MARKED.items():
        yield Goal(f"{layout}, marked / longest", shares[layout].ratio, least)
    yield Goal("stable, longest prefix, against path", stable.longest, path.longest)
    yield Goal("stable, marked, against path", stable.marked, path.marked)
