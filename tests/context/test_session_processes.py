"""Packing through the cache in processes of their own: what a second one opens and trusts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.context.caches import run_python

CALL = """
import json, sys, time
from pathlib import Path
from ccw.context.cache.store import ContextCache
from ccw.context.session import PackRequest, pack_found
from tests.context.packs import found_in, open_file, scope_of
folder, now = Path(sys.argv[1]), time.time() + 10
opened = []
sys.addaudithook(lambda event, args: event == "open" and opened.append(str(args[0])))
cache = ContextCache(Path(sys.argv[2]), 10 << 20)
packed = pack_found(found_in(folder), PackRequest(scope_of(folder)), open_file, cache, now=now)
cache.close()
names = sorted(name[len(str(folder)) + 1:] for name in opened if name.startswith(str(folder)))
print(json.dumps([packed.hit, packed.session_id, names, list(packed.warnings)]))
"""


def call(folder: Path, cache: Path) -> list[object]:
    result = run_python(CALL, str(folder), str(cache))
    assert result.stderr == ""
    answer: list[object] = json.loads(result.stdout)
    return answer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.txt").write_text(f"{number}\n" * 10_000)
    return folder


def test_a_second_process_opens_no_file(folder: Path, tmp_path: Path) -> None:
    names = [f"{number}.txt" for number in range(5)]
    _, session, opened, _ = first = call(folder, tmp_path / "cache")
    assert first == [False, session, names, []]
    assert call(folder, tmp_path / "cache") == [True, session, [], []]
    (folder / "3.txt").write_text("x\n")
    hit, other, opened, warnings = call(folder, tmp_path / "cache")
    assert (hit, opened, warnings) == (False, ["3.txt"], [])
    assert other != session
