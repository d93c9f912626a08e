"""No command lets a terminal obey what a cloned project's files say; JSON still means the same."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ccw.cli.app import escaped, in_line
from tests.cli.asking import CCW
from tests.cli.trusting import environ, run
from tests.projects import write_config
from tests.terminal import converse, shown

EVIL = "\x1b[8m\x07\x9b2J\u202e\r\x7f"
SHOWN = "\\u001b[8m\\u0007\\u009b2J\\u202e\\u000d\\u007f"
PROVIDER = {
    "id": "p", "name": f"P{EVIL}\nforged", "type": f"t{EVIL}", "apiKey": f"${{X:-{EVIL}}}",
    "apiBase": f"https://h.example/${{H:-{EVIL}}}", "own": EVIL,
    "apiKeys": [{"key": "${NAME}", "label": EVIL}],
    "models": [{"id": f"m{EVIL}", "name": EVIL}],
}  # fmt: skip
ENDPOINT = {
    "id": "e", "name": EVIL, "providerId": f"p{EVIL}", "model": f"m{EVIL}", "description": EVIL,
    "fallbacks": [f"f{EVIL}"], "params": {EVIL: EVIL},
}  # fmt: skip
HERE = {**ENDPOINT, "id": "here", "providerId": "p"}


@pytest.fixture
def cloned(project: Path) -> Path:
    write_config(
        project,
        {
            "providers": [PROVIDER],
            "endpoints": [ENDPOINT, HERE],
            "defaultEndpoint": f"d{EVIL}",
            "globalCacheSettings": {"cacheDir": f"../{EVIL}"},
        },
    )
    return project


COMMANDS = [
    "provider list",
    "provider show p",
    "provider models p",
    "provider test p",
    "endpoint list",
    "endpoint show e",
    "endpoint default",
    "config show",
    "config show --origin",
    "config validate",
    "config path",
    "models",
    "init",
    "trust --list",
    "cli -p hi --model e",
    "cli -p hi --model here",
    "cli -p hi",
    "cli -p hi --dry-run --model here",
    "cache stats",
    "config export opencode",
    "config export codex",
]


def is_safe(text: str) -> bool:
    return all(char.isprintable() or char in "\n\t" for char in text)


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_project_says(cloned: Path, command: str) -> None:
    done = run(cloned, *command.split())
    assert is_safe(done.stdout), repr(done.stdout)
    assert is_safe(done.stderr), repr(done.stderr)
    assert "Traceback" not in done.stderr
    assert "forged" not in (done.stdout + done.stderr).splitlines()


def test_on_a_terminal_too(cloned: Path) -> None:
    said = converse([CCW, "cli", "-p", "hi", "--model", "here"], environ(), cloned, "[y/N]", "n")
    assert said.exit_code == 3
    assert "trust" in said.terminal
    assert not any(part in said.terminal for part in ("\x1b[8m", "\x9b", "\x07", "\u202e"))


def test_json_means_the_same(cloned: Path) -> None:
    shown = json.loads(run(cloned, "provider", "show", "p", "--json").stdout)
    assert (shown["name"], shown["own"]) == (PROVIDER["name"], EVIL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(EVIL, SHOWN, id="controls"),
        pytest.param("a\nb\tc", "a\nb\tc", id="line-ends-stay"),
        pytest.param("e\u0301 \u0915\u094d\u0937 👩\u200d💻 עברית", None, id="letters-stay"),
        pytest.param("\udcff", "\\udcff", id="no-utf-8"),
    ],
)
def test_escaped(text: str, expected: str | None) -> None:
    assert escaped(text) == (text if expected is None else expected)
    assert json.loads(escaped(json.dumps(text, ensure_ascii=False))) == text
    assert in_line(text).count("\n") == 0


def test_a_state_that_a_clone_brings(cloned: Path) -> None:
    state = {"providers": {"p": {"lastValidated": EVIL, "ok": False, "error": EVIL}}}
    named = {"providers": {"p": {
        "lastValidated": "2099-01-01T00:00:00.000Z", "ok": False, "keys": {
            EVIL: {"state": "ok", "since": 1}},
    }}}  # fmt: skip
    path = cloned / ".ccw/storage/config/litellm-api-state.json"
    for content, is_shown in ((state, False), (named, True)):
        path.write_text(json.dumps(content))
        done = run(cloned, "provider", "show", "p")
        assert (is_safe(done.stdout), "lastTest" in done.stdout) == (True, is_shown)
    assert os.path.getsize(path) > 0


def test_what_a_file_says_on_a_terminal(project: Path) -> None:
    (project / "a.txt").write_text(f"{EVIL}\nü\r\n" * 20_000)
    said = shown([CCW, "pack", "a.txt"], environ(), project).decode()
    session = run(project, "cache", "pack", "a.txt").stdout.strip()
    read = shown([CCW, "cache", "read", session, "--limit", "500"], environ(), project).decode()
    for text, times in ((said, 20_000), (read, 5)):
        lines = text.replace("\r\n", "\n")
        assert is_safe(lines), repr(lines[:300])
        assert lines.count(f"{SHOWN}\nü\n") >= times
    piped = run(project, "pack", "a.txt")
    assert piped.stdout.count("\x1b[8m") == 20_000
