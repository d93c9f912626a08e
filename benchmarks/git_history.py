"""Show old commits of a git repository in a folder of our own; the repository is only read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# A hook of the repository would run at each checkout.
GIT = ("git", "-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false")


def remotes(repository: Path) -> list[str]:
    """Return the addresses of the remotes of *repository*, if it has any."""
    asked = [*GIT, "-C", str(repository), "config", "--get-regexp", r"^remote\..*\.url$"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return [line.split()[-1] for line in done.stdout.splitlines()]


class History:
    """The commits of a repository, shown one by one in a folder of our own."""

    def __init__(self, repository: Path, folder: Path, index: Path, pattern: str) -> None:
        self._folder, self._pathspec = folder, f":(glob){pattern}"
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        self._environ = {**inherited, "GIT_INDEX_FILE": str(index), "GIT_OPTIONAL_LOCKS": "0"}
        self._git_dir = self._git("-C", str(repository), "rev-parse", "--absolute-git-dir").strip()

    def commits(self, number: int) -> list[str]:
        """Return the last *number* commits of the first-parent line that touch the files."""
        chosen = ("--first-parent", "-n", str(number), "HEAD", "--", self._pathspec)
        newest_first = self._git("--git-dir", self._git_dir, "rev-list", *chosen).split()
        return newest_first[::-1]

    def show(self, commit: str) -> None:
        """Make the folder hold the pattern's files as they were at *commit*."""
        where = ("--git-dir", self._git_dir, "--work-tree", str(self._folder))
        what = ("checkout", "--quiet", "--no-overlay", commit, "--", self._pathspec)
        self._git(*where, *what)

    def _git(self, *arguments: str) -> str:
        done = subprocess.run(
            [*GIT, *arguments], env=self._environ, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"git {' '.join(arguments)} failed: {done.stderr.strip()}")
        return done.stdout
