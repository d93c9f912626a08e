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


def test_what_is_named_is_not_replaced_where_it_is_too_large_to_pack(files: Path) -> None:
    result = ccw(files, "pack", "README.md", "src", "--max-file-size", "4", "-o", "README.md")
    assert (result.exit_code, (files / "README.md").read_text()) == (2, "# read me\n")


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("src/{b,a}.py", id="braces"),
        pytest.param("links", id="link"),
        pytest.param("links/b.py", id="named-by-a-link"),
        pytest.param("src/[b].py", id="glob"),
        pytest.param("src", id="folder"),
    ],
)
@pytest.mark.parametrize("shape", [[], ["--json"], ["--explain", "src/a.py"]])
def test_what_a_pattern_takes_is_not_replaced_where_it_is_left_out(
    files: Path, pattern: str, shape: list[str]
) -> None:
    (files / "links").mkdir()
    (files / "links/b.py").symlink_to("../src/b.py")
    (files / "links/a.py").symlink_to("../src/a.py")
    before = (files / "src/b.py").read_bytes()
    arguments = ("pack", *shape, pattern, "--max-file-size", "1", "-o", "src/b.py")
    result = ccw(files, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert (files / "src/b.py").read_bytes() == before


def test_an_earlier_output_is_replaced_where_it_is_too_large_to_pack(files: Path) -> None:
    for _ in range(2):
        result = ccw(files, "pack", "src/{out,a}.py", "-o", "src/out.py", "--max-file-size", "20")
        assert result.exit_code == 0
    assert f"left out: {files}/src/out.py: the pack is written to it" in result.stderr
    assert "src/out.py" not in (files / "src/out.py").read_text()


def test_a_secret_that_a_pattern_matches_is_not_replaced(files: Path) -> None:
    (files / "src/id_rsa").write_text("key")
    result = ccw(files, "pack", "src", "-o", "src/id_rsa")
    assert (result.exit_code, (files / "src/id_rsa").read_text()) == (2, "key")
