"""Where a walk starts, with the ignore rules of the folders above it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from ccw.context.files.contain import containing
from ccw.context.files.ignore import IGNORE_FILES, IgnorePlan
from ccw.context.files.ignore_file import EXCLUDE, Tell
from ccw.context.files.names import IGNORED_FOLDERS
from ccw.context.files.rules import Rule


@dataclass(frozen=True, slots=True)
class Start:
    """The real path of a walk's first folder and what holds there.

    `shown` is its path as shown, `where` its path from the outermost ignore file; both end in `/`
    or are empty. `ignored_by` is the rule that ignores the start itself or a folder above it.
    """

    location: str
    shown: str
    where: str = ""
    ignore: IgnorePlan = field(default_factory=IgnorePlan)
    ignored_by: Rule | None = None
    rules: bool = True


def start_at(location: str, project: str, *, rules: bool = True, tell: Tell = str) -> Start:
    """Make the start of a walk at *location*; rules count from the repository's or project's top.

    Without *rules* no ignore file is read, there and below. *tell* is told of each above that
    cannot be used; IgnoreFileUnusable for a `.ccwignore`.
    """
    shown = _shown(location, project)
    if not rules:
        return Start(location, shown, rules=False)
    top = _top(location, project)
    names = [name for name in location[len(top) :].split("/") if name]
    ignore, where, here = _repository_rules(top, project, tell), "", top
    ignored_by: Rule | None = None
    for name in names:
        ignore = ignore.read(here, where, _shown(here, project), IGNORE_FILES, tell)
        rule: Rule | None = ignore.deciding_rule(name, where, True)
        if rule and not rule.negated and name not in IGNORED_FOLDERS:
            ignored_by = ignored_by or rule
        ignore = ignore.enter(name, where)
        where, here = f"{where}{name}/", os.path.join(here, name)
    return Start(location, shown, where, ignore, ignored_by)


def ignoring_rule(path: str, project: str) -> Rule | None:
    """Return the rule that ignores the file at the absolute *path* or a folder above it."""
    folder, name = os.path.split(path)
    start = start_at(folder, project)
    if start.ignored_by is not None:
        return start.ignored_by
    plan = start.ignore.read(folder, start.where, start.shown, IGNORE_FILES)
    rule = plan.deciding_rule(name, start.where, False)
    return None if rule is None or rule.negated else rule


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
