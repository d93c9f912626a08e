"""The bound of a packed context: checked before its first byte is sent anywhere."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ccw.context.pack.reading import Part, Unusable
from ccw.context.pack.render import LeftOutList, header_of, quote_path
from ccw.context.scope import Skipped
from ccw.errors import ContextTooLarge

Over = Literal["fail", "drop"]
LARGEST_SHOWN = 3
_GAP = 2  # bytes of the empty line before each piece


@dataclass(frozen=True, slots=True)
class Bound:
    """At most `max_bytes` of packed text; `over` says what happens to a larger one."""

    max_bytes: int
    over: Over = "fail"


def keep_within(
    results: Iterable[Part | Unusable],
    bound: Bound,
    skipped: Sequence[Skipped] = (),
    layout: str = "path",
) -> list[Part | Unusable]:
    """Return *results*, which fit into *bound*, or with `drop` without the largest files.

    Raises ContextTooLarge. Holds no more text than the bound and one file.
    """
    budget = _Budget(bound, files=len(header_of(layout)))
    for item in skipped:
        budget.leave_out(item)
    for result in results:
        budget.add(result)
    return budget.results()


@dataclass(slots=True)
class _Budget:
    """The results so far and the length of their pack.

    `files` are the bytes of what is in, `text` those of the user's own text among them.
    """

    bound: Bound
    files: int
    text: int = 0
    kept: list[Part | Unusable] = field(default_factory=list)
    largest: list[tuple[int, str, int]] = field(default_factory=list)  # heap: -size, path, index
    out: LeftOutList = field(default_factory=LeftOutList)

    @property
    def total(self) -> int:
        """The length of the pack, with the list of what is left out."""
        return self.files + (self.out.size + _GAP if self.out.size else 0)

    def add(self, result: Part | Unusable) -> None:
        """Count one more result, and let go of what is over the bound."""
        self.kept.append(result)
        if isinstance(result, Unusable):
            self.leave_out(result.skipped)
        else:
            self.files += len(result.data) + _GAP
            if result.pinned:
                self.text += len(result.data)
            else:
                entry = (-len(result.data), result.file.path, len(self.kept) - 1)
                heapq.heappush(self.largest, entry)
        self._shrink()

    def leave_out(self, item: Skipped) -> None:
        """Count *item*, of which the end of the pack tells."""
        self.out.add(item)

    def results(self) -> list[Part | Unusable]:
        """Return what fits; raises ContextTooLarge."""
        if self.total > self.bound.max_bytes:
            raise ContextTooLarge(self._too_large())
        return self.kept

    def _shrink(self) -> None:
        """Let go of text over the bound: of the largest files, or of all when it is an error."""
        if self.total <= self.bound.max_bytes:
            return
        if self.bound.over == "fail":
            self.kept.clear()
        while self.bound.over == "drop" and self.largest and self.total > self.bound.max_bytes:
            self._drop(*heapq.heappop(self.largest))

    def _drop(self, negative_size: int, path: str, index: int) -> None:
        dropped = self.kept[index]
        reason = f"over the limit of {_kb(self.bound.max_bytes)}, {-negative_size:,} bytes itself"
        self.kept[index] = Unusable(dropped.file, reason)
        self.files += negative_size - _GAP
        self.leave_out(Skipped(path, reason))

    def _too_large(self) -> str:
        over = self.total - self.bound.max_bytes
        largest = ", ".join(
            f"{quote_path(path)} ({-size:,})"
            for size, path, _ in heapq.nsmallest(LARGEST_SHOWN, self.largest)
        )
        return (
            f"the packed context has {self.total:,} bytes, {over:,} more than the limit of "
            f"{_kb(self.bound.max_bytes)}{'; largest: ' + largest if largest else ''}; "
            f"{self._advice()}"
        )

    def _advice(self) -> str:
        raised = "raise the limit with --max-size KB or the endpoint's maxSizeKB"
        if self.text > self.bound.max_bytes:
            what = f"{self.text:,} bytes of it are the text given beside the files"
            return f"{what}: shorten that, or {raised}"
        if self.bound.over == "drop":
            return f"no more can be left out: narrow the patterns, or {raised}"
        return f"narrow the patterns, {raised}, or leave out the largest files with --over drop"


def _kb(size: int) -> str:
    return f"{round(size / 1024, 2):,g} KB"
