"""Prompts that are typed twice, without quotes, or beside what standard input holds."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.asking import CCW, invoke, prompt_sent, run, start
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["-p", "a", "-p", "b"], "-p is given twice", id="-p"),
        pytest.param(["-f", "a.md", "--file", "b.md"], "-f is given twice", id="-f"),
        pytest.param(
            ["@src/a.py", "explain", "it's"],
            """quote the prompt: ccw cli '@src/a.py explain it'"'"'s'""",
            id="no-quotes",
        ),
        pytest.param(["x" * 50, "y" * 50], f"ccw cli '{'x' * 50} {'y' * 9}…'", id="long"),
    ],
)
def test_two_prompts_are_refused(
    shop: Path, openai_server: Server, arguments: Sequence[str], message: str
) -> None:
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert openai_server.requests == []


@pytest.mark.parametrize(
    ("arguments", "sent", "said"),
    [
        pytest.param(
            ["@src/a.py", "-p", "option"],
            "option",
            "not used: the prompt '@src/a.py', as -p gives one",
            id="argument",
        ),
        pytest.param(
            ["-f", "prompt.md", "-p", "option"],
            "from file\n",
            "not used: the prompt of -p, as -f gives one",
            id="option",
        ),
        pytest.param(
            ["-f", "prompt.md", "arg", "-p", "option"],
            "from file\n",
            "not used: the prompt of -p and the prompt 'arg', as -f gives one",
            id="both",
        ),
    ],
)
def test_a_prompt_that_is_not_used_is_told(
    shop: Path, openai_server: Server, arguments: Sequence[str], sent: str, said: str
) -> None:
    (shop / "prompt.md").write_text("from file\n")
    result = invoke(*arguments)
    assert (result.exit_code, prompt_sent(openai_server)) == (0, sent)
    assert result.stderr.splitlines()[0] == said


UNREAD = b"not used: standard input; add --stdin to send it as context"


def test_a_pipe_that_is_not_read_is_told(shop: Path) -> None:
    assert run("hi", stdin=b"piped").stderr.splitlines()[0] == UNREAD


def test_a_file_that_is_not_read_is_told(shop: Path) -> None:
    (shop / "log.txt").write_text("ERROR")
    with (shop / "log.txt").open("rb") as log, start("hi", stdin=log) as process:
        _, said = process.communicate(timeout=30)
    assert said.splitlines()[0] == UNREAD


LOOP = f"while read word; do {CCW} cli -- $word; done"


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(f"{LOOP} < words.txt", id="file"),
        pytest.param(f"cat words.txt | {LOOP}", id="pipe"),
        pytest.param(f"for word in a; do {CCW} cli $word; done < words.txt", id="from-its-start"),
        pytest.param(f"(read word; exec {CCW} cli hi) < words.txt", id="begun"),
        pytest.param(f"cat words.txt | sh -c '{CCW} cli hi; true'", id="script"),
        pytest.param(f"cat words.txt | timeout 60 {CCW} cli hi", id="wrapper"),
    ],
)
def test_nothing_is_told_of_an_input_that_is_somebody_elses(shop: Path, script: str) -> None:
    (shop / "words.txt").write_text("one\ntwo\n")
    done = subprocess.run(["bash", "-c", script], cwd=shop, capture_output=True, check=True)
    assert done.stdout.splitlines()[0] == ANSWER.encode()
    assert b"not used" not in done.stderr


@pytest.mark.parametrize(
    "script", [f"cat words.txt | {CCW} cli hi; true", f"{CCW} cli hi < words.txt; true"]
)
def test_an_input_that_a_shell_gives_is_told(shop: Path, script: str) -> None:
    (shop / "words.txt").write_text("one\ntwo\n")
    done = subprocess.run(["bash", "-c", script], cwd=shop, capture_output=True, check=True)
    assert done.stderr.splitlines()[0] == UNREAD


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        pytest.param(["hi"], b"", id="empty"),
        pytest.param(["hi", "--stdin"], b"piped", id="asked-for"),
        pytest.param([], b"piped", id="prompt"),
    ],
)
def test_nothing_is_told_of_an_input_that_is_empty_or_read(
    shop: Path, arguments: Sequence[str], stdin: bytes
) -> None:
    done = run(*arguments, stdin=stdin)
    assert (done.returncode, done.stdout) == (0, f"{ANSWER}\n".encode())
    assert b"not used" not in done.stderr
