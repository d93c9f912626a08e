"""When every named file has to be left out nothing is asked and nothing printed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.asking import ccw, invoke, prompt_sent
from tests.servers.loopback import Server

NAMED = [
    pytest.param(
        "README.md:9000-9040",
        [],
        4,
        "README.md: its lines 9000-9040 do not exist: it has 1;",
        id="lines-beyond-the-end",
    ),
    pytest.param(
        f"README.md:{'9' * 20}",
        [],
        4,
        f"README.md: its line {'9' * 20} does not exist: it has 1;",
        id="absurd-lines",
    ),
    pytest.param("odd/bin.dat", [], 4, "odd/bin.dat: binary;", id="binary"),
    pytest.param("odd/fifo", [], 4, "odd/fifo: is a FIFO, not a regular file;", id="fifo"),
    pytest.param(
        "odd/big.txt",
        ["--max-file-size", "100"],
        7,
        "odd/big.txt: larger than 100 bytes: 5,000 (--max-file-size);",
        id="too-large",
    ),
    pytest.param(
        "odd/*.txt",
        ["--max-file-size", "100"],
        7,
        "odd/big.txt: larger than 100 bytes: 5,000 (--max-file-size);",
        id="too-large-by-glob",
    ),
    pytest.param(
        "odd/big.txt",
        ["--max-size", "1", "--over", "drop"],
        7,
        "odd/big.txt: over the limit of 1 KB, 5,0",
        id="dropped",
    ),
    pytest.param(
        "odd/",
        ["--max-file-size", "100"],
        4,
        "odd/big.txt: larger than 100 bytes: 5,000 (--max-file-size); odd/bin.dat: binary; "
        "odd/fifo: is a FIFO, not a regular file;",
        id="several",
    ),
]


@pytest.fixture
def odd(shop: Path) -> Path:
    (shop / "odd").mkdir()
    (shop / "odd/bin.dat").write_bytes(b"\0")
    (shop / "odd/big.txt").write_text("x" * 5000)
    os.mkfifo(shop / "odd/fifo")
    return shop


@pytest.mark.parametrize(("named", "options", "exit_code", "reasons"), NAMED)
@pytest.mark.parametrize("cache", ["--cache", "--no-cache"])
def test_nothing_is_asked(
    odd: Path,
    openai_server: Server,
    cache: str,
    named: str,
    options: list[str],
    exit_code: int,
    reasons: str,
) -> None:
    for stdin in ([], ["--stdin"]):
        result = invoke("-p", f"@{named} Explain", cache, *options, *stdin, stdin="more")
        assert (result.exit_code, result.stdout) == (exit_code, "")
        assert f"all files that the patterns name are left out: {reasons}" in result.stderr
        assert "add --allow-missing" in result.stderr
    assert openai_server.posts == []


@pytest.mark.parametrize(("named", "options", "exit_code", "reasons"), NAMED)
@pytest.mark.parametrize("command", [["pack"], ["pack", "--json"], ["cache", "pack"]])
def test_nothing_is_packed(
    odd: Path,
    command: list[str],
    named: str,
    options: list[str],
    exit_code: int,
    reasons: str,
) -> None:
    result = ccw(*command, named, *options)
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert reasons in result.stderr


def test_allowed(odd: Path, openai_server: Server) -> None:
    result = invoke("-p", "@odd/bin.dat Explain", "--allow-missing")
    assert result.exit_code == 0
    assert "left out: odd/bin.dat: binary\n" in result.stderr
    assert "- odd/bin.dat: binary" in prompt_sent(openai_server)
    assert ccw("pack", "odd/bin.dat", "--allow-missing").exit_code == 0


def test_one_usable_file_is_enough(odd: Path) -> None:
    result = invoke("-p", "@odd/bin.dat @README.md Explain")
    assert result.exit_code == 0
    assert "left out: odd/bin.dat: binary\n" in result.stderr
