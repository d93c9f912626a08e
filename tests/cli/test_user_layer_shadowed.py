"""A project and the user have something of the same id: which holds, and what is told of it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.providing import ccw, said, stored
from tests.cli.user_layer import add_own, user_file


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
