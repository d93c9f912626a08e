"""Which names of a folder are ignored: rules pushed down folder by folder, git's meaning.

A path is ignored if the last rule that matches it says so, or if a folder above it is ignored;
the walk sees to the second by not entering ignored folders.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ccw.context.files.ignore_file import OWN, Tell, rules_in
from ccw.context.files.rough import rough_test
from ccw.context.files.rules import Rule, as_bytes_text

IGNORE_FILES = (".gitignore", OWN)  # the second has the last word


class _Item(NamedTuple):
    """A rule that is in force; its `path_regex` starts after the first `depth` characters."""

    order: int
    rule: Rule
    folders: tuple[str, ...]  # still to be entered
    depth: int = 0

    def matches(self, name: str, text: str, folder: str, is_folder: bool) -> bool:
        """Tell whether the rule matches *name*, whose bytes are *text*, in *folder*."""
        rule = self.rule
        if rule.folder_only and not is_folder:
            return False
        if rule.name is not None:
            return name == rule.name
        if rule.suffix is not None:
            return name.endswith(rule.suffix)
        if rule.name_regex is not None:
            return rule.name_regex.fullmatch(text) is not None
        path = as_bytes_text(folder[self.depth :]) + text
        return rule.path_regex is not None and rule.path_regex.fullmatch(path) is not None


class IgnorePlan:
    """The rules in force in one folder; shared by folders where the same rules hold.

    `may_match` tells of most names quickly that no rule matches them. `folder` arguments are the
    folder's path from where the outermost rules start, ending in `/` (empty there).
    """

    __slots__ = (
        "_below",
        "_by_name",
        "_candidates",
        "_here",
        "_only_here",
        "_plain",
        "_waiting",
        "has_rules",
        "may_match",
    )

    def __init__(
        self,
        below: tuple[_Item, ...] = (),
        here: Sequence[_Item] = (),
        waiting: Sequence[_Item] = (),
    ) -> None:
        self._below = below
        self._waiting = tuple(waiting)
        self._only_here = tuple(here)
        self._here = sorted((*below, *here), key=lambda item: item.order, reverse=True)
        self._plain: IgnorePlan | None = None if here or waiting else self
        self.has_rules = bool(self._here or waiting)
        self._candidates: dict[tuple[str, bool], list[_Item]] = {}
        self._by_name: Callable[[str], bool] | None = None
        self.may_match = rough_test([item.rule for item in self._here])

    def deciding_rule(self, name: str, folder: str, is_folder: bool) -> Rule | None:
        """Return the last rule that matches *name* in *folder*, which may be a negated one."""
        if not self.may_match(name):
            return None
        text = as_bytes_text(name)
        for item in self._candidates_for(name):
            if item.matches(name, text, folder, is_folder):
                return item.rule
        return None

    def ignores(self, name: str, folder: str, is_folder: bool) -> bool:
        """Tell whether *name* in *folder* is ignored."""
        rule = self.deciding_rule(name, folder, is_folder)
        return rule is not None and not rule.negated

    def _candidates_for(self, name: str) -> list[_Item]:
        """Return the rules that may match *name*: often only some that ask for its folder, too."""
        if self._by_name is None:
            rules = [item.rule for item in self._here if not item.rule.path_regex]
            self._by_name = rough_test(rules)
        extension, by_name = name[name.rfind(".") :], self._by_name(name)
        found = self._candidates.get((extension, by_name))
        if found is None:
            items = [item for item in self._here if by_name or item.rule.path_regex]
            found = [item for item in items if item.rule.may_match(extension)]
            self._candidates[extension, by_name] = found
        return found

    def kept(self, names: Iterable[str], folder: str) -> list[bool]:
        """Tell of each of the file *names* in *folder* whether it is not ignored."""
        may_match, ignores = self.may_match, self.ignores
        return [not (may_match(name) and ignores(name, folder, False)) for name in names]

    def enter(self, name: str, folder: str) -> IgnorePlan:
        """Return the plan of the folder *name* in *folder*, before that one's own ignore files."""
        moved = [
            _Item(item.order, item.rule, item.folders[1:], item.depth)
            for item in self._waiting
            if item.folders[0] == name
        ]
        if moved:
            return _placed(self._below, moved, len(folder) + len(name) + 1)
        return self._unmoved()

    @property
    def inside(self) -> IgnorePlan | None:
        """What `enter` returns whatever the folder; None where rules wait for some of them."""
        return None if self._waiting else self._unmoved()

    def _unmoved(self) -> IgnorePlan:
        if self._plain is None:
            self._plain = IgnorePlan(self._below)
        return self._plain

    def extended(self, rules: Iterable[Rule], folder: str) -> IgnorePlan:
        """Return the plan with *rules* of an ignore file in this *folder* added."""
        order = 1 + max((item.order for item in (*self._here, *self._waiting)), default=0)
        new = [_Item(order + i, rule, rule.folders or ()) for i, rule in enumerate(rules)]
        return _placed(self._below, [*self._only_here, *self._waiting, *new], len(folder))

    def read(
        self, location: str, folder: str, shown: str, names: Iterable[str], tell: Tell = str
    ) -> IgnorePlan:
        """Return the plan with the ignore files *names* of the folder at *location* added.

        *tell* is told of each that is there and cannot be used; IgnoreFileUnusable for one of ccw.
        """
        plan = self
        for name in names:
            if rules := rules_in(os.path.join(location, name), shown + name, tell):
                plan = plan.extended(rules, folder)
        return plan


def _placed(below: tuple[_Item, ...], items: Sequence[_Item], depth: int) -> IgnorePlan:
    """Sort *items* into those in force from here on, here only, and further down."""
    arrived = [item for item in items if not item.folders]
    deep = [_Item(item.order, item.rule, (), depth) for item in arrived if _is_deep(item.rule)]
    here = [item for item in arrived if not _is_deep(item.rule)]
    return IgnorePlan((*below, *deep), here, [item for item in items if item.folders])


def _is_deep(rule: Rule) -> bool:
    return rule.folders is None or rule.path_regex is not None
