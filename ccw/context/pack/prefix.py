"""Which of the found files go into the cached prefix: `filePatterns` of a cache strategy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ccw.context.files.globs import NameMatcher, expand_braces, name_matcher, split_parts

Parts = Sequence[NameMatcher | None]  # None stands for `**`


def prefix_matcher(globs: Iterable[str]) -> Callable[[str], bool]:
    """Return what tells whether a project-relative path matches one of *globs*.

    A glob without `/` matches the base name, `folder/` all below; wildcards match dots, too.
    """
    compiled = [_compiled(glob) for pattern in globs for glob in expand_braces(pattern)]

    def matches(path: str) -> bool:
        names = path.split("/")
        return any(_match(parts, names) for parts in compiled)

    return matches


def _compiled(glob: str) -> Parts:
    glob = glob if glob.startswith("@(") else glob.removeprefix("@")
    glob = glob.removeprefix("./")
    parts = [None if part == "**" else name_matcher(part, dots=True) for part in split_parts(glob)]
    if glob.endswith("/"):
        parts.append(None)
    return parts if "/" in glob else [None, *parts]


def _match(parts: Parts, names: Sequence[str]) -> bool:
    """Go through *parts* once, with all places in *names* at which the next one may stand."""
    end = len(names)
    places = {0}
    for part in parts:
        if part is None:  # for any number of folders, and never for the name itself
            places = set(range(min(places, default=end), end))
        else:
            places = {place + 1 for place in places if place < end and part(names[place])}
    return bool(places) if parts[-1] is None else end in places
