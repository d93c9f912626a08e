"""What packed files cost: where the context meets models and prices, without a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ccw.config.places import ccw_home
from ccw.config.references import project_environ
from ccw.context.pack.assemble import GAP
from ccw.context.session import PackedContext, PackRequest, pack_context, stream_context
from ccw.execution.files import receiver_of, room_of
from ccw.llm.counts import Counter, cut, open_counter
from ccw.llm.tokens import TokenCount
from ccw.llm.usage import Usage

if TYPE_CHECKING:
    from ccw.context.cache.store import ContextCache
    from ccw.context.files.find import Skipped
    from ccw.execution.planning import Target


@dataclass(frozen=True, slots=True)
class FileCost:
    """One file of a pack: bytes with its fences, tokens, and USD as fresh input (None: unknown)."""

    path: str
    bytes: int
    tokens: TokenCount
    price: float | None


@dataclass(frozen=True, slots=True)
class PackCost:
    """A pack by its files; `max_bytes` is the endpoint's bound, None without an endpoint.

    `earlier_copies` are the superseded ones that a call would send along.
    """

    files: tuple[FileCost, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]
    total: FileCost
    max_bytes: int | None = None
    earlier_copies: tuple[FileCost, ...] = ()


def endpoint_of(project: Path, name: str, environ: Mapping[str, str]) -> Target:
    """Return the endpoint *name* of *project* with what is known of its model."""
    from ccw.config.layers import load_config
    from ccw.execution.planning import find_target

    config, values = load_config(project, environ), project_environ(project, environ)
    return find_target(config, name, values, project=project)


def max_bytes_of(target: Target) -> int:
    """Return the bound of one packed context of *target*, in bytes."""
    return int(target.endpoint.cache_strategy.max_size_kb * 1024)


def text_limit(
    project: Path,
    environ: Mapping[str, str],
    *,
    endpoint_id: str | None,
    max_size_kb: float | None,
    enable_cache: bool | None,
) -> int | None:
    """Return the bytes of a text beside the files above which such a call is refused.

    None where only the model's window bounds it, as the cache is off.
    """
    if max_size_kb:
        return int(max_size_kb * 1024)
    from ccw.config.layers import load_config
    from ccw.execution.planning import find_target

    config, values = load_config(project, environ), project_environ(project, environ)
    target = find_target(config, endpoint_id, values, project=project)
    caches = target.endpoint.cache_strategy.enabled and config.global_cache_settings.enabled
    return max_bytes_of(target) if caches and enable_cache is not False else None


def cost_of(
    request: PackRequest, target: Target | None, counts_folder: Path | None = None
) -> PackCost:
    """Pack *request* without its bound and tell what each file costs with *target*'s model.

    Token counts are kept in *counts_folder*, if given.
    """
    with open_counter(target.model if target else "", counts_folder) as counter:
        tally = _Tally(counter)
        summary = stream_context(request, tally.add)
        tally.end()
    price = _Pricing(target, counter.exact)
    return PackCost(
        files=tuple(price.of(f.path, f.bytes, tally.tokens[f.offset]) for f in summary.files),
        skipped=summary.skipped,
        notes=summary.notes,
        total=price.of("", summary.total_bytes, sum(tally.tokens.values())),
        max_bytes=None if target is None else max_bytes_of(target),
    )


def cost_of_call(
    request: PackRequest,
    target: Target | None,
    *,
    project: Path,
    environ: Mapping[str, str],
    now: float,
) -> PackCost:
    """Tell the same as `cost_of`, and what a call to *target* would send of earlier copies."""
    counts_folder = ccw_home(environ)
    cache = _overlay_cache(target, project, environ) if target else None
    if target is None or cache is None:
        return cost_of(replace(request, max_bytes=None), target, counts_folder)
    try:
        asked = _overlay(request, target, project_environ(project, environ))
        packed = pack_context(asked, cache, now=now, keep=False)
    finally:
        cache.close()
    return _cost_of_packed(packed, target, counts_folder)


def _overlay_cache(
    target: Target, project: Path, environ: Mapping[str, str]
) -> ContextCache | None:
    """Return the cache that knows what *target* was sent before, if its calls go on from that."""
    from ccw.config.layers import load_config
    from ccw.context_cache import open_cache

    strategy = target.endpoint.cache_strategy
    if strategy.layout != "overlay" or not strategy.enabled:
        return None
    settings = load_config(project, environ).global_cache_settings
    return open_cache(project, settings, environ) if settings.enabled else None


def _overlay(request: PackRequest, target: Target, environ: Mapping[str, str]) -> PackRequest:
    """Return *request* as a call makes it, but without refusing what is too large."""
    return replace(
        request,
        layout="overlay",
        max_bytes=None,
        room_bytes=replace(request, room_bytes=room_of(target)).least_bound,
        receiver=receiver_of(target, environ),
    )


def _cost_of_packed(packed: PackedContext, target: Target, counts_folder: Path) -> PackCost:
    content = packed.content + GAP
    places = [(file.offset, file.offset + file.bytes + len(GAP)) for file in packed.copies]
    with open_counter(target.model, counts_folder) as counter:
        tokens = {start: counter.count(content[start:end]) for start, end in places}
        pieces = cut(packed.content, [place for places_of in places for place in places_of])
        total = counter.count_all(pieces).tokens
    price = _Pricing(target, counter.exact)
    files, earlier = (
        tuple(price.of(file.path, file.bytes, tokens[file.offset]) for file in some)
        for some in (packed.files, packed.superseded)
    )
    return PackCost(
        files=files,
        skipped=packed.skipped,
        notes=(*packed.notes, *packed.warnings),
        total=price.of("", packed.total_bytes, total),
        max_bytes=max_bytes_of(target),
        earlier_copies=earlier,
    )


class _Tally:
    """Counts the pieces of a pack as they are written, each with the empty line after it.

    So the tokens of the pieces add up to those of the whole, and a file counts as in a call.
    """

    def __init__(self, counter: Counter) -> None:
        self.tokens: dict[int, int] = {}  # by the offset of the piece
        self._counter = counter
        self._position = 0
        self._pending = b""

    def add(self, piece: bytes) -> None:
        """Take the next piece of the pack."""
        if piece == GAP:
            self._pending += GAP
            self.end()
            return
        self.end()
        self._pending = piece

    def end(self) -> None:
        """Count what is still waiting for an empty line."""
        if self._pending:
            self.tokens[self._position] = self._counter.count(self._pending)
            self._position += len(self._pending)
            self._pending = b""


@dataclass(frozen=True, slots=True)
class _Pricing:
    target: Target | None
    exact: bool

    def of(self, path: str, size: int, tokens: int) -> FileCost:
        price = self.target.cost(Usage(input=tokens)) if self.target else None
        return FileCost(path, size, TokenCount(tokens, self.exact), price)
