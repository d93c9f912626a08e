"""A new process sees what has changed since the last one, and packs nothing when nothing has."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import prompt_sent, run
from tests.servers.loopback import Server

LOGIN, TOKEN, NEW = "src/auth/login.ts", "src/auth/nested/token.ts", "src/auth/new.ts"
EDITED = "export const login = () => 'up'\n"
PARTS = {
    LOGIN: "```src/auth/login.ts\nexport const login = () => 'in'\n```",
    TOKEN: "```src/auth/nested/token.ts\nexport const token = 'none'\n```",
    NEW: "```src/auth/new.ts\nexport {}\n```",
    EDITED: f"```src/auth/login.ts\n{EDITED}```",
}


@dataclass(frozen=True)
class Change:
    """What happens between two calls, and what the second call says and sends."""

    make: Callable[[Path], object]
    hit: bool
    files: tuple[str, ...]
    parts: tuple[str, ...]


def edit_unseen(root: Path) -> None:
    """Change a file's text but neither its size nor its time."""
    path = root / LOGIN
    before = path.stat()
    path.write_text(EDITED)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


CHANGES = {
    "nothing": Change(lambda root: None, True, (LOGIN, TOKEN), (LOGIN, TOKEN)),
    "edited": Change(edit_unseen, False, (LOGIN, TOKEN), (TOKEN, EDITED)),
    "added": Change(
        lambda root: (root / NEW).write_text("export {}\n"),
        False,
        (LOGIN, TOKEN, NEW),
        (LOGIN, TOKEN, NEW),
    ),
    "deleted": Change(lambda root: (root / LOGIN).unlink(), False, (TOKEN,), (TOKEN,)),
    "ignored": Change(
        lambda root: (root / ".gitignore").write_text("nested/\n"), False, (LOGIN,), (LOGIN,)
    ),
}


def ask() -> dict[str, Any]:
    """Ask in a process of its own and return its result."""
    done = run("-p", "@src/auth/**/*.ts Review", "--json")
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def parts_sent(server: Server) -> tuple[str, ...]:
    """The parts of the last request's pack, in their order."""
    pack, _, _ = prompt_sent(server).rpartition("\n\n---\n\n")
    found = {pack.find(part): name for name, part in PARTS.items() if part in pack}
    return tuple(found[place] for place in sorted(found))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_next_process_sees_the_change(
    shop: Path, openai_server: Server, change: Change
) -> None:
    first = ask()
    assert (first["cacheHit"], first["cachedFiles"]) == (False, [LOGIN, TOKEN])
    assert parts_sent(openai_server) == (LOGIN, TOKEN)
    change.make(shop)
    second = ask()
    assert second["cacheHit"] is change.hit
    assert sorted(second["cachedFiles"]) == sorted(change.files)
    assert set(parts_sent(openai_server)) == set(change.parts)
