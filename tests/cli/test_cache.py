"""`ccw cache`: from packing to clearing, as typed."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ccw.cli.app import App
from ccw.cli.main import cli
from tests.context.packs import ReadFile, read_pack
from tests.nobody import open_to_all, run_as_nobody

NOBODY = 65534


@pytest.fixture
def files(project: Path) -> Path:
    (project / "src").mkdir()
    (project / "src" / "a.py").write_text("print('ä')\n")
    (project / "src" / "b.bin").write_bytes(b"\0")
    return project


def ccw(folder: Path, *arguments: str) -> Result:
    app = App(environ=dict(os.environ), cwd=folder)
    return CliRunner().invoke(cli, ["cache", *arguments, "--project", str(folder)], obj=app)


def ok(folder: Path, *arguments: str) -> str:
    result = ccw(folder, *arguments)
    assert (result.exit_code, result.exception) == (0, None)
    return result.stdout


def test_pack_prints_the_session_alone_on_stdout(files: Path) -> None:
    result = ccw(files, "pack", "src/**")
    assert re.fullmatch(r"ctx-[0-9a-f]{12}\n", result.stdout)
    assert re.fullmatch(
        r"left out: src/b.bin: binary\npacked: 1 file, [\d,]+ bytes\n", result.stderr
    )
    again = ccw(files, "pack", "src/**")
    assert again.stdout == result.stdout
    assert "already there: 1 file" in again.stderr


def test_pack_json(files: Path) -> None:
    answer = json.loads(ok(files, "pack", "src/**", "nothing.py", "--allow-missing", "--json"))
    assert answer.pop("sessionId").startswith("ctx-")
    assert answer.pop("expiresAt").endswith("Z")
    size = answer.pop("totalBytes")
    offset = answer["files"][0].pop("offset")
    assert 0 < offset < size
    assert answer == {
        "hit": False,
        "filesPacked": 1,
        "files": [{"path": "src/a.py", "bytes": 27, "lines": []}],
        "filesSkipped": [{"path": "src/b.bin", "reason": "binary"}],
        "patternsMatched": 1,
        "patternsFailed": ["@nothing.py"],
        "notes": [],
        "warnings": [],
    }


def test_read_the_whole_and_a_piece(files: Path) -> None:
    session = ok(files, "pack", "src/*.py").strip()
    whole = ok(files, "read", session)
    assert read_pack(whole.encode())[0] == [ReadFile("src/a.py", "print('ä')\n".encode())]
    piece = ccw(files, "read", session, "--limit", "10")
    assert piece.stdout == whole[:10]
    assert "--offset 10" in piece.stderr
    answer = json.loads(ok(files, "read", session, "--offset", "10", "--limit", "5", "--json"))
    assert answer == {
        "sessionId": session,
        "content": whole[10:15],
        "offset": 10,
        "hasMore": True,
        "nextOffset": 15,
        "totalBytes": len(whole.encode()),
    }


def test_list_show_and_status(files: Path) -> None:
    session = ok(files, "pack", "src/*.py").strip()
    (line,) = ok(files, "list").splitlines()
    assert line.split("\t")[:2] == [session, "1"]
    assert line.endswith("@src/*.py")
    listed = json.loads(ok(files, "list", "--json"))
    shown = json.loads(ok(files, "show", session, "--json"))
    assert listed == {"sessions": [shown], "count": 1}
    assert shown["files"] == ["src/a.py"]
    assert json.loads(ok(files, "status", session, "--json")) == shown
    assert f"sessionId: {session}\n" in ok(files, "show", session)
    totals = json.loads(ok(files, "status", "--json"))
    assert {k: totals[k] for k in ("enabled", "entries", "hits", "misses")} == {
        "enabled": True,
        "entries": 1,
        "hits": 0,
        "misses": 1,
    }
    assert "entries: 1\n" in ok(files, "status")


def test_release_cleanup_clear(files: Path) -> None:
    session = ok(files, "pack", "src/*.py").strip()
    assert ok(files, "release", session) == f"released {session}\n"
    assert ok(files, "cleanup") == "removed 0 sessions\n"
    ok(files, "pack", "src/*.py")
    assert ok(files, "clear", "--yes") == "removed 1 session\n"
    assert ok(files, "list") == ""


def test_clear_without_a_terminal_needs_yes(files: Path) -> None:
    ok(files, "pack", "src/*.py")
    result = ccw(files, "clear")
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert ok(files, "list") != ""


@pytest.mark.parametrize("command", ["read", "show", "status", "release"])
def test_an_unknown_session(files: Path, command: str) -> None:
    result = ccw(files, command, "ctx-000000000000")
    assert result.exit_code == 3
    assert "Session not found: ctx-000000000000" in result.stderr


def test_nothing_to_pack(files: Path) -> None:
    result = ccw(files, "pack")
    assert result.exit_code == 2
    assert "name what to pack" in result.stderr


def configured(project: Path, cache_dir: str) -> None:
    path = project / ".ccw" / "storage" / "config" / "litellm-api-config.json"
    path.write_text(json.dumps({"version": 1, "globalCacheSettings": {"cacheDir": cache_dir}}))


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (["pack", "src/*"], 1),
        (["status"], 0),
        (["list"], 0),
        (["read", "ctx-000000000000"], 3),
        (["release", "ctx-000000000000"], 3),
        (["clear", "--yes"], 3),
        (["cleanup"], 3),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_foreign_cache_folder_is_left_alone(
    files: Path, arguments: list[str], exit_code: int
) -> None:
    configured(files, "src")
    result = ccw(files, *arguments)
    assert result.exit_code == exit_code
    assert "(it holds other things, such as a.py)" in result.stderr
    assert "move what is not ccw's away, or set cacheDir" in result.stderr
    assert sorted(path.name for path in (files / "src").iterdir()) == ["a.py", "b.bin"]


def test_a_cache_that_is_switched_off_keeps_nothing(files: Path) -> None:
    path = files / ".ccw" / "storage" / "config" / "litellm-api-config.json"
    path.write_text(json.dumps({"globalCacheSettings": {"enabled": False}}))
    result = ccw(files, "pack", "src/*.py")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the context cache is switched off" in result.stderr


def test_cleanup_as_json(files: Path) -> None:
    assert json.loads(ok(files, "cleanup", "--json")) == {"removed": 0}


def test_a_broken_cache_is_a_warning_and_clear_mends_it(files: Path) -> None:
    configured(files, "cache")
    session = ok(files, "pack", "src/*.py").strip()
    (files / "cache" / "cache.db").write_bytes(b"garbage" * 1000)
    for code, *arguments in ((1, "pack", "src/*.py"), (0, "list"), (0, "status")):
        result = ccw(files, *arguments)
        assert result.exit_code == code
        assert "cannot be used" in result.stderr
    kept = ccw(files, "pack", "src/*.py", "--json")
    assert (kept.exit_code, json.loads(kept.stdout)["sessionId"]) == (1, None)
    for arguments in (["cleanup"], ["release", session], ["show", session], ["read", session]):
        result = ccw(files, *arguments)
        assert (result.exit_code, result.stdout) == (3, "")
        assert result.stderr == (
            f"ccw: context cache {files}/cache cannot be used (file is not a database); "
            "`ccw cache clear` makes it new\n"
        )
    cleared = ccw(files, "clear", "--yes")
    assert cleared.exit_code == 0
    assert "was broken (file is not a database)" in cleared.stderr
    assert ok(files, "pack", "src/*.py").startswith("ctx-")


def test_the_totals_of_a_cache_that_cannot_be_used_are_unknown(files: Path) -> None:
    configured(files, "cache")
    ok(files, "pack", "src/*.py")
    (files / "cache" / "cache.db").write_bytes(b"garbage" * 1000)
    shown = ok(files, "status").splitlines()
    assert {"entries: unknown", "totalBytes: unknown", "hits: unknown", "usable: false"} <= {*shown}
    assert json.loads(ok(files, "status", "--json"))["usable"] is False


CHANGE = """
from ccw.cli.app import App
from ccw.cli.main import cli

project, session = sys.argv[1:]
app = App(environ={"HOME": project}, cwd=Path(project))
for arguments in (["clear", "--yes"], ["cleanup"], ["release", session]):
    arguments += ["--project", project]
    print(cli.main(["cache", *arguments], standalone_mode=False, obj=app))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="has to become another user")
def test_a_cache_that_may_not_be_changed_is_not_said_to_be_empty(files: Path) -> None:
    configured(files, "cache")
    session = ok(files, "pack", "src/*.py").strip()
    open_to_all(files)
    for path in [files / "cache", *(files / "cache").rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
        path.chmod(0o500 if path.is_dir() else 0o400)
    result = run_as_nobody(CHANGE, str(files), session)
    assert result.stdout == "3\n3\n3\n"
    for line in result.stderr.splitlines():
        assert line.startswith(f"ccw: context cache {files}/cache cannot be used (")
        assert line.endswith("cacheDir, to a folder that can be written")
