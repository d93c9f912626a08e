"""Files that were found and not looked at yet: paths alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import overload

from ccw.context.scope import UNSEEN, FoundFile


class ListedFiles(Sequence[FoundFile]):
    """Files below one folder of which only the paths are kept; each value is made when asked for.

    There may be a hundred thousand, of which one at a time is packed.
    """

    def __init__(self, paths: Sequence[str], below: str) -> None:
        self.paths = paths
        self._below = below

    def __len__(self) -> int:
        return len(self.paths)

    def __iter__(self) -> Iterator[FoundFile]:
        return map(FoundFile, self.paths, map(self._below.__add__, self.paths), repeat(UNSEEN))

    @overload
    def __getitem__(self, index: int) -> FoundFile: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[FoundFile]: ...
    def __getitem__(self, index: int | slice) -> FoundFile | Sequence[FoundFile]:
        if isinstance(index, slice):
            return ListedFiles(self.paths[index], self._below)
        path = self.paths[index]
        return FoundFile(path, self._below + path, UNSEEN)
