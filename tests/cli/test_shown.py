"""What a person reads: tables that fit, names of any width, one file and not 1 files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ccw.cli.app import counted
from ccw.cli.terminal import cells
from tests.cli.asking import CCW
from tests.cli.packing import ccw
from tests.cli.providing import add
from tests.terminal import shown


@pytest.fixture
def odd(project: Path) -> Path:
    for name in ("a.py", "漢字.py", "e\u0301.py", f"{'x' * 250}.py"):
        (project / name).write_text("x")
    return project


def test_names_of_any_width_in_a_tree(odd: Path) -> None:
    lines = ccw(odd, "pack", "--tree", "*.py").stdout.splitlines()
    short, total = [line for line in lines if "xxx" not in line][:-1], lines[-1]
    assert len(short) == 3
    assert {cells(line) for line in short} == {cells(total)}
    assert cells(total) < 60


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("abc", 3, id="ascii"),
        pytest.param("漢字", 4, id="wide"),
        pytest.param("e\u0301ö", 2, id="combining"),
        pytest.param("👩\u200d", 2, id="emoji"),
    ],
)
def test_cells(text: str, expected: int) -> None:
    assert cells(text) == expected


@pytest.mark.parametrize("columns", [40, 200])
def test_statistics_fit_into_a_terminal(shop: Path, columns: int) -> None:
    ccw(shop, "cli", "@README.md hi")
    environ = {**os.environ, "COLUMNS": str(columns)}
    lines = shown([CCW, "cache", "stats", "--by", "model"], environ, shop).decode().splitlines()
    assert max(map(len, lines)) <= columns
    if columns == 40:
        assert lines[:3] == ["MODEL           gpt-4o", "CALLS           1", "FAILED          0"]
    else:
        assert [line.split()[0] for line in lines] == ["MODEL", "gpt-4o", "total"]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        pytest.param("provider list", "loop", id="providers"),
        pytest.param("endpoint list", "ask", id="endpoints"),
        pytest.param("models", "loop", id="models"),
        pytest.param("config show --origin", "providers.loop", id="origins"),
    ],
)
def test_lists_in_a_narrow_terminal_have_a_line_for_each_field(
    shop: Path, words: str, first: str
) -> None:
    environ = {**os.environ, "COLUMNS": "30"}
    said = shown([CCW, *words.split()], environ, shop).decode().splitlines()
    assert said[0].split()[1] == first
    assert all(line == "" or line.split()[0].isupper() for line in said)


def test_one_is_no_plural(project: Path) -> None:
    (project / "a").write_text("x")
    assert ccw(project, "pack", "a").stderr.startswith("1 file, ")
    assert counted(1, "byte") == "1 byte"
    result = ccw(project, "pack", "a:5", "--allow-missing")
    assert "left out: a: its line 5 does not exist: it has 1" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param("chache list", "Did you mean cache?", id="group"),
        pytest.param("config exprt", "Did you mean export?", id="lazy"),
    ],
)
def test_a_command_that_is_nearly_right(project: Path, words: str, message: str) -> None:
    result = ccw(project, *words.split())
    assert (result.exit_code, message in result.stderr.replace("'", "")) == (2, True)


def test_a_provider_is_no_endpoint(tmp_path: Path) -> None:
    add(tmp_path, "--id", "work")
    add(tmp_path, "--id", "idle")
    ccw(tmp_path, "endpoint", "add", "mine", "--provider", "work", "--model", "m")
    said = [ccw(tmp_path, "cli", "hi", "--model", name).stderr for name in ("work", "idle")]
    assert said == [
        "ccw: Endpoint not found: work; it is a provider: ask its endpoint mine, or a model: "
        "--model work/MODEL\n",
        "ccw: Endpoint not found: idle; it is a provider: ask one of its models: "
        "--model idle/MODEL\n",
    ]
