"""`--user`: a configuration of the user's own that holds in every project."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ccw.cli.main import cli
from ccw.config.places import config_path, user_config_path
from tests.cli.providing import KEY, MASKED, ccw, said, stored
from tests.projects import configure, write_files
from tests.servers.loopback import Server


def user_file() -> Path:
    return user_config_path(os.environ)


def users() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(user_file().read_text())
    return content


def add_own(project: Path) -> None:
    """Give the user the provider `mine` and its endpoint `ep`, the default."""
    ccw(project, "provider", "add", "--type", "ollama", "--id", "mine", "--user")
    ccw(project, "endpoint", "add", "ep", "--provider", "mine", "--model", "m", "--user")


def test_it_is_there_in_every_project(tmp_path: Path) -> None:
    add_own(tmp_path)
    assert not (tmp_path / ".ccw").exists()
    for name in ("one", "two"):
        other = tmp_path / name
        other.mkdir()
        assert ccw(other, "provider", "list").stdout.startswith("mine\tollama\tollama\t")
        assert ccw(other, "endpoint", "list").stdout == "ep\tmine\tm\tchat\tdefault\n"
        assert json.loads(ccw(other, "endpoint", "show", "ep", "--json").stdout)["model"] == "m"
        assert said(ccw(other, "endpoint", "default")) == (0, "ep\n", "")


def test_a_call_uses_it(
    openai_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path)
    configure(tmp_path, openai_server.base)
    user_file().parent.mkdir(parents=True)
    config_path(tmp_path).rename(user_file())
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["cli", "-p", "@README.md What is this?", "--no-stream"])
    assert (result.exit_code, len(openai_server.requests)) == (0, 1)
    preview = CliRunner().invoke(cli, ["pack", "README.md", "--model", "ask"])
    assert preview.exit_code == 0, preview.stderr


def test_changes_need_the_flag(tmp_path: Path) -> None:
    add_own(tmp_path)
    before = user_file().read_bytes()
    refused = [
        ccw(tmp_path, "provider", "update", "mine", "--name", "x"),
        ccw(tmp_path, "provider", "remove", "mine", "--yes"),
        ccw(tmp_path, "endpoint", "update", "ep", "--name", "x"),
        ccw(tmp_path, "endpoint", "remove", "ep", "--yes"),
    ]
    hint = "it is in the user's own configuration; to change it there, add --user"
    assert [said(result) for result in refused] == [
        (3, "", f"ccw: {what} ({hint})\n")
        for what in (*["Provider not found: mine"] * 2, *["Endpoint not found: ep"] * 2)
    ]
    assert user_file().read_bytes() == before


def test_changes_with_the_flag(tmp_path: Path) -> None:
    add_own(tmp_path)
    ccw(tmp_path, "endpoint", "add", "ep2", "--provider", "mine", "--model", "m", "--user")
    ccw(tmp_path, "provider", "update", "mine", "--name", "N", "--user")
    ccw(tmp_path, "endpoint", "update", "ep", "--model", "n", "--user")
    assert (users()["providers"][0]["name"], users()["endpoints"][0]["model"]) == ("N", "n")
    assert said(ccw(tmp_path, "endpoint", "default", "ep2", "--user")) == (0, "ep2\n", "")
    removed = ccw(tmp_path, "endpoint", "remove", "ep2", "--yes", "--user")
    assert said(removed) == (0, "removed ep2\n", "The default endpoint becomes ep.\n")
    removed = ccw(tmp_path, "provider", "remove", "mine", "--yes", "--user")
    assert said(removed) == (0, "removed mine and its endpoints ep\n", "default endpoint: none\n")
    assert (users()["providers"], users()["endpoints"], users()["defaultEndpoint"]) == (
        [],
        [],
        None,
    )


def test_a_project_shadows_and_says_so(tmp_path: Path) -> None:
    add_own(tmp_path)
    added = ccw(tmp_path, "provider", "add", "--type", "ollama", "--id", "mine", "--name", "here")
    note = "note: in this project it takes the place of your own mine\n"
    assert (added.exit_code, added.stdout, note in added.stderr) == (0, "added mine\n", True)
    assert ccw(tmp_path, "provider", "list").stdout.startswith("mine\there\t")
    added = ccw(tmp_path, "provider", "add", "--type", "ollama", "--id", "mine")
    assert said(added) == (3, "", "ccw: Provider ID already exists: mine\n")
    removed = ccw(tmp_path, "provider", "remove", "mine", "--yes")
    assert said(removed) == (0, "removed mine\n", "")
    assert ccw(tmp_path, "provider", "list").stdout.startswith("mine\tollama\t")


def test_the_user_is_told_that_a_project_shadows(tmp_path: Path) -> None:
    ccw(tmp_path, "provider", "add", "--type", "ollama", "--id", "p")
    added = ccw(tmp_path, "provider", "add", "--type", "ollama", "--id", "p", "--user")
    assert "note: this project has a p of its own, which is used here\n" in added.stderr


def test_a_project_endpoint_takes_over_as_default(tmp_path: Path) -> None:
    add_own(tmp_path)
    added = ccw(tmp_path, "endpoint", "add", "here", "--provider", "mine", "--model", "m")
    assert added.stderr.startswith("default endpoint: here\n")
    assert said(ccw(tmp_path, "endpoint", "default", "ep")) == (0, "ep\n", "")
    assert stored(tmp_path)["defaultEndpoint"] == "ep"
    ccw(tmp_path, "endpoint", "default", "--clear")
    assert said(ccw(tmp_path, "endpoint", "default")) == (0, "ep\n", "")


def test_a_users_endpoint_cannot_use_a_projects_provider(tmp_path: Path) -> None:
    ccw(tmp_path, "provider", "add", "--type", "ollama", "--id", "p")
    result = ccw(tmp_path, "endpoint", "add", "e", "--provider", "p", "--model", "m", "--user")
    message = "ccw: Provider not found: p (only this project has it; leave --user out)\n"
    assert said(result) == (3, "", message)
    assert not user_file().exists()


def test_a_project_is_told_what_it_loses(tmp_path: Path) -> None:
    add_own(tmp_path)
    ccw(tmp_path, "endpoint", "add", "here", "--provider", "mine", "--model", "m")
    removed = ccw(tmp_path, "provider", "remove", "mine", "--yes", "--user")
    told = "note: endpoint here has lost its provider; give it another, or remove it\n"
    assert said(removed) == (0, "removed mine and its endpoints ep\n", told)


def test_an_endpoint_shadows_as_well(tmp_path: Path) -> None:
    add_own(tmp_path)
    added = ccw(tmp_path, "endpoint", "add", "ep", "--provider", "mine", "--model", "other")
    assert "note: in this project it takes the place of your own ep\n" in added.stderr
    assert ccw(tmp_path, "endpoint", "list").stdout == "ep\tmine\tother\tchat\tdefault\n"


def test_init_for_all_projects(tmp_path: Path) -> None:
    words = ("init", "--type", "ollama", "--model", "m", "--id", "e", "--user", "--yes")
    result = ccw(tmp_path, *words)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, f"config: {user_file()}")
    assert (users()["defaultEndpoint"], (tmp_path / ".ccw").exists()) == ("e", False)
    again = json.loads(ccw(tmp_path, "init", "--user", "--json").stdout)
    assert again == {"path": str(user_file()), "endpoints": ["e"], "default": "e"}


def test_init_leaves_a_users_default(tmp_path: Path) -> None:
    add_own(tmp_path)
    ccw(tmp_path, "endpoint", "default", "ep")
    words = ("init", "--type", "ollama", "--model", "m", "--id", "e", "--no-default", "--yes")
    assert ccw(tmp_path, *words).exit_code == 0
    assert stored(tmp_path)["defaultEndpoint"] == "ep"
    assert said(ccw(tmp_path, "endpoint", "default")) == (0, "ep\n", "")


def test_an_import_leaves_a_users_default(tmp_path: Path) -> None:
    add_own(tmp_path)
    ccw(tmp_path, "endpoint", "default", "ep")
    file = tmp_path / "config.yaml"
    file.write_text("model_list: [{model_name: m, litellm_params: {model: ollama/m}}]")
    assert ccw(tmp_path, "config", "import", "litellm", str(file)).exit_code == 0
    content = stored(tmp_path)
    assert ([e["id"] for e in content["endpoints"]], content["defaultEndpoint"]) == (["m"], "ep")


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


def test_completion_offers_both(tmp_path: Path) -> None:
    add_own(tmp_path)
    ccw(tmp_path, "provider", "add", "--type", "ollama", "--id", "here")
    environ = {"_CCW_COMPLETE": "bash_complete", "COMP_CWORD": "4"}
    words = f"ccw provider show --project={tmp_path} "
    result = CliRunner().invoke(cli, env={**environ, "COMP_WORDS": words}, prog_name="ccw")
    assert result.stdout.splitlines() == ["plain,here", "plain,mine"]


def test_validate_tells_of_a_users_file_that_cannot_be_used(tmp_path: Path) -> None:
    add_own(tmp_path)
    ccw(tmp_path, "endpoint", "add", "e", "--provider", "mine", "--model", "m")
    user_file().write_text('{"providers": 5}')
    assert said(ccw(tmp_path, "config", "validate")) == (
        3,
        f"error: {user_file()}: providers: expected a list, got a number; correct it\n",
        f"{config_path(tmp_path)}: valid\n{user_file()}: 1 error(s), 0 warning(s)\n",
    )
