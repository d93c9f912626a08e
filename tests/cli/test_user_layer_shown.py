"""Where the user's own configuration lies, what is shown of it, and what is wrong with it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ccw.config.places import config_path
from tests.cli.providing import KEY, MASKED, ccw, said
from tests.cli.user_layer import add_own, user_file, users


def test_path(tmp_path: Path) -> None:
    assert ccw(tmp_path, "config", "path", "--user").stdout == f"{user_file()}\n"
    shown = json.loads(ccw(tmp_path, "config", "path", "--user", "--json").stdout)
    assert shown == {"path": str(user_file()), "project": str(tmp_path), "exists": False}


def test_origins(tmp_path: Path) -> None:
    add_own(tmp_path)
    ccw(tmp_path, "provider", "add", "--type", "openai", "--id", "p", "--api-key-env", "MY_KEY")
    rows = [
        line.split("\t") for line in ccw(tmp_path, "config", "show", "--origin").stdout.splitlines()
    ]
    own, user = str(config_path(tmp_path)), str(user_file())
    assert rows == [
        ["providers.p", "openai", "project", own],
        ["providers.p.apiKey", "${MY_KEY}", "unset", "-"],
        ["providers.mine", "ollama", "user", user],
        ["endpoints.ep", "m", "user", user],
        ["defaultEndpoint", "ep", "user", user],
        ["globalCacheSettings.enabled", "true", "default", "-"],
        ["globalCacheSettings.cacheDir", "~/.ccw/cache/context", "default", "-"],
        ["globalCacheSettings.maxTotalSizeMB", "100", "default", "-"],
    ]
    shown = json.loads(ccw(tmp_path, "config", "show", "--origin", "--json").stdout)
    assert [p["id"] for p in shown["config"]["providers"]] == ["p", "mine"]
    assert shown["origins"][2] == {
        "name": "providers.mine", "value": "ollama", "origin": "user", "path": user,
    }  # fmt: skip


def test_show_is_what_holds_and_shows_no_key(tmp_path: Path) -> None:
    ccw(tmp_path, "provider", "add", "--type", "openai", "--id", "p", "--api-key", KEY, "--user")
    result = ccw(tmp_path, "config", "show")
    assert json.loads(result.stdout)["providers"][0]["apiKey"] == MASKED
    assert result.stderr == f"no config file in this project; your own: {user_file()}\n"
    origin = ccw(tmp_path, "config", "show", "--origin")
    assert KEY not in result.output + origin.output


def test_validate_tells_which_file(tmp_path: Path) -> None:
    add_own(tmp_path)
    content = {**users(), "defaultEndpoint": "gone"}
    user_file().write_text(json.dumps(content))
    ccw(tmp_path, "provider", "add", "--type", "ollama", "--id", "mine")
    assert said(ccw(tmp_path, "config", "validate")) == (
        3,
        "information: providers[0].id: mine takes the place of the user's own\n"
        f"error: {user_file()}: defaultEndpoint: Endpoint not found: gone\n",
        f"{config_path(tmp_path)}: valid\n{user_file()}: 1 error(s), 0 warning(s)\n",
    )


@pytest.mark.parametrize("words", ["endpoint list", "provider list", "config show", "cache list"])
def test_a_broken_users_file_is_one_line(tmp_path: Path, words: str) -> None:
    user_file().parent.mkdir(parents=True)
    user_file().write_text("[]")
    result = ccw(tmp_path, *words.split())
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith(f"ccw: {user_file()}: expected an object at the top level")


@pytest.mark.parametrize("words", ["endpoint list", "config path --user", "cache status"])
def test_a_relative_home_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setenv("CCW_HOME", "somewhere")
    message = "ccw: CCW_HOME is relative: somewhere; write an absolute path, or ~/...\n"
    assert said(ccw(tmp_path, *words.split())) == (2, "", message)


def test_a_home_below_the_home_is_not_relative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCW_HOME", "~/mine")
    path = Path(os.environ["HOME"], "mine", "config", "litellm-api-config.json")
    assert ccw(tmp_path, "config", "path", "--user").stdout == f"{path}\n"


def test_validate_tells_of_a_users_file_that_cannot_be_used(tmp_path: Path) -> None:
    add_own(tmp_path)
    ccw(tmp_path, "endpoint", "add", "e", "--provider", "mine", "--model", "m")
    user_file().write_text('{"providers": 5}')
    assert said(ccw(tmp_path, "config", "validate")) == (
        3,
        f"error: {user_file()}: providers: expected a list, got a number; correct it\n",
        f"{config_path(tmp_path)}: valid\n{user_file()}: 1 error(s), 0 warning(s)\n",
    )
