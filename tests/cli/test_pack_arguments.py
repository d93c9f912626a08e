"""The arguments of `ccw pack` and `ccw cache pack` are patterns, never prose."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccw import context_cache
from ccw.errors import CcwError, NothingMatched, UsageError
from tests.cli.packing import ccw, fill


@pytest.fixture
def files(project: Path) -> Path:
    (project / "empty").mkdir()
    (project / "hidden").mkdir()
    (project / "hidden" / ".a").touch()
    (project / "Makefile").write_text("all:\n")
    return fill(project)


BAD = [
    pytest.param(
        ["Makefil"], NothingMatched, "Makefil matches no file: did you mean Makefile?", id="near"
    ),
    pytest.param(["README.md", "any"], NothingMatched, "any matches no file (", id="beside-others"),
    pytest.param(["any/"], NothingMatched, "any/ matches no file (", id="folder"),
    pytest.param(["empty/"], NothingMatched, "matches no file: the folder is empty", id="empty"),
    pytest.param(["empty"], NothingMatched, "matches no file: the folder is empty", id="empty-too"),
    pytest.param(
        ["hidden"], NothingMatched, "the folder holds no files but hidden ones", id="hidden"
    ),
    pytest.param(["empty/*"], NothingMatched, "empty/* matches no file (", id="empty-glob"),
    pytest.param(
        ["!a.py"],
        UsageError,
        '!a.py only leaves files out; name also what to pack, for example: "**" "!a.py"',
        id="only-excluded",
    ),
]


@pytest.mark.parametrize(("arguments", "error", "message"), BAD)
@pytest.mark.parametrize("command", [["pack"], ["cache", "pack"]])
def test_errors(
    files: Path, command: list[str], arguments: list[str], error: type[CcwError], message: str
) -> None:
    result = ccw(files, *command, *arguments)
    assert (result.exit_code, result.stdout) == (error.exit_code, "")
    assert message in result.stderr
    assert "\\@" not in result.stderr


@pytest.mark.parametrize(("arguments", "error", "message"), BAD)
def test_errors_in_python(
    files: Path, arguments: list[str], error: type[CcwError], message: str
) -> None:
    with pytest.raises(error) as raised:
        context_cache.pack(files, arguments)
    assert message in str(raised.value)
