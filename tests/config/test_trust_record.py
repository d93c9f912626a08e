"""The record of what was agreed to: the user's alone, whole, and never read as a blanket yes."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ccw.config.trust.record import RECORD_FILE, agree, agreed, forget, read_record
from ccw.config.trust.wishes import Wish
from ccw.errors import TrustRecordUnusable

WISH = Wish("key", "${K}", "https://h")
OTHER = Wish("command", "${cmd:id}", "https://h")
ENTRY = {"kind": "key", "what": "${K}", "where": "https://h"}


def record(home: Path, content: object) -> Path:
    path = home / RECORD_FILE
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    path.chmod(0o600)
    return path


def test_the_file(tmp_path: Path) -> None:
    home, project = tmp_path / "home", tmp_path / "project"
    agree(home, project, frozenset({WISH}))
    agree(home, project, frozenset({OTHER}))
    path = home / RECORD_FILE
    command = {"kind": "command", "what": "${cmd:id}", "where": "https://h"}
    assert json.loads(path.read_text()) == {
        "version": 1,
        "projects": {str(project): [command, ENTRY]},
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert agreed(home, project) == {WISH, OTHER}
    assert agreed(home, tmp_path / "other") == frozenset()


def test_forgetting_leaves_other_projects_alone(tmp_path: Path) -> None:
    for name in ("one", "two"):
        agree(tmp_path, tmp_path / name, frozenset({WISH}))
    assert forget(tmp_path, tmp_path / "one") == {WISH}
    assert forget(tmp_path, tmp_path / "one") == frozenset()
    assert read_record(tmp_path) == {str(tmp_path / "two"): frozenset({WISH})}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param("", "is empty", id="empty"),
        pytest.param("{", "is not valid JSON", id="cut"),
        pytest.param([], "is not what ccw has written", id="list"),
        pytest.param({}, "is not what ccw has written", id="nothing"),
        pytest.param({"version": 2, "projects": {}}, "written by a newer ccw", id="newer"),
        pytest.param({"version": 1, "projects": []}, "is not what", id="projects"),
        pytest.param({"version": 1, "projects": {"/p": True}}, "is not what", id="blanket"),
        pytest.param({"version": 1, "projects": {"/p": [{}]}}, "is not what", id="no-wish"),
        pytest.param(
            {"version": 1, "projects": {"/p": [{**ENTRY, "kind": "all"}]}}, "is not what", id="kind"
        ),
        pytest.param(
            {"version": 1, "projects": {"/p": [{**ENTRY, "what": 1}]}}, "is not what", id="number"
        ),
    ],
)
def test_a_broken_record_agrees_to_nothing_and_stays(
    tmp_path: Path, content: object, problem: str
) -> None:
    path = record(tmp_path, content)
    before = path.read_bytes()
    for use in (read_record, lambda home: agree(home, tmp_path, frozenset({WISH}))):
        with pytest.raises(TrustRecordUnusable, match=problem) as caught:
            use(tmp_path)
        assert str(path) in str(caught.value)
        assert caught.value.exit_code == 3
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o622, 0o620, 0o602, 0o666, 0o777])
def test_a_record_that_others_can_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = record(tmp_path, {"version": 1, "projects": {}})
    path.chmod(mode)
    with pytest.raises(TrustRecordUnusable, match=r"can be written by others; .*chmod 600"):
        read_record(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_record_of_another_user_is_refused(tmp_path: Path) -> None:
    os.chown(record(tmp_path, {"version": 1, "projects": {}}), 12345, 12345)
    with pytest.raises(TrustRecordUnusable, match="belongs to another user"):
        read_record(tmp_path)


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_a_record_that_is_no_file_is_refused(tmp_path: Path, make: object) -> None:
    make(tmp_path / RECORD_FILE)  # type: ignore[operator]
    with pytest.raises(TrustRecordUnusable, match=r"is no regular file|Is a directory"):
        read_record(tmp_path)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TrustRecordUnusable, match=r"CCW_TRUST=1 in the environment agrees"):
        agree(tmp_path / "file" / "home", tmp_path, frozenset({WISH}))


def test_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from ccw.config.trust.record import agree\n"
        "from ccw.config.trust.wishes import Wish\n"
        "home, name = Path(sys.argv[1]), sys.argv[2]\n"
        "for n in range(20):\n"
        "    agree(home, home / 'p', frozenset({Wish('key', '${K}', f'https://{name}-{n}')}))\n"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in "abc"
    ]
    assert [process.wait() for process in started] == [0, 0, 0]
    wanted = {Wish("key", "${K}", f"https://{name}-{n}") for name in "abc" for n in range(20)}
    assert agreed(tmp_path, tmp_path / "p") == wanted
    assert sorted(path.name for path in tmp_path.iterdir()) == [RECORD_FILE, f"{RECORD_FILE}.lock"]
