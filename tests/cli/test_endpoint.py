"""`ccw endpoint` from the outside: what it writes, prints, asks and refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ccw.cli.main import cli
from ccw.config.places import config_path


def ccw(project: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "--project", str(project)])


def add(project: Path, name: str, *words: str) -> Result:
    return ccw(project, "endpoint", "add", name, "--provider", "p", "--model", "m", *words)


def stored(project: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(config_path(project).read_text())
    return content


def endpoint(project: Path) -> dict[str, Any]:
    fields = stored(project)["endpoints"][0]
    return {k: v for k, v in fields.items() if k not in ("createdAt", "updatedAt")}


def said(result: Result) -> tuple[int, str, str]:
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    """A project with the provider `p`."""
    ccw(tmp_path, "provider", "add", "--type", "ollama", "--id", "p")
    return tmp_path


def test_add_with_all_settings(configured: Path) -> None:
    result = add(
        configured, "my-gpt4o", "--name", "Mine", "--description", "d", "--purpose", "chat",
        "--ttl", "5", "--max-size", "1.5", "--pattern", "*.md", "--pattern", "src/**", "--no-cache",
        "--param", "temperature=0.2", "--param", 'stop=["a"]', "--param", "user=me", "--disable",
    )  # fmt: skip
    assert (result.exit_code, result.stdout) == (0, "added my-gpt4o\n")
    assert endpoint(configured) == {
        "id": "my-gpt4o",
        "name": "Mine",
        "providerId": "p",
        "model": "m",
        "description": "d",
        "purpose": "chat",
        "cacheStrategy": {
            "enabled": False,
            "ttlMinutes": 5,
            "maxSizeKB": 1.5,
            "filePatterns": ["*.md", "src/**"],
        },
        "params": {"temperature": 0.2, "stop": ["a"], "user": "me"},
        "enabled": False,
    }


def test_the_first_becomes_the_default(configured: Path) -> None:
    add(configured, "a")
    add(configured, "b")
    assert said(ccw(configured, "endpoint", "default")) == (0, "a\n", "")
    assert said(ccw(configured, "endpoint", "default", "b")) == (0, "b\n", "")
    assert (
        ccw(configured, "endpoint", "list").stdout
        == "a\tp\tm\tchat\tenabled\nb\tp\tm\tchat\tdefault\n"
    )
    assert said(ccw(configured, "endpoint", "default", "--clear")) == (
        0,
        "",
        "no default endpoint; choose one: ccw endpoint default ID\n",
    )
    assert json.loads(ccw(configured, "endpoint", "default", "--json").stdout) == {
        "defaultEndpoint": None
    }


@pytest.mark.parametrize("words", [("x",), ("--id", "x"), ("x", "--id", "x")])
def test_the_id_as_argument_or_option(configured: Path, words: tuple[str, ...]) -> None:
    result = ccw(configured, "endpoint", "add", *words, "--provider", "p", "--model", "m")
    assert (result.exit_code, endpoint(configured)["id"]) == (0, "x")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--provider", "p", "--model", "m"), 2, "give one id: ccw endpoint add ID"),
        (("x", "--id", "y", "--provider", "p", "--model", "m"), 2, "give one id"),
        (("x", "--model", "m"), 2, "Missing option '--provider'"),
        (("x", "--provider", "p"), 2, "Missing option '--model'"),
        (("x", "--provider", "q", "--model", "m"), 3, "ccw: Provider not found: q (configured: p)"),
        (("a/b", "--provider", "p", "--model", "m"), 3, "endpoint: id: expected an id of letters"),
        (("a b", "--provider", "p", "--model", "m"), 3, "endpoint: id: expected an id of letters"),
        (("x", "--provider", "p", "--model", "m", "--ttl", "-1"), 3, "ttlMinutes: should be great"),
        (("x", "--provider", "p", "--model", "m", "--param", "x"), 2, "--param expects NAME=VALUE"),
        (("x", "--provider", "p", "--model", "m", "--purpose", "x"), 2, "'x' is not one of 'chat'"),
        (("x", "--provider", "p", "--model", "m", "--layout", "x"), 2, "'x' is not one of 'stable"),
    ],
)
def test_add_refuses(configured: Path, words: tuple[str, ...], code: int, message: str) -> None:
    result = ccw(configured, "endpoint", "add", *words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr
    assert stored(configured)["endpoints"] == []


def test_ids_are_unique(configured: Path) -> None:
    add(configured, "a")
    assert said(add(configured, "a")) == (3, "", "ccw: Endpoint ID already exists: a\n")


def test_list_and_show(configured: Path) -> None:
    assert said(ccw(configured, "endpoint", "list")) == (
        0,
        "",
        "no endpoints yet; ccw endpoint add --help tells how to add one\n",
    )
    add(configured, "a", "--param", "temperature=0")
    shown = json.loads(ccw(configured, "endpoint", "show", "a", "--json").stdout)
    listed = json.loads(ccw(configured, "endpoint", "list", "--json").stdout)
    assert listed == {"endpoints": [shown], "count": 1, "defaultEndpoint": "a"}
    assert shown["cacheStrategy"] == {
        "enabled": True,
        "ttlMinutes": 60,
        "maxSizeKB": 512,
        "filePatterns": [],
        "layout": "stable",
        "providerCache": "5m",
    }
    lines = ccw(configured, "endpoint", "show", "a").stdout.splitlines()
    assert lines[:4] == ["id: a", "name: a", "providerId: p", "model: m"]
    assert "params.temperature: 0" in lines
    assert said(ccw(configured, "endpoint", "show", "b")) == (3, "", "ccw: Endpoint not found: b\n")


def test_update(configured: Path) -> None:
    add(configured, "a", "--ttl", "5", "--pattern", "*.md", "--param", "x=1", "--param", "y=2")
    result = ccw(
        configured, "endpoint", "update", "a", "--model", "n", "--max-size", "9", "--param", "x=",
        "--description", "text", "--layout", "overlay",
    )  # fmt: skip
    assert said(result) == (0, "updated a\n", "")
    assert endpoint(configured) == {
        "id": "a",
        "name": "a",
        "providerId": "p",
        "model": "n",
        "description": "text",
        "cacheStrategy": {
            "ttlMinutes": 5,
            "maxSizeKB": 9,
            "filePatterns": ["*.md"],
            "layout": "overlay",
        },
        "params": {"y": 2},
        "enabled": True,
    }
    ccw(configured, "endpoint", "update", "a", "--pattern", "", "--description", "")
    assert endpoint(configured)["cacheStrategy"]["filePatterns"] == []
    assert "description" not in endpoint(configured)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("a",), 2, "ccw: nothing to change; ccw endpoint update --help lists the options\n"),
        (("no", "--name", "x"), 3, "ccw: Endpoint not found: no\n"),
        (("a", "--provider", "q"), 3, "ccw: Provider not found: q (configured: p)\n"),
    ],
)
def test_update_refuses(configured: Path, words: tuple[str, ...], code: int, message: str) -> None:
    add(configured, "a")
    assert said(ccw(configured, "endpoint", "update", *words)) == (code, "", message)


def test_disabling_the_default_moves_it(configured: Path) -> None:
    add(configured, "a")
    add(configured, "b")
    ccw(configured, "endpoint", "update", "a", "--disable")
    assert ccw(configured, "endpoint", "default").stdout == "b\n"


def test_remove(configured: Path) -> None:
    add(configured, "a")
    add(configured, "b")
    path = config_path(configured)
    content = stored(configured)
    content["endpoints"][1]["fallbacks"] = ["a"]
    path.write_text(json.dumps(content))
    assert said(ccw(configured, "endpoint", "remove", "a")) == (
        2,
        "",
        "ccw: Remove endpoint a and from the fallbacks of b? The default endpoint becomes b. "
        "Add --yes to do it without being asked\n",
    )
    assert said(ccw(configured, "endpoint", "remove", "a", "--yes")) == (
        0,
        "removed a and from the fallbacks of b\n",
        "The default endpoint becomes b.\n",
    )
    content = stored(configured)
    assert [(e["id"], e["fallbacks"]) for e in content["endpoints"]] == [("b", [])]
    assert content["defaultEndpoint"] == "b"
    assert ccw(configured, "endpoint", "remove", "a", "--yes").exit_code == 3


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("no",), 3, "ccw: Endpoint not found: no\n"),
        (("off",), 3, "ccw: endpoint off is disabled: it cannot be the default\n"),
        (("off", "--clear"), 2, "ccw: an ID and --clear exclude each other\n"),
    ],
)
def test_default_refuses(configured: Path, words: tuple[str, ...], code: int, message: str) -> None:
    add(configured, "off", "--disable")
    assert said(ccw(configured, "endpoint", "default", *words)) == (code, "", message)
