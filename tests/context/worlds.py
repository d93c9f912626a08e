"""Helper: a folder and a cache, whose calls are compared with packing afresh."""

from __future__ import annotations

import time
from pathlib import Path

from ccw.context.cache.store import ContextCache
from ccw.context.files.find import Found, FoundFile
from ccw.context.session import PackedContext, PackRequest, pack_found
from tests.context.packs import found_in, open_file, scope_of

LATER = 10.0  # seconds: beyond the clock's resolution


class World:
    """A folder, a cache, and a count of the files that a call reads."""

    def __init__(self, folder: Path, cache_folder: Path) -> None:
        self.folder = folder
        self.cache = ContextCache(cache_folder, 10 << 20, "project")
        self.request = PackRequest(scope_of(folder))
        self.read: list[str] = []

    def pack(
        self, *, later: float = LATER, found: Found | None = None, like_fresh: bool = True
    ) -> PackedContext:
        """Pack the folder; *like_fresh*: the content is what packing without a cache makes."""
        self.read.clear()

        def counting(file: FoundFile) -> int:
            self.read.append(file.path)
            return open_file(file)

        now = time.time() + later
        found = found or found_in(self.folder)
        packed = pack_found(found, self.request, counting, self.cache, now=now)
        fresh = pack_found(found_in(self.folder), self.request, open_file, now=now)
        assert packed.content == fresh.content or not like_fresh
        assert packed.skipped == fresh.skipped
        return packed
