"""Superseded copies that an overlay sends along are told wherever the files are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.packing import ccw
from tests.projects import configure, write_files
from tests.servers.loopback import Server

FILES = {f"src/{name}.py": f"{name} = 1\n" * 100 for name in "abcdefgh"}


@pytest.fixture
def edited(project: Path, openai_server: Server) -> Path:
    """A project whose files were sent, and then one of them edited."""
    configure(project, openai_server.base, cacheStrategy={"layout": "overlay"})
    write_files(project, FILES)
    assert ccw(project, "cli", "@src/ Why?").exit_code == 0
    (project / "src/c.py").write_text("c = 2\n")
    return project


def test_the_closing_line_tells_how_many(edited: Path) -> None:
    first = ccw(edited, "cli", "@src/ Why?")
    assert " · 8 files, 1 earlier copy · " in first.stderr
    (edited / "src/c.py").unlink()
    second = ccw(edited, "cli", "@src/ Why?")
    assert " · 7 files, 2 earlier copies · " in second.stderr
    third = ccw(edited, "cli", "@src/ Why?", "--json")
    assert json.loads(third.stdout)["earlierCopies"] == ["src/c.py", "src/c.py"]


def test_a_dry_run_lists_them(edited: Path) -> None:
    shown = ccw(edited, "cli", "@src/ Why?", "--dry-run").stdout
    row = next(line for line in shown.splitlines() if "(earlier copy)" in line)
    assert row.split()[:3] == ["src/c.py", "(earlier", "copy)"]
    assert " · 8 files, 1 earlier copy · " in shown
    told = json.loads(ccw(edited, "cli", "@src/ Why?", "--dry-run", "--json").stdout)
    (copy,) = told["earlierCopies"]
    assert (copy["path"], copy["bytes"] > 600, copy["tokens"] > 100) == ("src/c.py", True, True)
    assert len(told["files"]) == 8


def test_the_tree_of_an_endpoint_shows_them(edited: Path) -> None:
    asked = json.loads(ccw(edited, "cli", "@src/ Why?", "--dry-run", "--json").stdout)
    tree = json.loads(ccw(edited, "pack", "src/", "--tree", "--model", "ask", "--json").stdout)
    assert [file["path"] for file in tree["files"]] == [file["path"] for file in asked["files"]]
    (copy,) = tree["earlierCopies"]
    assert (copy["path"], copy["bytes"]) == ("src/c.py", asked["earlierCopies"][0]["bytes"])
    assert tree["total"]["tokens"] < asked["tokens"] < tree["total"]["tokens"] + 20
    lines = ccw(edited, "pack", "src/", "--tree", "--model", "ask").stdout.splitlines()
    assert [line.split("  ")[0] for line in lines if "earlier" in line] == [
        "src/c.py (earlier copy)"
    ]
    assert ccw(edited, "pack", "src/", "--tree").stdout.count("earlier") == 0


def test_an_address_may_come_from_the_projects_env_file(
    project: Path, openai_server: Server
) -> None:
    configure(project, "${WHERE}", cacheStrategy={"layout": "overlay"})
    (project / ".env").write_text(f"WHERE={openai_server.base}\n")
    write_files(project, FILES)
    assert ccw(project, "cli", "@src/ Why?").exit_code == 0
    (project / "src/c.py").write_text("c = 2\n")
    assert ", 1 earlier copy · " in ccw(project, "cli", "@src/ Why?", "--dry-run").stdout
    assert "(earlier copy)" in ccw(project, "pack", "src/", "--tree", "--model", "ask").stdout
    (project / ".env").write_text("WHERE=http://localhost:9/v1\n")
    assert "earlier" not in ccw(project, "cli", "@src/ Why?", "--dry-run").stdout


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"cacheStrategy": {"layout": "stable"}}, id="stable"),
        pytest.param({"cacheStrategy": {"layout": "overlay", "enabled": False}}, id="no-cache"),
        pytest.param({"cacheStrategy": {"layout": "overlay"}, "model": "m"}, id="other-model"),
    ],
)
def test_a_tree_without_any(edited: Path, openai_server: Server, change: dict[str, object]) -> None:
    configure(edited, openai_server.base, **change)
    tree = json.loads(ccw(edited, "pack", "src/", "--tree", "--model", "ask", "--json").stdout)
    assert tree["earlierCopies"] == []


@pytest.mark.parametrize(("bound", "copies"), [(5.3, []), (7, ["src/c.py"])], ids=["over", "below"])
def test_a_tree_drops_them_over_the_bound_as_a_call_does(
    project: Path, openai_server: Server, bound: float, copies: list[str]
) -> None:
    strategy = {"layout": "overlay", "maxSizeKB": bound}
    configure(project, openai_server.base, cacheStrategy=strategy)
    write_files(project, FILES)
    assert ccw(project, "cli", "@src/ Why?").exit_code == 0
    (project / "src/c.py").write_text("c = 2\n" * 90)
    tree = json.loads(ccw(project, "pack", "src/", "--tree", "--model", "ask", "--json").stdout)
    sent = json.loads(ccw(project, "cli", "@src/ Why?", "--json").stdout)
    assert [copy["path"] for copy in tree["earlierCopies"]] == sent["earlierCopies"] == copies


def test_a_tree_leaves_the_cache_as_it_is(edited: Path) -> None:
    def told() -> object:
        return json.loads(ccw(edited, "cache", "status", "--json").stdout)

    before = told()
    assert ccw(edited, "pack", "src/", "--tree", "--model", "ask").exit_code == 0
    assert told() == before
    assert os.environ["HOME"] in str(before)
