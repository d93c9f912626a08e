"""Files of all kinds, names of all bytes, folders that refuse: reported, never a crash."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ccw.errors import NothingMatched, PatternError
from tests.context.finding import bytes_name, find, left_out, paths, write
from tests.nobody import open_to_all, run_as_nobody


def test_fifo_socket_and_folder_named_like_a_file(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "folder.py/b.py")
    os.mkfifo(tmp_path / "fifo.py")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket.py"))
        found = find(tmp_path, "@*.py @fifo.py")
    assert paths(found) == ["a.py"]
    assert left_out(found) == {
        "fifo.py": "is a FIFO, not a regular file",
        "socket.py": "is a socket, not a regular file",
    }
    assert found.matched == {"@*.py": 1, "@fifo.py": 0}


def test_device(tmp_path: Path) -> None:
    found = find(tmp_path, "@/dev/null", include_dirs=(Path("/dev"),))
    assert [item.reason for item in found.skipped] == ["is a device, not a regular file"]


def test_too_large(tmp_path: Path) -> None:
    write(tmp_path, "big.txt", text="x" * 2001)
    write(tmp_path, "fits.txt", text="x" * 2000)
    found = find(tmp_path, "@*.txt @big.txt", max_file_size=2000)
    assert paths(found) == ["fits.txt"]
    assert left_out(found) == {"big.txt": "larger than 2,000 bytes: 2,001 (--max-file-size)"}


def test_names_of_all_bytes(tmp_path: Path) -> None:
    names = ["with space.py", "new\nline.py", "tab\t.py", "quote'\".py", bytes_name(b"\xff\xfe.py")]
    write(tmp_path, *names, "@types.py", "-dash.py", "ü.py")
    expected = sorted([*names, "@types.py", "-dash.py", "ü.py"], key=os.fsencode)
    assert paths(find(tmp_path, "@*.py")) == expected
    assert all(Path(file.location).exists() for file in find(tmp_path, "@*.py").files)


def test_undecodable_name_in_a_message_is_printable(tmp_path: Path) -> None:
    with pytest.raises(NothingMatched) as raised:
        find(tmp_path, f"@{bytes_name(bytes([255]))}.py")
    assert str(raised.value).startswith("@\\xff.py matches no file")
    str(raised.value).encode()


def test_dots_after_a_wildcard(tmp_path: Path) -> None:
    with pytest.raises(PatternError, match=r"write `\.\.` before the first wildcard"):
        find(tmp_path, "@*/../x.py")


def test_name_with_a_zero_byte(tmp_path: Path) -> None:
    with pytest.raises(NothingMatched):
        find(tmp_path, "@src/a\0b*.py @a\0b.py")


def make_deep(root: Path, depth: int) -> None:
    """Make *depth* nested folders with a file in the last, beyond what one path may name."""
    folder = os.open(root, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=folder)
        inner = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(os.open("b.py", os.O_CREAT, dir_fd=folder))
    os.close(folder)


@pytest.fixture
def deep_root(tmp_path: Path) -> Iterator[Path]:
    write(tmp_path, "a.py")
    yield tmp_path
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


def test_deeper_than_python_recurses(deep_root: Path) -> None:
    make_deep(deep_root, 1100)
    assert paths(find(deep_root, "@**/*.py")) == ["a.py", "d/" * 1100 + "b.py"]


def test_deeper_than_a_path_is_long(deep_root: Path) -> None:
    make_deep(deep_root, 2100)
    found = find(deep_root, "@**/*.py")
    assert paths(found) == ["a.py"]
    assert [item.reason for item in found.skipped] == ["cannot be listed: File name too long"]


LIST_FILES = """
from ccw.context.files.find import Scope, find_files
from ccw.context.patterns import parse_pattern
root = Path(sys.argv[1])
found = find_files([parse_pattern(p) for p in sys.argv[2:]], Scope(root, root))
print([file.path for file in found.files])
print([(item.path, item.reason) for item in found.skipped])
"""


def test_no_permission(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "closed.py", "locked/b.py")
    (tmp_path / "closed.py").chmod(0o000)
    (tmp_path / "locked").chmod(0o000)
    (tmp_path / ".gitignore").touch(mode=0o000)
    open_to_all(tmp_path)
    done = run_as_nobody(LIST_FILES, str(tmp_path), "**/*.py", "closed.py")
    (tmp_path / "locked").chmod(0o755)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "['a.py']",
        "[('closed.py', 'no permission to read it'), "
        "('locked/', 'cannot be listed: Permission denied')]",
    ]
