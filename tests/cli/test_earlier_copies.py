"""Superseded copies that an overlay sends along are told wherever the files are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.packing import ccw
from tests.projects import configure, write_config, write_files
from tests.servers.loopback import Server
from tests.servers.openai_wire import status

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


@pytest.fixture
def chained(project: Path, openai_server: Server) -> Path:
    """A project whose endpoint `backup` was sent what was edited and deleted since."""
    base = {"type": "custom", "apiBase": openai_server.base}
    providers = [{"id": name, "name": name, **base} for name in ("ours", "theirs")]
    strategy = {"cacheStrategy": {"layout": "overlay"}}
    ends = {"ask": "ours", "backup": "theirs", "plain": "theirs"}
    endpoints = [
        {"id": name, "name": name, "providerId": provider, "model": f"m-{name}", **strategy}
        for name, provider in ends.items()
    ]
    endpoints[0]["fallbacks"] = ["backup", "plain"]
    endpoints[2]["cacheStrategy"] = {"layout": "stable"}
    write_config(
        project, {"providers": providers, "endpoints": endpoints, "defaultEndpoint": "ask"}
    )
    write_files(project, FILES)
    for name in ("backup", "plain"):
        assert ccw(project, "cli", "@src/ Why?", "--model", name).exit_code == 0
    (project / "src/c.py").write_text("c = 2\n")
    (project / "src/d.py").unlink()
    return project


def test_a_dry_run_tells_of_what_a_fallback_would_be_sent(
    chained: Path, openai_server: Server
) -> None:
    sent = len(openai_server.requests)
    arguments = ("cli", "@src/ Why?", "--dry-run")
    done = ccw(chained, *arguments)
    told = json.loads(ccw(chained, *arguments, "--json").stdout)
    (files,) = (copies["files"] for copies in told["fallbackCopies"])
    assert [copies["endpoint"] for copies in told["fallbackCopies"]] == ["backup"]
    assert [file["path"] for file in files] == ["src/c.py", "src/d.py"]
    size = sum(file["bytes"] for file in files)
    note = (
        f"fallback backup would also be sent 2 earlier copies ({size:,} bytes): src/c.py, src/d.py"
    )
    assert (told["earlierCopies"], note in told["notes"]) == ([], True)
    assert f"{note}\n" in done.stderr
    assert len(openai_server.requests) == sent
    assert "fallback" not in ccw(chained, *arguments, "--no-fallback").stderr


def test_what_a_dry_run_tells_of_a_fallback_is_what_it_is_sent(
    chained: Path, openai_server: Server
) -> None:
    told = json.loads(ccw(chained, "cli", "@src/ Why?", "--dry-run", "--json").stdout)
    openai_server.models["m-ask"] = status(401)
    result = json.loads(ccw(chained, "cli", "@src/ Why?", "--json").stdout)
    (copies,) = (copies["files"] for copies in told["fallbackCopies"])
    assert result["endpoint"] == "backup"
    assert result["earlierCopies"] == [file["path"] for file in copies]


def test_without_the_cache_a_fallback_is_sent_no_earlier_copies(chained: Path) -> None:
    shown = ccw(chained, "cli", "@src/ Why?", "--dry-run", "--json", "--no-cache").stdout
    assert json.loads(shown)["fallbackCopies"] == []
