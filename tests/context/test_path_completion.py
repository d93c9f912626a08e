"""How a half-typed path could go on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ccw.context.path_completion import Offer, Offers, complete_path
from ccw.context.scope import Scope
from ccw.errors import PathNotAllowed
from tests.projects import write_files

FILES = {
    "src/auth/login.py": "",
    "src/Main.py": "",
    "src/main.pyc": "",
    "src/made.log": "",
    "src/.env": "",
    "src/.hidden": "",
    "src/id_rsa": "",
    "src/node_modules/x.js": "",
    "a b/c.md": "",
    ".gitignore": "*.log\n/ignored/\n",
    "ignored/x.py": "",
}


@pytest.fixture
def scope(tmp_path: Path) -> Scope:
    root = tmp_path / "project"
    write_files(root, FILES)
    (tmp_path / "outside").mkdir()
    (root / "src/link").symlink_to(tmp_path / "outside")
    (root / "src/loop").symlink_to(root / "src")
    return Scope(root, root, home=tmp_path / "home")


@pytest.mark.parametrize(
    ("prefix", "paths"),
    [
        pytest.param("", ["a b/", "src/"], id="nothing-typed"),
        pytest.param("s", ["src/"], id="folder"),
        pytest.param(
            "src/", ["src/auth/", "src/loop/", "src/Main.py"], id="left-out-is-not-offered"
        ),
        pytest.param("src/m", ["src/Main.py"], id="any-case"),
        pytest.param("src/.h", ["src/.hidden"], id="hidden-when-asked-for"),
        pytest.param("src/.e", [], id="secret"),
        pytest.param("./src/au", ["./src/auth/"], id="as-typed"),
        pytest.param("a b/", ["a b/c.md"], id="space"),
        pytest.param("ignored/", [], id="in-an-ignored-folder"),
        pytest.param("nowhere/x", [], id="no-such-folder"),
        pytest.param("src/Main.py/x", [], id="below-a-file"),
        pytest.param("src/\0", [], id="nul"),
        pytest.param("x" * 5000, [], id="too-long-a-name"),
    ],
)
def test_what_is_offered(scope: Scope, prefix: str, paths: list[str]) -> None:
    assert [offer.path for offer in complete_path(prefix, scope).offers] == paths


@pytest.mark.parametrize("prefix", ["../", "../outside/", "/etc/", "src/link/", "~/../"])
def test_a_folder_outside_is_refused(scope: Scope, prefix: str) -> None:
    assert scope.home is not None
    scope.home.mkdir()
    with pytest.raises(PathNotAllowed, match="outside the project"):
        complete_path(prefix, scope)


def test_only_the_first_are_shown(scope: Scope) -> None:
    found = complete_path("src/", scope, most=1)
    assert found == Offers((Offer("src/auth/", True),), more=True)


@pytest.mark.skipif(os.getuid() == 0, reason="root may look everywhere")
def test_a_closed_folder_offers_nothing(scope: Scope) -> None:
    (scope.project / "src").chmod(0)
    assert complete_path("src/", scope) == Offers()
    (scope.project / "src").chmod(0o700)
