"""`--user`: a configuration of the user's own that holds in every project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ccw.cli.main import cli
from ccw.config.places import config_path
from tests.cli.providing import ccw, said, stored
from tests.cli.user_layer import add_own, user_file, users
from tests.projects import configure, write_files
from tests.servers.loopback import Server


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


def test_completion_offers_both(tmp_path: Path) -> None:
    add_own(tmp_path)
    ccw(tmp_path, "provider", "add", "--type", "ollama", "--id", "here")
    environ = {"_CCW_COMPLETE": "bash_complete", "COMP_CWORD": "4"}
    words = f"ccw provider show --project={tmp_path} "
    result = CliRunner().invoke(cli, env={**environ, "COMP_WORDS": words}, prog_name="ccw")
    assert result.stdout.splitlines() == ["plain,here", "plain,mine"]
