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


def test_a_foreign_cache_folder_is_refused(files: Path) -> None:
    configured(files, "src")
    for arguments in (["pack", "src/*"], ["status"], ["list"], ["clear", "--yes"], ["cleanup"]):
        result = ccw(files, *arguments)
        assert result.exit_code == 3
        assert "holds other things" in result.stderr
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
    ok(files, "pack", "src/*.py")
    (files / "cache" / "cache.db").write_bytes(b"garbage" * 1000)
    for code, *arguments in ((1, "pack", "src/*.py"), (0, "list"), (0, "status"), (0, "cleanup")):
        result = ccw(files, *arguments)
        assert result.exit_code == code
        assert "cannot be used" in result.stderr
    kept = ccw(files, "pack", "src/*.py", "--json")
    assert (kept.exit_code, json.loads(kept.stdout)["sessionId"]) == (1, None)
    ok(files, "clear", "--yes")
    assert ok(files, "pack", "src/*.py").startswith("ctx-")
