"""Standard input without end: read no further than what is refused for certain."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.cli.asking import CCW, invoke
from tests.projects import CONFIG
from tests.servers.loopback import Server

LARGE = "line\n" * 300_000  # 1.5 MB
MB = 2**20
PIECE = b"word\n" * 13_000


@contextmanager
def endless() -> Iterator[tuple[int, list[int]]]:
    """Give a pipe into which somebody writes without end, and the sizes that were taken."""
    ours, theirs = os.pipe()
    taken: list[int] = []

    def write() -> None:
        with suppress(BrokenPipeError):
            while True:
                taken.append(os.write(theirs, PIECE))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield ours, taken
    finally:
        os.close(ours)
        thread.join()
        os.close(theirs)


def read_endlessly(*arguments: str) -> tuple[int, str, str, float]:
    """Run `ccw cli` on it, and return exit code, stdout, stderr and the MB it has read."""
    with endless() as (stdin, taken):
        done = subprocess.run([CCW, "cli", *arguments], stdin=stdin, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr, sum(taken) / MB


@pytest.mark.parametrize(
    ("arguments", "limit", "most"),
    [
        pytest.param(["--dry-run"], "512 KB", 2, id="of-the-endpoint"),
        pytest.param([], "512 KB", 2, id="call"),
        pytest.param(["--dry-run", "--max-size", "2000"], "2,000 KB", 4, id="option"),
        pytest.param(["--dry-run", "--no-cache"], "65,536 KB", 66, id="of-every-model"),
        pytest.param(
            ["--dry-run", "--max-size", "9999999"], "65,536 KB", 66, id="option-too-large"
        ),
        pytest.param(["--dry-run", "--over", "drop"], "512 KB", 2, id="drop"),
    ],
)
def test_further_context(
    shop: Path, openai_server: Server, arguments: list[str], limit: str, most: float
) -> None:
    code, stdout, stderr, read = read_endlessly("sum", "--stdin", *arguments)
    assert (code, stdout) == (7, "")
    note, error = stderr.splitlines()
    assert note == f"standard input was not read to its end, as it is over the limit of {limit}"
    assert error.startswith("ccw: the packed context has ")
    assert f"more than the limit of {limit}; " in error
    assert "shorten that, or raise the limit with --max-size KB" in error
    assert read <= most
    assert openai_server.requests == []


@pytest.mark.parametrize("arguments", [[], ["-f", "-"], ["-f", "/dev/zero"]], ids=str)
def test_prompt(shop: Path, openai_server: Server, arguments: list[str]) -> None:
    code, stdout, stderr, read = read_endlessly(*arguments)
    assert (code, stdout) == (7, "")
    source = "/dev/zero" if "/dev/zero" in arguments else "standard input"
    assert stderr == (
        f"ccw: the prompt of {source} has more than 64 MB, which no model takes; "
        "keep it short, and name files in it by @patterns\n"
    )
    assert read <= 66
    assert openai_server.requests == []


def test_json_has_the_refusal(shop: Path, openai_server: Server) -> None:
    result = invoke("sum", "--stdin", "--json", stdin=LARGE)
    shown = json.loads(result.stdout)
    assert (result.exit_code, shown["errorType"]) == (7, "context_too_large")
    assert openai_server.requests == []


@pytest.mark.parametrize("arguments", [["--max-size", "2000"], ["--no-cache"]], ids=str)
def test_below_the_limit_all_of_it_is_sent(
    shop: Path, openai_server: Server, arguments: list[str]
) -> None:
    path = shop / CONFIG  # of a model with a window that nobody knows
    path.write_text(path.read_text().replace('"gpt-4o"', '"unknown-model"'))
    result = invoke("sum", "--stdin", *arguments, stdin=f"{LARGE}end ü")
    assert result.exit_code == 0, result.output
    assert f"{LARGE}end ü\n" in openai_server.posts[-1].json["messages"][-1]["content"]
