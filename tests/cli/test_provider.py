"""`ccw provider` from the outside: what it writes, prints, asks and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ccw.config.places import config_path
from tests.cli.providing import KEY, MASKED, add, ccw, said, stored, without_times


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


def test_a_needed_address_is_asked_for_and_stays(tmp_path: Path) -> None:
    told = "type custom needs an address: ccw provider update p --api-base https://…"
    added = add(tmp_path, "--type", "custom")
    assert (added.exit_code, f"note: {told}\n" in added.stderr) == (0, True)
    update = ("provider", "update", "p", "--api-base")
    assert ccw(tmp_path, *update, "http://127.0.0.1:1").stderr == ""
    before = stored(tmp_path)
    assert said(ccw(tmp_path, *update, "")) == (3, "", f"ccw: p: apiBase: {told}\n")
    assert stored(tmp_path) == before
