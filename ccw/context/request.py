"""What is asked of the packer, and the keys by which the cache tells requests apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from ccw.context.pattern import Pattern
from ccw.context.scope import Scope

FORMAT = 3  # of pack and manifest: an entry of another one is never found
TEXT_NAME = "<text>"


@dataclass(frozen=True, slots=True)
class PackRequest:
    """What to pack: files that *patterns* match in *scope*, then *text* under *text_name*.

    `max_bytes` bounds the pack (None: no bound), `over` says what happens to a larger one. An
    overlay drops its superseded copies rather than go beyond `max_bytes` or `room_bytes`.
    `file_patterns` choose the files of the cached prefix. `ttl_minutes` tell how long the pack is
    kept; its order is remembered for as long from its last use, and for the `provider_seconds` in
    which a provider remembers it. `receiver` stands for whom the pack is sent to, empty for nobody:
    an overlay holds superseded copies only of what this very receiver was sent before. Before
    `least_marked` bytes a mark is worth nothing.
    """

    scope: Scope
    patterns: tuple[Pattern, ...] = ()
    text: str | None = None
    text_name: str = TEXT_NAME
    file_patterns: tuple[str, ...] = ()
    layout: str = "path"
    max_bytes: int | None = None
    room_bytes: int | None = None
    over: Literal["fail", "drop"] = "fail"
    ttl_minutes: float = 60
    provider_seconds: float = 0
    receiver: str = ""
    least_marked: int = 0

    @property
    def least_bound(self) -> int | None:
        """The bytes that an overlay keeps its superseded copies within, None without a bound."""
        bounds = [size for size in (self.max_bytes, self.room_bytes) if size is not None]
        return min(bounds, default=None)

    def in_use_until(self, now: float) -> float:
        """Return until when the order of a pack sent *now* is remembered; both since 1970."""
        return now + max(self.ttl_minutes * 60, self.provider_seconds)


class Receipt(NamedTuple):
    """Where the cache is told that a pack was sent, and for how many seconds that matters."""

    key: str
    seconds: float


def request_key(request: PackRequest) -> str:
    """Return what tells requests apart in the cache: everything that can change the content.

    Bounds are left out: they are applied afresh each time.
    """
    import json
    from hashlib import sha256

    scope = request.scope
    parts = [
        *(FORMAT, str(scope.project), str(scope.cwd), [str(d) for d in scope.include_dirs]),
        *(str(scope.home), scope.max_file_size, scope.allow_missing, scope.allow_secrets),
        *([_pattern_key(pattern) for pattern in request.patterns], request.layout),
        *(request.file_patterns, request.text_name, request.text),
    ]
    if request.layout == "overlay" and request.receiver:
        parts.append(request.receiver)
    return sha256(json.dumps(parts).encode("ascii")).hexdigest()


def family_key(request: PackRequest) -> str:
    """Return what requests about the same files share, whatever text follows, whoever gets it."""
    return request_key(replace(request, text=None, text_name=TEXT_NAME, receiver=""))


def receipt_of(request: PackRequest, family: str) -> Receipt | None:
    """Return where the cache is told that a pack of *family* was sent, None where it need not."""
    if request.layout != "overlay" or not request.receiver:
        return None
    from hashlib import sha256

    key = sha256(f"{family} {request.receiver}".encode()).hexdigest()
    return Receipt(key, request.in_use_until(0))


def _pattern_key(pattern: Pattern) -> list[object]:
    return [pattern.glob, pattern.exclude, pattern.lines]
