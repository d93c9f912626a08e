"""`ccw provider` from the outside: what it writes, prints, asks and refuses."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ccw.cli.main import cli
from ccw.config.places import config_path

KEY = "sk-canary-0123456789"
MASKED = "sk-…6789"


def ccw(project: Path, *words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(cli, [*words, "--project", str(project)], input=typed)


def add(project: Path, *words: str, typed: str | None = None) -> Result:
    return ccw(project, "provider", "add", "--type", "openai", "--id", "p", *words, typed=typed)


def stored(project: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(config_path(project).read_text())
    return content


def without_times(fields: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in fields.items() if k not in ("createdAt", "updatedAt")}


def said(result: Result) -> tuple[int, str, str]:
    return result.exit_code, result.stdout, result.stderr


def test_add_with_all_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    result = add(
        tmp_path, "--name", "Mine", "--api-key-env", "MY_KEY", "--api-base", "https://h/v1/",
        "--disable", "--timeout", "30", "--max-retries", "1", "--organization", "org",
        "--api-version", "v", "--header", "X-A=1", "--header", "X-B=a=b", "--proxy", "http://pr",
    )  # fmt: skip
    assert said(result) == (
        0,
        "added p\n",
        "next: ccw endpoint add ID --provider p --model MODEL\n",
    )
    assert without_times(stored(tmp_path)["providers"][0]) == {
        "id": "p",
        "name": "Mine",
        "type": "openai",
        "apiKey": "${MY_KEY}",
        "apiBase": "https://h/v1",
        "enabled": False,
        "advancedSettings": {
            "timeout": 30,
            "maxRetries": 1,
            "organization": "org",
            "apiVersion": "v",
            "customHeaders": {"X-A": "1", "X-B": "a=b"},
            "proxy": "http://pr",
        },
    }


@pytest.mark.parametrize("name", ["MY_KEY", "$MY_KEY", "${MY_KEY}"])
def test_a_variable_may_be_written_as_a_reference(tmp_path: Path, name: str) -> None:
    result = add(tmp_path, "--api-key-env", name)
    assert stored(tmp_path)["providers"][0]["apiKey"] == "${MY_KEY}"
    assert "note: MY_KEY is not set at present" in result.stderr


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        pytest.param(("--api-key", KEY), None, id="argument"),
        pytest.param(("--api-key", "-"), f"{KEY}\n", id="stdin"),
    ],
)
def test_a_literal_key_is_kept_masked_and_warned_about(
    tmp_path: Path, words: tuple[str, ...], typed: str | None
) -> None:
    result = add(tmp_path, *words, typed=typed)
    assert stored(tmp_path)["providers"][0]["apiKey"] == KEY
    assert "prefer a reference: ccw provider update p --api-key-env NAME" in result.stderr
    shown = [result] + [
        ccw(tmp_path, *command.split())
        for command in (
            "provider list", "provider list --json", "provider show p", "provider show p --json",
            "config show", "config validate",
        )
    ]  # fmt: skip
    assert [item.exit_code for item in shown] == [0] * 7
    everything = "".join(item.output for item in shown)
    assert KEY not in everything
    assert everything.count(MASKED) == 5


def test_a_literal_that_equals_a_variable_earns_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    result = add(tmp_path, "--api-key", KEY)
    assert "it equals $OPENAI_API_KEY; prefer a reference" in result.stderr
    assert "--api-key-env OPENAI_API_KEY" in result.stderr


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--api-key", "a", "--api-key-env", "B"), 2, "exclude each other"),
        (("--api-key-env", KEY), 2, "--api-key-env expects the name of a variable"),
        (("--header", "novalue"), 2, "--header expects NAME=VALUE"),
        (("--api-base", "ftp://h"), 3, "apiBase: must begin with http:// or https://"),
        (("--api-base", f"https://u:{KEY}@h"), 3, "apiBase: must not hold a user name or passwor"),
        (("--id", "a/b"), 3, "expected an id of letters"),
        (("--id", "a b"), 3, "expected an id of letters"),
        (("--timeout", "0"), 3, "advancedSettings.timeout: should be greater than 0"),
        (("--max-retries", "x"), 2, "'x' is not a valid integer"),
    ],
)
def test_add_refuses(tmp_path: Path, words: tuple[str, ...], code: int, message: str) -> None:
    result = add(tmp_path, *words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr
    assert KEY not in result.stderr
    assert not config_path(tmp_path).exists()


def test_ids_are_unique(tmp_path: Path) -> None:
    add(tmp_path)
    assert said(add(tmp_path)) == (3, "", "ccw: Provider ID already exists: p\n")


def test_a_broken_dotenv_is_told_before_anything_is_saved(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"KEY=\xff")
    result = add(tmp_path)
    assert result.exit_code == 3
    assert result.stderr == f"ccw: {tmp_path / '.env'} is not UTF-8; save it as UTF-8\n"
    assert not config_path(tmp_path).exists()


def test_list_and_show(tmp_path: Path) -> None:
    assert said(ccw(tmp_path, "provider", "list")) == (
        0,
        "",
        "no providers yet; ccw provider add --help tells how to add one\n",
    )
    add(tmp_path, "--api-key-env", "MY_KEY", "--header", f"X-Key={KEY}")
    assert ccw(tmp_path, "provider", "list").stdout == "p\topenai\topenai\t${MY_KEY}\t-\tenabled\n"
    listed = json.loads(ccw(tmp_path, "provider", "list", "--json").stdout)
    shown = json.loads(ccw(tmp_path, "provider", "show", "p", "--json").stdout)
    assert listed == {"providers": [shown], "count": 1}
    assert (shown["apiKey"], shown["routingStrategy"]) == ("${MY_KEY}", "simple-shuffle")
    assert shown["advancedSettings"]["customHeaders"] == {"X-Key": MASKED}
    lines = ccw(tmp_path, "provider", "show", "p").stdout.splitlines()
    assert lines[:5] == [
        "id: p",
        "name: openai",
        "type: openai",
        "apiKey: ${MY_KEY}",
        "enabled: true",
    ]


def test_list_shows_the_provider_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"LITELLM_ENABLED=true\nLITELLM_API_KEY={KEY}\n")
    expected = "litellm\tLiteLLM (environment)\tlitellm\t${LITELLM_API_KEY}\t-\tenabled\n"
    assert ccw(tmp_path, "provider", "list").stdout == expected
    assert ccw(tmp_path, "provider", "show", "litellm").exit_code == 0
    assert not config_path(tmp_path).exists()


def test_update(tmp_path: Path) -> None:
    add(tmp_path, "--api-base", "https://h/v1", "--header", "A=1", "--header", "B=2")
    result = ccw(
        tmp_path, "provider", "update", "p", "--name", "New", "--api-base", "", "--header", "A=",
        "--api-key-env", "K", "--disable",
    )  # fmt: skip
    assert (result.exit_code, result.stdout) == (0, "updated p\n")
    assert without_times(stored(tmp_path)["providers"][0]) == {
        "id": "p",
        "name": "New",
        "type": "openai",
        "apiKey": "${K}",
        "enabled": False,
        "advancedSettings": {"customHeaders": {"B": "2"}},
    }


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("p",), 2, "ccw: nothing to change; ccw provider update --help lists the options\n"),
        (("no", "--name", "x"), 3, "ccw: Provider not found: no\n"),
        (("p", "--api-key", MASKED), 3, "ccw: apiKey is masked (…); send the whole value, or lea"),
    ],
)
def test_update_refuses(tmp_path: Path, words: tuple[str, ...], code: int, message: str) -> None:
    add(tmp_path)
    before = config_path(tmp_path).read_bytes()
    result = ccw(tmp_path, "provider", "update", *words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith(message)
    assert config_path(tmp_path).read_bytes() == before


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
    ("answer", "code", "kept"), [("y", 0, ["q"]), ("n", 130, ["p", "q"]), ("", 130, ["p", "q"])]
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
