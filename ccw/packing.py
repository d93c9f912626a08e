"""What packed files cost: where the context meets models and prices, without a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ccw.context.pack import PackedFile
from ccw.context.session import PackRequest, stream_context
from ccw.llm.tokens import TokenCount, tokenizer_for
from ccw.llm.usage import Usage

if TYPE_CHECKING:
    from ccw.context.files import Skipped
    from ccw.planning import Target


@dataclass(frozen=True, slots=True)
class FileCost:
    """One file of a pack: bytes with its fences, tokens, and USD as fresh input (None: unknown)."""

    path: str
    bytes: int
    tokens: TokenCount
    price: float | None


@dataclass(frozen=True, slots=True)
class PackCost:
    """A pack by its files; `max_bytes` is the endpoint's bound, None without an endpoint."""

    files: tuple[FileCost, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]
    total: FileCost
    max_bytes: int | None = None


def endpoint_of(project: Path, name: str, environ: Mapping[str, str]) -> Target:
    """Return the endpoint *name* of *project* with what is known of its model."""
    from ccw.config.references import project_environ
    from ccw.config.store import load
    from ccw.planning import find_target

    return find_target(load(project), name, project_environ(project, environ))


def max_bytes_of(target: Target) -> int:
    """Return the bound of one packed context of *target*, in bytes."""
    return int(target.endpoint.cache_strategy.max_size_kb * 1024)


def cost_of(request: PackRequest, target: Target | None) -> PackCost:
    """Pack *request* without its bound and tell what each file costs with *target*'s model."""
    counter = _Counter(target)
    summary = stream_context(request, counter.add)
    return PackCost(
        files=tuple(counter.file(file) for file in summary.files),
        skipped=summary.skipped,
        notes=summary.notes,
        total=counter.total(summary.total_bytes),
        max_bytes=None if target is None else max_bytes_of(target),
    )


class _Counter:
    """Counts the tokens of the pieces of a pack as they are written."""

    def __init__(self, target: Target | None) -> None:
        self._target = target
        self._tokenizer = tokenizer_for(target.model if target else "")
        self._position = 0
        self._tokens: dict[int, int] = {}  # by the offset of the piece

    def add(self, piece: bytes) -> None:
        text = piece.decode("utf-8")
        self._tokens[self._position] = self._tokenizer.count(text).tokens
        self._position += len(piece)

    def file(self, file: PackedFile) -> FileCost:
        return self._cost(file.path, file.bytes, self._tokens[file.offset])

    def total(self, total_bytes: int) -> FileCost:
        return self._cost("", total_bytes, sum(self._tokens.values()))

    def _cost(self, path: str, size: int, tokens: int) -> FileCost:
        facts = self._target.facts if self._target else None
        price = facts.cost(Usage(input=tokens)) if facts else None
        return FileCost(path, size, TokenCount(tokens, self._tokenizer.exact), price)
