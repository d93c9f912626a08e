"""Where the project and the user's own folder are found."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from ccw.config.places import ccw_home, config_path, find_project, home_folder
from ccw.errors import UsageError


def make_project(folder: Path) -> Path:
    (folder / ".ccw" / "storage").mkdir(parents=True)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    return {"HOME": str(home)}


def test_config_path(project: Path) -> None:
    assert config_path(project) == project / ".ccw/storage/config/litellm-api-config.json"


def test_the_nearest_folder_upwards(home: Path, environ: dict[str, str]) -> None:
    outer = make_project(home / "outer")
    inner = make_project(outer / "a" / "inner")
    deep = inner / "src" / "x"
    deep.mkdir(parents=True)
    assert find_project(deep, environ) == inner
    assert find_project(outer / "a", environ) == outer


def test_without_one_the_working_directory(home: Path, environ: dict[str, str]) -> None:
    (home / "src").mkdir()
    assert find_project(home / "src", environ) == home / "src"


@pytest.mark.parametrize("is_file", [False, True], ids=["repository", "worktree"])
def test_not_above_the_git_root(home: Path, environ: dict[str, str], is_file: bool) -> None:
    repository = make_project(home / "outer") / "repo"
    (repository / "src").mkdir(parents=True)
    (repository / ".git").touch() if is_file else (repository / ".git").mkdir()
    assert find_project(repository / "src", environ) == repository / "src"
    make_project(repository)
    assert find_project(repository / "src", environ) == repository


def test_a_home_with_its_own_ccw_folder_is_no_project(home: Path, environ: dict[str, str]) -> None:
    make_project(home)
    fresh = home / "fresh"
    fresh.mkdir()
    assert find_project(fresh, environ) == fresh


def test_a_moved_user_folder_does_not_make_the_home_a_project(
    home: Path, environ: dict[str, str]
) -> None:
    make_project(home)
    (home / "fresh").mkdir()
    moved = {**environ, "CCW_HOME": str(home / "elsewhere")}
    assert find_project(home / "fresh", moved) == home / "fresh"


def test_not_above_the_home(tmp_path: Path, home: Path, environ: dict[str, str]) -> None:
    make_project(tmp_path)
    (home / "fresh").mkdir()
    assert find_project(home / "fresh", environ) == home / "fresh"


def test_a_home_behind_a_symlink(tmp_path: Path, home: Path) -> None:
    make_project(tmp_path)
    make_project(home)
    (tmp_path / "link").symlink_to(home)
    (home / "fresh").mkdir()
    assert find_project(home / "fresh", {"HOME": str(tmp_path / "link")}) == home / "fresh"


def test_explicit_wins_over_the_variable(home: Path, environ: dict[str, str]) -> None:
    a, b = home / "a", home / "b"
    a.mkdir()
    b.mkdir()
    chosen = {**environ, "CCW_PROJECT": str(b)}
    assert find_project(home, chosen, str(a)) == a
    assert find_project(home, chosen) == b
    assert find_project(home, chosen, "a") == a  # relative to the working directory
    assert find_project(a, environ, "~/b") == b
    assert find_project(a, environ, "../b") == b


@pytest.mark.parametrize(
    ("explicit", "variable", "source"),
    [("nowhere", "", "--project"), (None, "/nowhere", "CCW_PROJECT")],
)
def test_a_folder_that_is_not_there(
    home: Path, explicit: str | None, variable: str, source: str
) -> None:
    with pytest.raises(UsageError, match=f"^{source}: no such folder: .*nowhere") as caught:
        find_project(home, {"HOME": str(home), "CCW_PROJECT": variable}, explicit)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"HOME": "/h"}, "/h/.ccw"),
        ({"HOME": "/h", "CCW_HOME": "/elsewhere"}, "/elsewhere"),
        ({"HOME": "/h", "CCW_HOME": "~/mine"}, "/h/mine"),
        ({"HOME": "/h", "CCW_HOME": ""}, "/h/.ccw"),
    ],
)
def test_ccw_home(environ: dict[str, str], expected: str) -> None:
    assert ccw_home(environ) == Path(expected)


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}], ids=["unset", "empty"])
def test_no_home_means_the_accounts(environ: dict[str, str]) -> None:
    assert home_folder(environ) == Path(pwd.getpwuid(os.getuid()).pw_dir)
