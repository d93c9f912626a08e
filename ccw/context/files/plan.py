"""Many globs at once: which of their parts are alive in a folder, and what a name there means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ccw.context.files.finals import GLOBSTAR, Final, Finals
from ccw.context.files.globs import NameMatcher, is_literal, name_matcher, spelled_out, unescaped

__all__ = ["GLOBSTAR", "Glob", "Plan", "Plans"]


class Glob(NamedTuple):
    """One glob without braces, split at its slashes, and the number of the pattern it is part of.

    An `exclude` glob matches leading dots too, as wcmatch's exclusions do.
    """

    parts: tuple[str, ...]
    pattern: int
    exclude: bool = False


class _Node(NamedTuple):
    """One part of one glob; `after` is the number of the next part's node, None for the last."""

    part: str
    literal: str | None
    matches: NameMatcher | None  # None for a literal and for `**`
    pattern: int
    exclude: bool
    after: int | None

    @property
    def is_globstar(self) -> bool:
        return self.literal is None and self.matches is None


class Plans:
    """The plans of one search; folders where the same parts are alive share one."""

    def __init__(self, globs: Sequence[Glob]) -> None:
        self.nodes: list[_Node] = []
        self._starts = [self._add(glob) for glob in globs]
        self._plans: dict[tuple[int, ...], Plan] = {}

    def at(self, folder: str) -> Plan:
        """Return the plan of the absolute path *folder*; globs start at the file system's root."""
        plan = self.of(self._starts)
        for name in folder.split("/"):
            if name:
                plan = plan.enter(name, is_link=False)
        return plan

    def of(self, alive: Iterable[int]) -> Plan:
        """Return the plan of a folder in which the nodes *alive* wait for a name."""
        key = tuple(sorted(self.closed(alive)))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = Plan(self, key)
        return plan

    def _add(self, glob: Glob) -> int:
        first = len(self.nodes)
        collapsed = [
            part
            for i, part in enumerate(glob.parts)
            if part != GLOBSTAR or i == 0 or glob.parts[i - 1] != GLOBSTAR
        ]
        for i, part in enumerate(collapsed, 1):
            after = first + i if i < len(collapsed) else None
            self.nodes.append(_node(part, glob, after))
        return first

    def closed(self, alive: Iterable[int]) -> set[int]:
        """Add what follows a `**`, which may stand for no folder at all."""
        closed = set(alive)
        for number in tuple(closed):
            node = self.nodes[number]
            if node.is_globstar and node.after is not None:
                closed.add(node.after)
        return closed


class Plan:
    """What the names of a folder mean to the globs whose parts are alive there.

    `wanted`: some glob may take a file here or below; `enters`: some glob names or matches a
    subfolder by itself, one of `steps` if that is not None; `literals`: all names that matter,
    None when wildcards are among them; `is_steady`: all visible subfolders have this same plan;
    `excludes`: some exclusion may hold for a file here; `finals`: which files here are taken;
    `by_ending`: these are told by their endings, and nothing else matters but folders.
    """

    __slots__ = (
        "_children",
        "_excludes",
        "_hidden_loops",
        "_loops",
        "_plans",
        "_steps",
        "by_ending",
        "enters",
        "excludes",
        "finals",
        "is_steady",
        "literals",
        "steps",
        "wanted",
    )

    def __init__(self, plans: Plans, alive: tuple[int, ...]) -> None:
        nodes = [plans.nodes[number] for number in alive]
        self._plans = plans
        self._children: dict[bool, Plan] = {}
        self._loops = [n for n, node in zip(alive, nodes, strict=True) if node.is_globstar]
        self._hidden_loops = [number for number in self._loops if plans.nodes[number].exclude]
        self._steps = [
            (node, node.after) for node in nodes if node.after is not None and not node.is_globstar
        ]
        self._excludes = [node for node in nodes if node.exclude and node.after is None]
        self.excludes = bool(self._excludes)
        taking = [node for node in nodes if not node.exclude]
        self.wanted = bool(taking) and not any(node.is_globstar for node in self._excludes)
        self.enters = any(not node.exclude for node, _ in self._steps)
        self.is_steady = (
            not self._steps and not self._excludes and plans.closed(self._loops) == set(alive)
        )
        literals = [node.literal for node in taking if node.literal is not None]
        self.literals = frozenset(literals) if len(literals) == len(taking) else None
        steps = [node.literal for node, _ in self._steps if node.literal is not None]
        self.steps = frozenset(steps) if len(steps) == len(self._steps) else None
        self.finals = Finals(
            [
                Final(node.pattern, part, node.literal, node.matches)
                for node in taking
                if node.after is None
                for part in spelled_out(node.part)
            ]
        )
        self.by_ending = bool(self.finals.endings) and not self.enters

    def patterns_of(self, name: str) -> frozenset[int]:
        """Return the numbers of the patterns that take a file *name* of this folder."""
        return self.finals.by_name[name]

    def excluding(self, name: str) -> set[int]:
        """Return the numbers of the exclusions that hold for a file *name* of this folder."""
        return {node.pattern for node in self._excludes if _takes(node, name)}

    def excluding_all(self) -> set[int]:
        """Return the numbers of the exclusions that hold for all below this folder."""
        return {node.pattern for node in self._excludes if node.is_globstar}

    def enter(self, name: str, *, is_link: bool, literally: bool = False) -> Plan:
        """Return the plan of the subfolder *name*.

        `**` does not follow a symlink (*is_link*); *literally* keeps only globs that name the
        folder, and exclusions.
        """
        hidden = name[0] == "." or is_link or literally
        loops = self._hidden_loops if hidden else self._loops
        if self.steps is None or name in self.steps:
            matched = [
                after for node, after in self._steps if _steps_into(node, name, literally=literally)
            ]
            if matched:
                return self._plans.of((*matched, *loops))
        return self.below(hidden=hidden)

    def below(self, *, hidden: bool = False) -> Plan:
        """Return the plan of a subfolder that no glob names or matches by itself."""
        child = self._children.get(hidden)
        if child is None:
            loops = self._hidden_loops if hidden else self._loops
            child = self._children[hidden] = self._plans.of(loops)
        return child


def _node(part: str, glob: Glob, after: int | None) -> _Node:
    literal = unescaped(part) if part != GLOBSTAR and is_literal(part) else None
    matches = None if part == GLOBSTAR or literal else name_matcher(part, dots=glob.exclude)
    return _Node(part, literal, matches, glob.pattern, glob.exclude, after)


def _takes(node: _Node, name: str) -> bool:
    if node.literal is not None:
        return name == node.literal
    if node.matches is not None:
        return node.matches(name)
    return node.exclude or name[0] != "."


def _steps_into(node: _Node, name: str, *, literally: bool) -> bool:
    if node.literal is not None:
        return name == node.literal
    return (node.exclude or not literally) and node.matches is not None and node.matches(name)
