"""An unchanged pack is taken from the cache as it is: equal to one made again, in every field."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ccw.context.cache.store import ContextCache
from ccw.context.patterns import scan
from ccw.context.scope import Scope
from ccw.context.session import PackedContext, PackRequest, pack_context
from tests.context.finding import write

LATER = 10.0  # seconds: beyond the clock's resolution


class Project:
    """A folder whose packs go through a cache."""

    def __init__(self, tmp_path: Path, layout: str) -> None:
        self.root = tmp_path / "project"
        write(self.root, "a.txt", "b.txt", "c.txt", text="x\n" * 400)
        (self.root / "d.txt").write_bytes("déjà vu, très bien été\n".encode("latin-1") * 20)
        (self.root / "e.txt").write_bytes(b"\0")
        (self.root / "f.pem").write_text("secret")
        self.cache = ContextCache(tmp_path / "cache", 10 << 20, "project")
        scope = Scope(self.root, self.root, allow_missing=True)
        self.request = PackRequest(scope, scan("@*.txt @*.pem @a.txt").patterns, layout=layout)

    def pack(self, **changes: object) -> PackedContext:
        request = replace(self.request, **changes)  # type: ignore[arg-type]
        return pack_context(request, self.cache, now=time.time() + LATER)


@pytest.fixture(params=["path", "stable", "overlay"])
def project(tmp_path: Path, request: pytest.FixtureRequest) -> Project:
    return Project(tmp_path, request.param)


def test_all_fields(project: Project) -> None:
    made, reused = project.pack(), project.pack()
    assert [made.hit, reused.hit] == [False, True]
    hit = replace(made, hit=True, first_difference=len(made.content))
    assert reused == replace(hit, compared_with=made.session_id)
    assert [item.path for item in reused.skipped] == ["e.txt", "f.pem"]
    assert len(reused.notes) == 1


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda root: (root / "b.txt").write_text("new\n"), id="edited"),
        pytest.param(lambda root: (root / "b.txt").unlink(), id="deleted"),
        pytest.param(lambda root: (root / "bb.txt").write_text("x\n"), id="added"),
        pytest.param(lambda root: (root / "b.txt").rename(root / "z.txt"), id="renamed"),
        pytest.param(lambda root: (root / "e.txt").write_text("text\n"), id="usable-now"),
        pytest.param(lambda root: (root / "f.pem").unlink(), id="not-left-out-any-more"),
        pytest.param(lambda root: (root / "g.pem").touch(), id="one-more-left-out"),
    ],
)
def test_any_change_makes_a_new_pack(project: Project, change: Callable[[Path], object]) -> None:
    project.pack()
    change(project.root)
    changed = project.pack()
    assert not changed.hit
    assert project.pack().content == changed.content
    assert project.pack().hit


def test_a_smaller_bound_is_applied(project: Project) -> None:
    whole = project.pack()
    dropped = project.pack(max_bytes=1500, over="drop")
    assert len(dropped.content) <= 1500 < len(whole.content)
    assert {item.path for item in dropped.skipped} > {item.path for item in whole.skipped}


def test_a_text_after_the_files_is_there_again(project: Project) -> None:
    made, again = project.pack(text="and this"), project.pack(text="and this")
    assert made.content == again.content
    assert again.hit
