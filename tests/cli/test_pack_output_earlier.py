"""`ccw pack -o FILE` replaces what it wrote before, known by how it begins, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.packing import ccw, fill
from tests.nobody import open_to_all, run_as_nobody

CLOSED = """\
import os
from ccw.__main__ import run
os.chdir(sys.argv[1])
explaining = ["pack", "--explain", "closed/a.py", "src", "-o", "src/why", "--project", "."]
print([run(explaining) for _ in range(2)], file=sys.stderr)
"""


@pytest.fixture
def files(project: Path) -> Path:
    return fill(project)


@pytest.mark.parametrize("shape", [[], ["--json"], ["--tree"], ["--tree", "--json"]])
def test_an_earlier_output_is_replaced(files: Path, shape: list[str]) -> None:
    for _ in range(2):
        result = ccw(files, "pack", *shape, "src", "-o", "src/out")
        assert result.exit_code == 0
    assert f"left out: {files}/src/out: the pack is written to it" in result.stderr
    assert ccw(files, "pack", "src", "-o", "src/out").exit_code == 0


@pytest.mark.parametrize("shape", [[], ["--json"]])
@pytest.mark.parametrize(
    ("path", "code"),
    [
        pytest.param("src/a.py", 0, id="in"),
        pytest.param("src/c.bin", 0, id="out"),
        pytest.param("README.md", 0, id="unmatched"),
        pytest.param("no.py", 4, id="missing"),
        pytest.param("src", 0, id="folder"),
        pytest.param("..", 0, id="folder-outside"),
        pytest.param("out.md", 0, id="leads-outside"),
        pytest.param("{a,b}\n: in.py", 4, id="odd-name"),
    ],
)
def test_an_earlier_explanation_is_replaced(
    files: Path, path: str, code: int, shape: list[str]
) -> None:
    (files / "out.md").symlink_to("/etc/hostname")
    for _ in range(2):
        result = ccw(files, "pack", *shape, "--explain", path, "src", "-o", "src/why")
        assert (result.exit_code, result.stderr) == (code, "")


def test_an_earlier_explanation_of_a_closed_folder_is_replaced(files: Path) -> None:
    open_to_all(files)
    (files / "closed").mkdir(mode=0)
    (files / "src").chmod(0o777)
    done = run_as_nobody(CLOSED, str(files))
    assert done.stderr == "[0, 0]\n"
    assert (files / "src/why").read_text().startswith("closed/a.py: out\n  permission denied: ")


def test_what_looks_much_like_an_explanation_is_not_replaced(files: Path) -> None:
    (files / "src/a.yaml").write_text("mode: in\n  and out\n")
    result = ccw(files, "pack", "src", "-o", "src/a.yaml")
    assert (result.exit_code, (files / "src/a.yaml").read_text()) == (2, "mode: in\n  and out\n")


def test_an_earlier_output_that_a_link_leads_to_is_left_out(files: Path) -> None:
    (files / "src/link.md").symlink_to("../out.md")
    for _ in range(2):
        result = ccw(files, "pack", "src", "-o", "out.md")
        assert result.exit_code == 0
    assert "```src/link.md" not in (files / "out.md").read_text()
    assert f"left out: {files}/out.md: the pack is written to it" in result.stderr
