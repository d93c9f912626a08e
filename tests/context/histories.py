"""Helper: packs one after another in memory, each going on from the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ccw.context.pack.layouts import Copy, Earlier
from ccw.context.pack.make import Made, make
from ccw.context.pack.reading import Part
from ccw.context.pack.render import render
from ccw.context.scope import FoundFile, Stamp

NO_STAMP = Stamp(0, 0, 0, 0)


def part(path: str, text: str) -> Part:
    """Return a file as it stands in a pack."""
    return Part(FoundFile(path, "", NO_STAMP), render(path, text.encode()))


class History:
    """The packs of one request; files that *in_prefix* names come first."""

    def __init__(
        self,
        layout: str,
        *,
        in_prefix: Callable[[str], bool] = lambda _: True,
        room_bytes: int | None = None,
        text: str | None = None,
    ) -> None:
        self.layout = layout
        self.in_prefix = in_prefix
        self.room_bytes = room_bytes
        self.text = text
        self.earlier: Earlier | None = None

    def pack(self, files: Mapping[str, str]) -> Made:
        """Pack *files*, whose texts are given by their paths."""
        paths = sorted(files, key=lambda path: (not self.in_prefix(path), path))
        results = [part(path, files[path]) for path in paths]
        if self.text is not None:
            results.append(part("<text>", self.text)._replace(pinned=True))
        prefix = sum(map(self.in_prefix, paths))
        made = make(results, prefix, self.layout, self.earlier, room_bytes=self.room_bytes)
        self.earlier = earlier_of(made)
        return made


def earlier_of(made: Made, *, sent: bool = True) -> Earlier:
    """Return what the pack after *made* goes on from, which was sent or only made."""
    both = (*made.summary.files, *made.summary.superseded)
    copies = sorted((Copy(f.path, f.offset, f.bytes) for f in both), key=lambda copy: copy.offset)
    return Earlier(
        *(made.content, tuple(copies), made.summary.prefix_bytes),
        *(made.cuts, made.marks, sent),
    )


def order_of(made: Made) -> str:
    """Return the paths of all copies in order, superseded ones in brackets."""
    old = {file.offset for file in made.summary.superseded}
    files = sorted((*made.summary.files, *made.summary.superseded), key=lambda file: file.offset)
    return " ".join(f"({f.path})" if f.offset in old else f.path for f in files)
