"""`ccw pack` in a process of its own: pipes, a full disk, memory, what it loads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.packing import ROOT, fill, process


@pytest.fixture
def files(project: Path) -> Path:
    return fill(project)


def test_a_closed_pipe_is_no_traceback(files: Path) -> None:
    (files / "src" / "big.txt").write_text("x" * 79 + "\n" * 10_000)
    for number in range(40):
        (files / "src" / f"{number}.txt").write_text(("x" * 79 + "\n") * 5_000)
    running = process(files, "pack", "src/**")
    assert running.stdout
    assert running.stderr
    assert running.stdout.readline().startswith(b"Each file below")
    running.stdout.close()
    errors = running.stderr.read()
    running.stderr.close()
    running.wait(20)
    assert errors == b""
    assert running.returncode != 0


def test_a_plain_pack_loads_nothing_heavy(files: Path) -> None:
    code = (
        "import sys, ccw.__main__ as m; code = m.run(['pack', 'src/*.py']);"
        "heavy = {'pydantic', 'diskcache', 'sqlite3', 'wcmatch', 'pathspec', 'rich', 'httpx',"
        " 'litellm', 'filelock', 'dotenv', 'tiktoken', 'asyncio', 'charset_normalizer'};"
        "print(code, sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=files,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert result.stderr.splitlines()[-1] == "0 []"


def test_a_large_pack_needs_little_memory(project: Path) -> None:
    """A pack is streamed: its size is not its memory."""
    for number in range(100):
        (project / f"{number}.txt").write_bytes(b"0123456789abcde\n" * 60_000)
    code = (
        "import resource, ccw.__main__ as m;"
        "m.run(['pack', '--version' if False else '*.py', '--allow-missing']);"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "m.run(['pack', '*.txt', '-o', 'out']);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert (project / "out").stat().st_size > 96_000_000
    assert int(result.stdout) < 20_000  # KB


def test_a_full_disk_on_stdout(files: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        running = process(files, "pack", "src/*.py", stdout=full)
        _, errors = running.communicate(timeout=20)
    assert running.returncode == 1
    assert errors == b"ccw: cannot write the pack: No space left on device\n"
