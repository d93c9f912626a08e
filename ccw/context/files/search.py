"""One search: exact paths are looked up, globs are walked for, all together."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Sequence

from ccw.context.files.collect import Collector
from ccw.context.files.contain import containing, not_allowed, printable
from ccw.context.files.exact import take_exact
from ccw.context.files.plan import GLOBSTAR, Plans
from ccw.context.files.start import start_at
from ccw.context.files.targets import Target, excluding_globs, globs_of, targets_of
from ccw.context.files.walk import Walk
from ccw.context.pattern import Pattern
from ccw.context.scope import Scope


class Search:
    """What *patterns* find in *scope*; the collector holds the result after `run`.

    Without *rules* nothing is ignored; with *first_only* a walk ends at the first file.
    """

    def __init__(
        self,
        patterns: Sequence[Pattern],
        scope: Scope,
        *,
        rules: bool = True,
        first_only: bool = False,
    ) -> None:
        self.collector = Collector(scope)
        self.patterns = patterns
        self._rules = rules
        self._first_only = first_only
        targets = targets_of(patterns, scope)
        self._wanted = [t for t in targets if not patterns[t.pattern].exclude]
        excluded = [t for t in targets if patterns[t.pattern].exclude]
        self._excluding = [glob for target in excluded for glob in excluding_globs(target)]
        self._exclusions = Plans(self._excluding)

    def run(self, *, inspect: bool = True) -> None:
        """Look up what is named exactly, then walk for the rest, and *inspect* what that found."""
        walked = [found for target in self._wanted if (found := self._looked_up(target))]
        plans = Plans([*(globs_of(target) for target in walked), *self._excluding])
        for root in self._roots(walked):
            tell = self.collector.note
            start = start_at(root, self.collector.project, rules=self._rules, tell=tell)
            Walk(start, self.collector, first_only=self._first_only).run(plans.at(root))
        if inspect:
            self.collector.inspect()

    def unmatched(self) -> list[int]:
        """Return the numbers of the patterns that met no file, not even spelled literally."""
        met = self.collector.met()
        return [
            number
            for number, pattern in enumerate(self.patterns)
            if not pattern.exclude and number not in met and not self._taken_literally(number)
        ]

    def counts(self, missing: Collection[int]) -> dict[str, int]:
        """Return the number of files taken, for each token that matched something."""
        counts = [0] * len(self.patterns)
        for takers, files in self.collector.counts().items():
            for number in takers:
                counts[number] += files
        return {
            pattern.token: counts[number]
            for number, pattern in enumerate(self.patterns)
            if not pattern.exclude and number not in missing
        }

    def idle_exclusions(self) -> list[str]:
        """Return a note for each exclusion that left nothing out."""
        if not self._wanted:
            return [
                f"{printable(pattern.written)} leaves nothing out, as no pattern names files; "
                "add one, such as @**"
                for pattern in self.patterns
            ]
        return [
            f"{printable(pattern.written)} excluded nothing; "
            f"for any depth write {pattern.at}!**/{printable(pattern.glob)}"
            for number, pattern in enumerate(self.patterns)
            if pattern.exclude and number not in self.collector.excluding
        ]

    def matching(self, path: str) -> list[Pattern]:
        """Return the patterns whose globs take the absolute *path*, ignored or not."""
        folder, name = os.path.split(path)
        walked = [t for t in self._wanted if t.parts or os.path.isdir(t.base)]
        globs = [globs_of(t._replace(parts=t.parts or (GLOBSTAR,))) for t in walked]
        numbers = Plans(globs).at(folder).patterns_of(name)
        exact = {t.pattern for t in self._wanted if not t.parts and t.base == path}
        return [self.patterns[number] for number in sorted(numbers | exact)]

    def excluding(self, path: str) -> list[Pattern]:
        """Return the exclusions that hold for the absolute *path*."""
        folder, name = os.path.split(path)
        numbers = self._exclusions.at(folder).excluding(name)
        return [self.patterns[number] for number in sorted(numbers)]

    def _looked_up(self, target: Target) -> Target | None:
        """Take an exact file at once; return the target when there are folders to walk."""
        status = _status(target.base)
        if status is None:
            return None
        if not os.path.isdir(target.base):
            if not target.parts and not target.dir_only:
                self._take_exact(target.base, status, target.pattern)
            return None
        real = self.collector.real(target.base)
        if containing(real, self.collector.roots) is None:
            token = self.patterns[target.pattern].written
            raise not_allowed(printable(token), real, folder=True)
        lexical = containing(target.base, self.collector.roots) is not None
        return Target(target.pattern, target.base if lexical else real, target.parts or (GLOBSTAR,))

    def _take_exact(self, path: str, status: os.stat_result, number: int) -> None:
        folder, name = os.path.split(path)
        if excluding := self._exclusions.at(folder).excluding(name):
            self.collector.excluding |= excluding
            return
        take_exact(path, status, self.patterns[number].written, number, self.collector)

    def _taken_literally(self, number: int) -> bool:
        """Take the file whose name a glob happens to spell, as `app/[id]/page.tsx` does."""
        glob = self.patterns[number].glob
        if not any(char in glob for char in "[({") or len(glob) > 4096:
            return False
        path = os.path.normpath(os.path.join(os.path.realpath(self.collector.scope.cwd), glob))
        status = _status(path)
        if status is None or not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
            return False
        self._take_exact(path, status, number)
        return number in self.collector.met()

    def _roots(self, targets: Sequence[Target]) -> list[str]:
        """Return where to walk: the outermost of the allowed folders that hold a target."""
        cwd = os.path.realpath(self.collector.scope.cwd)
        allowed = (cwd, *self.collector.roots)
        used = {root for target in targets if (root := containing(target.base, allowed))}
        return sorted(root for root in used if containing(root, [*(used - {root})]) is None)


def _status(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (OSError, ValueError):  # missing, or a name that no file can have
        return None
