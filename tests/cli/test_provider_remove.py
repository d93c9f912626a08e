"""`ccw provider remove`, and what ccw asks on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from ccw.config.places import config_path
from tests.cli.providing import KEY, add, ccw, said, stored


@pytest.fixture
def two_endpoints(tmp_path: Path) -> Path:
    add(tmp_path)
    ccw(tmp_path, "provider", "add", "--type", "ollama", "--id", "q")
    for name, provider in (("a", "p"), ("b", "p"), ("c", "q")):
        ccw(tmp_path, "endpoint", "add", name, "--provider", provider, "--model", "m")
    return tmp_path


def test_remove_tells_what_else_goes(two_endpoints: Path) -> None:
    result = ccw(two_endpoints, "provider", "remove", "p", "--yes")
    assert said(result) == (0, "removed p and its endpoints a, b\n", "default endpoint: c\n")
    content = stored(two_endpoints)
    ids = [[item["id"] for item in content[name]] for name in ("providers", "endpoints")]
    assert (ids, content["defaultEndpoint"]) == ([["q"], ["c"]], "c")


def test_remove_needs_a_yes_in_scripts(two_endpoints: Path) -> None:
    before = config_path(two_endpoints).read_bytes()
    assert said(ccw(two_endpoints, "provider", "remove", "p")) == (
        2,
        "",
        "ccw: Remove provider p and its endpoints a, b? Add --yes to do it without being asked\n",
    )
    assert config_path(two_endpoints).read_bytes() == before
    assert said(ccw(two_endpoints, "provider", "remove", "no", "--yes")) == (
        3,
        "",
        "ccw: Provider not found: no\n",
    )


def on_a_terminal(project: Path, *words: str, answer: str) -> tuple[int, str, str]:
    """Run ccw with a terminal as its input and answer its question.

    Returns its exit code, what it printed and what the terminal showed of the answer.
    """
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "ccw", *words, "--project", str(project)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        start_new_session=True,  # the terminal of the tests is not to be asked
    ) as process:
        assert process.stdout is not None
        printed = b""
        while not printed.endswith(b": "):  # what is typed ahead of the question is dropped
            printed += process.stdout.read(1) or b"\n(ended without a question): "
        os.write(ours, f"{answer}\n".encode())
        printed += process.stdout.read()
    os.set_blocking(ours, False)
    with os.fdopen(ours, "rb") as terminal:
        shown = terminal.read() or b""
    os.close(theirs)
    return process.returncode, printed.decode(), shown.decode()


@pytest.mark.parametrize(
    ("answer", "code", "kept"), [("y", 0, ["q"]), ("n", 1, ["p", "q"]), ("", 1, ["p", "q"])]
)
def test_remove_asks_on_a_terminal(
    two_endpoints: Path, answer: str, code: int, kept: list[str]
) -> None:
    ended = on_a_terminal(two_endpoints, "provider", "remove", "p", answer=answer)
    assert ended[0] == code
    assert "Remove provider p and its endpoints a, b? [y/N]" in ended[1]
    assert [item["id"] for item in stored(two_endpoints)["providers"]] == kept


def test_a_key_typed_on_a_terminal_is_not_shown(tmp_path: Path) -> None:
    words = ("provider", "add", "--type", "openai", "--id", "p", "--api-key", "-")
    code, printed, shown = on_a_terminal(tmp_path, *words, answer=KEY)
    assert (code, stored(tmp_path)["providers"][0]["apiKey"]) == (0, KEY)
    assert KEY not in printed + shown
