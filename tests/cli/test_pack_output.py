"""`ccw pack -o FILE`: all that is printed goes there, and FILE is no part of what it holds."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.cli.asking import CCW
from tests.cli.packing import ccw, fill
from tests.nobody import open_to_all, run_as_nobody


@pytest.fixture
def files(project: Path) -> Path:
    return fill(project)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--tree", "src"], id="tree"),
        pytest.param(["--tree", "--json", "src"], id="tree-json"),
        pytest.param(["--explain", "src/a.py", "src"], id="explain"),
        pytest.param(["--explain", "src/a.py", "--json", "src"], id="explain-json"),
        pytest.param(["--json", "src"], id="json"),
        pytest.param(["src"], id="pack"),
    ],
)
def test_all_that_is_printed(files: Path, arguments: list[str]) -> None:
    printed = ccw(files, "pack", *arguments)
    written = ccw(files, "pack", *arguments, "-o", "out.txt")
    assert (written.exit_code, written.stdout) == (0, "")
    assert (files / "out.txt").read_text() == printed.stdout
    assert written.stderr == printed.stderr


@pytest.mark.parametrize("name", ["out.md", "{a,b} [c]!.md", "-~(x|y),+@.md"])
@pytest.mark.parametrize("pattern", [".", "src/**", "src/*.*", "@src"])
def test_its_own_file_is_left_out(files: Path, name: str, pattern: str) -> None:
    assert ccw(files, "pack", pattern, "-o", f"src/{name}").exit_code == 0
    first = (files / "src" / name).read_bytes()
    again = ccw(files, "pack", pattern, "-o", f"src/{name}")
    assert (again.exit_code, (files / "src" / name).read_bytes()) == (0, first)
    assert f"left out: {files}/src/{name}: the pack is written to it" in again.stderr


def test_what_is_out_anyway_is_not_told(files: Path) -> None:
    (files / "src" / ".ccwignore").write_text("out.md\n")
    (files / "src" / "out.md").write_text("old")
    assert "out.md" not in ccw(files, "pack", "src", "-o", "src/out.md").stderr


@pytest.mark.parametrize(
    ("pattern", "output"),
    [
        pytest.param("README.md", "README.md", id="same"),
        pytest.param("./src/../README.md", "link.md", id="link"),
        pytest.param("app/[id].md", "app/[id].md", id="spelled-like-a-glob"),
        pytest.param("link.md", "README.md", id="named-by-a-link"),
    ],
)
def test_a_file_is_not_replaced_by_its_pack(files: Path, pattern: str, output: str) -> None:
    (files / "link.md").symlink_to("README.md")
    (files / "app").mkdir()
    (files / "app/[id].md").write_text("# read me\n")
    result = ccw(files, "pack", pattern, "src", "-o", output)
    assert result.exit_code == 2
    assert f"{files}/{output} is a file to pack, and writing the pack would repl" in result.stderr
    assert (files / output).read_text() == "# read me\n"


@pytest.mark.parametrize(
    ("pattern", "output"),
    [
        pytest.param("src/*.py", "src/a.py", id="glob"),
        pytest.param("src", "src/a.py", id="folder"),
        pytest.param("@src/**", "src/a.py", id="at"),
        pytest.param("src", "link.py", id="through-a-link"),
        pytest.param("links", "src/a.py", id="taken-through-a-link"),
        pytest.param("src", "src/__init__.py", id="empty"),
        pytest.param("src", "src/files.json", id="json"),
        pytest.param("src", "src/table.txt", id="table"),
    ],
)
@pytest.mark.parametrize("shape", [[], ["--json"], ["--tree"], ["--explain", "src/b.py"]])
def test_what_a_pattern_takes_is_not_replaced(
    files: Path, pattern: str, output: str, shape: list[str]
) -> None:
    (files / "link.py").symlink_to("src/a.py")
    (files / "links").mkdir()
    (files / "links/a.py").symlink_to("../src/a.py")
    (files / "src/__init__.py").touch()
    (files / "src/files.json").write_text('{\n  "files": [\n    {\n      "path": "x"}]}')
    (files / "src/table.txt").write_text("name  12 bytes\n")
    before = (files / output).read_bytes()
    result = ccw(files, "pack", *shape, pattern, "-o", output)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"ccw: {files}/{output} is a file to pack, and writing would replace it, which is no "
        "earlier output; write to another file, or delete that one first\n"
    )
    assert (files / output).read_bytes() == before


def test_a_taken_file_that_may_not_be_read_is_not_replaced(files: Path) -> None:
    open_to_all(files)
    (files / "src/unread.py").write_text("x = 1\n")
    (files / "src/unread.py").chmod(0)
    (files / "src").chmod(0o777)
    done = run_as_nobody(UNREAD_OUTPUT, str(files))
    assert done.stderr.splitlines()[-1] == "2"
    assert (files / "src/unread.py").read_text() == "x = 1\n"


def test_where_the_shell_writes_to_is_left_out(files: Path) -> None:
    for _ in range(2):
        script = f"{CCW} pack src > src/out.md"
        done = subprocess.run(["sh", "-c", script], cwd=files, stderr=-1, text=True, check=True)
    assert f"left out: {files}/src/out.md: the pack is written to it" in done.stderr
    assert "out.md" not in (files / "src/out.md").read_text()


def sh(files: Path, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-c", script], cwd=files, capture_output=True, text=True)


@pytest.mark.parametrize("how", ["2>", "2>>"])
@pytest.mark.parametrize("shape", ["", "--json", "--tree"])
def test_where_the_shell_writes_messages_to_is_left_out(files: Path, how: str, shape: str) -> None:
    (files / "src/err.log").write_text("what an earlier run said\n")
    (files / "src/link.log").symlink_to("err.log")
    os.link(files / "src/err.log", files / "src/linked.log")
    plain = sh(files, f"{CCW} pack src {shape} '!src/*.log'")
    done = sh(files, f"{CCW} pack src {shape} {how} src/err.log")
    assert (done.returncode, done.stdout) == (0, plain.stdout)
    log = (files / "src/err.log").read_text()
    assert f"left out: {files}/src/err.log: the output is written to it\n" in log
    assert log.endswith(plain.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param("src > src/out.md 2>&1", id="one"),
        pytest.param("src > src/out.md 2> src/err.log", id="two"),
        pytest.param("src -o src/out.md > src/empty.txt 2> src/err.log", id="three"),
    ],
)
def test_all_files_written_to_are_left_out(files: Path, arguments: str) -> None:
    for _ in range(2):
        done = sh(files, f"{CCW} pack {arguments}")
        assert (done.returncode, done.stdout) == (0, "")
        packed = (files / "src/out.md").read_text()
        assert re.findall("^```(src/.*)$", packed, re.M) == ["src/a.py", "src/b.py"]


def test_what_messages_are_written_to_is_no_file_to_pack(files: Path) -> None:
    done = sh(files, f"{CCW} pack README.md src/a.py 2>> README.md")
    assert (done.returncode, done.stdout) == (2, "")
    assert (files / "README.md").read_text() == (
        f"# read me\nccw: {files}/README.md is a file to pack, and writing the output would "
        "replace it; write to another file\n"
    )


UNREAD_OUTPUT = """\
import os
from ccw.__main__ import run
os.chdir(sys.argv[1])
print(run(["pack", "src", "-o", "src/unread.py", "--project", "."]), file=sys.stderr)
"""
UNREADABLE = """\
import os
from pathlib import Path
from ccw.__main__ import run
os.chdir(sys.argv[1])
codes = [
    run(["pack", "unread.py", *more, "--project", "."])
    for more in ([], ["README.md"], ["README.md", "--allow-missing"], ["--explain", "unread.py"])
]
print(codes, file=sys.stderr)
"""


def test_a_file_that_may_not_be_read_is_no_matter_of_usage(files: Path) -> None:
    open_to_all(files)
    (files / "unread.py").write_text("x = 1\n")
    (files / "unread.py").chmod(0)
    done = run_as_nobody(UNREADABLE, str(files))
    assert done.stderr.splitlines()[-1] == "[4, 0, 0, 0]"
    assert "Invalid value" not in done.stderr


@pytest.mark.parametrize("command", ["pack .", "cli hi", "cache status", "provider list"])
def test_a_working_directory_that_was_deleted(tmp_path: Path, command: str) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"cd {gone} && rmdir {gone} && {CCW} {command}"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "ccw: the working directory was deleted; cd to a folder that exists\n"


def test_json_is_whole(files: Path) -> None:
    ccw(files, "pack", "--json", "src", "-o", "out.json")
    shown = json.loads((files / "out.json").read_text())
    assert [file["path"] for file in shown["files"]] == ["src/a.py", "src/b.py"]
