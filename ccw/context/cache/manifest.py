"""What a cached pack was made of: enough to tell, file by file, that it still holds; pure."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ccw.context.pack.assemble import PackedFile
from ccw.context.pack.layouts import Copy, Earlier
from ccw.context.pack.reading import Part, Piece, Unusable
from ccw.context.scope import FoundFile, Stamp

CLOCK_RESOLUTION_NS = 2_000_000_000  # FAT's; a change this close to the reading may show no trace
_SESSION = re.compile(rb'\{"session_id":"(ctx-[0-9a-f]+)"')


class Entry(NamedTuple):
    """One file that was read: a part of the pack at `offset`, or the reason why it is none."""

    path: str
    location: str
    stamp: Stamp
    asked: tuple[tuple[int, int], ...]
    settled: bool  # read long enough after its last change for the stamp to prove it unchanged
    offset: int = 0
    length: int = 0
    lines: tuple[tuple[int, int], ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""

    def describes(self, file: FoundFile) -> bool:
        """Tell whether *file*, as the walk just saw it, is certainly what was read."""
        return self.settled and self[1:4] == file[1:]  # location, stamp, lines: for thousands

    def result(self, file: FoundFile, content: bytes) -> Part | Unusable:
        """Return what reading *file* again would: its part is taken from *content*."""
        if self.reason:
            return Unusable(file, self.reason, by_content=True)
        data = content[self.offset : self.offset + self.length]
        return Part(file, data, self.lines, self.notes)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A cached pack: times in seconds since 1970, `digest` the SHA-256 of its content.

    `entries` are the files in the order of the pack, `superseded` the copies of an overlay that
    count no more.
    """

    session_id: str
    digest: str
    project: str
    patterns: tuple[str, ...]
    packed_at: float
    expires_at: float
    total_bytes: int
    prefix_bytes: int
    entries: tuple[Entry, ...]
    superseded: tuple[Copy, ...] = ()
    cuts: tuple[int, ...] = ()
    marks: tuple[int, ...] = ()

    def earlier(self, content: bytes) -> Earlier:
        """Return what the next pack of the same request goes on from."""
        current = (Copy(e.path, e.offset, e.length) for e in self.entries if e.length)
        copies = sorted((*current, *self.superseded), key=lambda copy: copy.offset)
        return Earlier(content, tuple(copies), self.prefix_bytes, self.cuts, self.marks)

    def to_json(self) -> bytes:
        """Return the manifest as ASCII; surrogates of undecodable names survive."""
        return json.dumps(_plain(self), separators=(",", ":")).encode("ascii")


def from_json(data: object) -> Manifest | None:
    """Return the manifest in *data*, or None when it is none of this version."""
    try:
        fields = json.loads(data) if isinstance(data, bytes) else {}
        fields["entries"] = tuple(_entry(item) for item in fields["entries"])
        fields["superseded"] = tuple(Copy(*item) for item in fields["superseded"])
        fields.pop("base_bytes", None)  # of an earlier version
        for name in ("patterns", "cuts", "marks"):
            fields[name] = tuple(fields[name])
        manifest = Manifest(**fields)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return manifest if _is_sound(manifest) else None


def session_in(data: object) -> str:
    """Return the session id in *data*, a manifest as ccw writes it, without reading all of it."""
    found = _SESSION.match(data) if isinstance(data, bytes) else None
    return found[1].decode() if found else ""


def entries_of(
    pieces: Iterable[Piece],
    files: Sequence[PackedFile],
    known: Mapping[str, Entry],
    now: float,
) -> tuple[Entry, ...]:
    """Return the entries of the *pieces* that became the pack *files*; *now* in seconds.

    What passes for a reason only today (no permission, deleted meanwhile) is not remembered.
    """
    packed = {file.path: file for file in files}
    return tuple(
        _made(piece, packed.get(piece.file.path), known.get(piece.file.path), now)
        for piece in pieces
        if (isinstance(piece, Part) and not piece.pinned)
        or (isinstance(piece, Unusable) and piece.by_content)
    )


def _made(
    result: Part | Unusable, packed: PackedFile | None, known: Entry | None, now: float
) -> Entry:
    file = result.file
    trusted = known is not None and known.describes(file)
    settled = trusted or _is_settled(file.stamp, now)
    if isinstance(result, Unusable) or packed is None:
        reason = result.reason if isinstance(result, Unusable) else ""
        return Entry(file.path, file.location, file.stamp, file.lines, settled, reason=reason)
    return Entry(
        *(file.path, file.location, file.stamp, file.lines, settled),
        *(packed.offset, packed.bytes, result.lines, result.notes),
    )


def _is_settled(stamp: Stamp, now: float) -> bool:
    return max(stamp.mtime_ns, stamp.ctime_ns) + CLOCK_RESOLUTION_NS < now * 1e9


def _is_sound(manifest: Manifest) -> bool:
    """Tell whether the values have the types that ccw writes: the row may be anybody's."""
    times = (manifest.packed_at, manifest.expires_at)
    texts = [manifest.session_id, manifest.digest, manifest.project, *manifest.patterns]
    numbers = [manifest.total_bytes, manifest.prefix_bytes, *manifest.cuts, *manifest.marks]
    for copy in manifest.superseded:
        texts.append(copy.path)
        numbers += copy[1:]
    for entry in manifest.entries:
        texts += [entry.path, entry.location, entry.reason, *entry.notes]
        numbers += [entry.offset, entry.length, *entry.stamp]
    return (
        {str}.issuperset(map(type, texts))
        and {int}.issuperset(map(type, numbers))
        and {int, float}.issuperset(map(type, times))
        and all(0 <= place <= manifest.total_bytes for place in (*manifest.cuts, *manifest.marks))
    )


def _plain(manifest: Manifest) -> dict[str, Any]:
    return {field.name: getattr(manifest, field.name) for field in dataclasses.fields(manifest)}


def _entry(item: Sequence[Any]) -> Entry:
    path, location, stamp, asked, settled, offset, length, lines, notes, reason = item
    return Entry(
        *(path, location, Stamp(*stamp), _ranges(asked), settled, offset, length),
        *(_ranges(lines), tuple(notes), reason),
    )


def _ranges(value: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    return tuple([(first, last) for first, last in value]) if value else ()
