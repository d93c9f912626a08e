"""Where a walk starts, with the ignore rules of the folders above it."""

from __future__ import annotations

import os
from typing import NamedTuple

from ccw.context.files.contain import containing
from ccw.context.files.ignore import IGNORE_FILES, IgnorePlan
from ccw.context.files.ignore_file import EXCLUDE, Tell
from ccw.context.files.names import IGNORED_FOLDERS
from ccw.context.files.rules import Rule


class Start(NamedTuple):
    """The real path of a walk's first folder and what holds there.

    `shown` is its path as shown, `where` its path from the outermost ignore file; both end in `/`
    or are empty. `ignored_by` is the rule that ignores the start itself or a folder above it.
    """

    location: str
    shown: str
    where: str
    ignore: IgnorePlan
    ignored_by: Rule | None = None
    rules: bool = True


def start_at(location: str, project: str, *, rules: bool = True, tell: Tell = str) -> Start:
    """Make the start of a walk at *location*; rules count from the repository's or project's top.

    Without *rules* no ignore file is read, there and below. *tell* is told of each above that
    cannot be used; IgnoreFileUnusable for a `.ccwignore`.
    """
    if not rules:
        return Start(location, _shown(location, project), "", IgnorePlan(), rules=False)
    return IgnoreRules(project, tell).start_at(location)


class IgnoreRules:
    """The ignore rules around many paths of one *project*: each ignore file is read once.

    *tell* is told of each that cannot be used; IgnoreFileUnusable for a `.ccwignore`.
    """

    def __init__(self, project: str, tell: Tell = str) -> None:
        self._project = project
        self._tell = tell
        self._starts: dict[tuple[str, str], Start] = {}  # by the top where rules begin, and folder
        self._plans: dict[tuple[str, str], IgnorePlan] = {}

    def start_at(self, location: str) -> Start:
        """Return the start of a walk at *location*."""
        return self._start(_top(location, self._project), location)

    def ignoring(self, path: str) -> Rule | None:
        """Return the rule that ignores the file at the absolute *path* or a folder above it."""
        folder, name = os.path.split(path)
        top = _top(folder, self._project)
        start = self._start(top, folder)
        if start.ignored_by is not None:
            return start.ignored_by
        rule = self._plan(top, start).deciding_rule(name, start.where, False)
        return None if rule is None or rule.negated else rule

    def _start(self, top: str, location: str) -> Start:
        start = self._starts.get((top, location))
        if start is None:
            start = self._first(top)
            for name in filter(None, location[len(top) :].split("/")):
                start = self._below(top, start, name)
        return start

    def _first(self, top: str) -> Start:
        start = self._starts.get((top, top))
        if start is None:
            ignore = _repository_rules(top, self._project, self._tell)
            start = Start(top, _shown(top, self._project), "", ignore)
            self._starts[top, top] = start
        return start

    def _below(self, top: str, above: Start, name: str) -> Start:
        """Return the start at the folder *name* of *above*."""
        location = os.path.join(above.location, name)
        start = self._starts.get((top, location))
        if start is None:
            plan = self._plan(top, above)
            rule = plan.deciding_rule(name, above.where, True)
            ignores = rule and not rule.negated and name not in IGNORED_FOLDERS
            start = Start(
                *(location, _shown(location, self._project), f"{above.where}{name}/"),
                *(plan.enter(name, above.where), above.ignored_by or (rule if ignores else None)),
            )
            self._starts[top, location] = start
        return start

    def _plan(self, top: str, start: Start) -> IgnorePlan:
        """Return the plan of a folder with its own ignore files."""
        plan = self._plans.get((top, start.location))
        if plan is None:
            place = (start.location, start.where, start.shown)
            plan = start.ignore.read(*place, IGNORE_FILES, self._tell)
            self._plans[top, start.location] = plan
        return plan


def _shown(location: str, project: str) -> str:
    relative = os.path.relpath(location, project)
    return "" if relative == "." else f"{relative}/"


def _top(location: str, project: str) -> str:
    """Return the outermost of the folder's repository and its project, or the folder itself."""
    top = project if containing(location, [project]) else location
    folder = location
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return top
        folder = parent
    return folder if len(folder) < len(top) else top


def _repository_rules(top: str, project: str, tell: Tell) -> IgnorePlan:
    """Return the plan with the rules that a repository keeps to itself."""
    path = os.path.join(top, ".git", "info")
    return IgnorePlan().read(path, "", f"{_shown(top, project)}.git/info/", (EXCLUDE,), tell)
