"""Nothing outside the allowed folders is found or opened, whatever names and symlinks say."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ccw.context.files.collect import MOST_OUTSIDE
from ccw.context.files.find import FoundFile, Opener, Scope
from ccw.context.patterns import scan
from ccw.context.session import PackRequest, pack_context
from ccw.errors import PathNotAllowed
from tests.context.finding import find, left_out, paths, write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project beside a folder with a secret, and beside one whose name starts like its own."""
    write(tmp_path, "outside/secret.py", "project-two/secret.py")
    write(tmp_path / "project", "a.py", "src/b.py")
    return tmp_path / "project"


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param("@../outside/secret.py", id="file-by-dots"),
        pytest.param("@src/../../outside/secret.py", id="file-by-dots-inside"),
        pytest.param("@../outside", id="folder-by-dots"),
        pytest.param("@../outside/**/*.py", id="glob-by-dots"),
        pytest.param("@../project-two/secret.py", id="sibling-with-the-same-start"),
        pytest.param("@../project-two/*", id="glob-in-sibling"),
        pytest.param("@{outside}/secret.py", id="absolute-file"),
        pytest.param("@{outside}/*", id="absolute-glob"),
        pytest.param("@/etc/passwd", id="system-file"),
        pytest.param("@~/secret.py", id="home"),
        pytest.param("@link.py", id="symlinked-file"),
        pytest.param("@folder/secret.py", id="file-in-symlinked-folder"),
        pytest.param("@folder", id="symlinked-folder"),
        pytest.param("@folder/*.py", id="glob-in-symlinked-folder"),
        pytest.param("@folder/../outside/secret.py", id="dots-after-a-symlink"),
    ],
)
def test_outside_is_refused(root: Path, prompt: str) -> None:
    outside = root.parent / "outside"
    (root / "link.py").symlink_to(outside / "secret.py")
    (root / "folder").symlink_to(outside)
    with pytest.raises(PathNotAllowed, match="add --include-dirs /") as raised:
        find(root, prompt.replace("{outside}", str(outside)), home=outside)
    assert raised.value.exit_code == 4


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        pytest.param("@../outside/secret.py", "../outside/secret.py", id="file"),
        pytest.param("@../outside", "../outside/secret.py", id="folder"),
        pytest.param("@{outside}/*.py", "../outside/secret.py", id="absolute"),
        pytest.param("@link.py", "link.py", id="symlink"),
        pytest.param("@folder/*", "folder/secret.py", id="glob-in-symlinked-folder"),
    ],
)
@pytest.mark.parametrize("included", ["{outside}", "../outside", "~"])
def test_the_printed_option_allows_it(root: Path, prompt: str, shown: str, included: str) -> None:
    outside = root.parent / "outside"
    (root / "link.py").symlink_to(outside / "secret.py")
    (root / "folder").symlink_to(outside)
    folder = Path(included.replace("{outside}", str(outside)))
    found = find(
        root, prompt.replace("{outside}", str(outside)), include_dirs=(folder,), home=outside
    )
    assert paths(found) == [shown]
    assert Path(found.files[0].location) == outside / "secret.py"


def test_globs_leave_out_symlinks_to_outside_and_say_so(root: Path) -> None:
    outside = root.parent / "outside"
    (root / "src/link.py").symlink_to(outside / "secret.py")
    (root / "src/folder").symlink_to(outside)
    (root / "src/dangling.py").symlink_to("nowhere")
    found = find(root, "@src/* @src/*/*.py", allow_missing=True)
    assert paths(found) == ["src/b.py"]
    assert left_out(found) == {
        "src/dangling.py": "a symlink that leads nowhere",
        "src/link.py": "leads outside the allowed folders (--include-dirs)",
        "src/folder": "leads outside the allowed folders (--include-dirs)",
    }
    assert len(found.notes) == 1
    assert found.notes[0] in {
        f"src/{link} leads to {outside}{file}; add --include-dirs {outside} to allow it"
        for link, file in (("link.py", "/secret.py"), ("folder", ""))
    }


def test_the_pack_says_nothing_of_where_symlinks_lead(root: Path) -> None:
    """It is the same on every machine, and no model needs to know."""
    outside = root.parent / "outside"
    (root / "src/link.py").symlink_to(outside / "secret.py")
    (root / "src/folder").symlink_to(outside)
    scope = Scope(root, root, allow_missing=True)
    packed = pack_context(PackRequest(scope, scan("@src/* @src/*/*.py").patterns), now=0)
    assert b"src/link.py: leads outside the allowed folders (--include-dirs)" in packed.content
    assert str(root.parent).encode() not in packed.content


def test_many_ways_outside_are_counted(root: Path) -> None:
    for number in range(30):
        write(root.parent, f"outside/{number:02}/a.py")
        (root / f"{number:02}.py").symlink_to(f"../outside/{number:02}/a.py")
    notes = find(root, "@*.py").notes
    assert len(notes) == MOST_OUTSIDE + 1
    assert notes[-1] == f"symlinks lead to {30 - MOST_OUTSIDE} other folders"


def test_symlinks_inside_are_fine(root: Path) -> None:
    (root / "link.py").symlink_to("src/b.py")
    (root / "folder").symlink_to("src")
    found = find(root, "@*.py @folder/*.py")
    assert [(file.path, file.location) for file in found.files] == [
        ("a.py", f"{root}/a.py"),
        ("folder/b.py", f"{root}/src/b.py"),
        ("link.py", f"{root}/src/b.py"),
    ]


def test_a_symlink_hides_no_secret(root: Path) -> None:
    write(root, ".env")
    (root / "harmless.txt").symlink_to(".env")
    assert left_out(find(root, "@*.txt")) == {
        "harmless.txt": "a symlink to a file that may hold secrets"
    }
    with pytest.raises(PathNotAllowed, match="--allow-secrets"):
        find(root, "@harmless.txt")


def test_secret_named_exactly(root: Path) -> None:
    write(root, ".env")
    with pytest.raises(PathNotAllowed, match=r"@\.env .*add --allow-secrets") as raised:
        find(root, "@.env")
    assert raised.value.exit_code == 4


def test_project_reached_through_a_symlink(root: Path) -> None:
    (root.parent / "alias").symlink_to(root)
    alias = root.parent / "alias"
    found = find(alias, f"@src/*.py @{alias}/a.py @{root}/src")
    assert paths(found) == ["a.py", "src/b.py"]


def read(file: FoundFile, scope: Scope) -> bytes:
    """Read all of *file* as a packer does."""
    with Opener(scope) as opener, open(opener.open(file)[0], "rb") as opened:
        return opened.read()


def test_open(root: Path) -> None:
    (file,) = find(root, "@src/b.py").files
    assert read(file, Scope(root, root)) == b"x"


def swap_file(root: Path) -> None:
    (root / "src/b.py").unlink()
    (root / "src/b.py").symlink_to(root.parent / "outside/secret.py")


def swap_folder(root: Path) -> None:
    shutil.rmtree(root / "src")
    write(root.parent, "outside/b.py")
    (root / "src").symlink_to(root.parent / "outside")


def swap_for_fifo(root: Path) -> None:
    (root / "src/b.py").unlink()
    os.mkfifo(root / "src/b.py")


def swap_for_folder(root: Path) -> None:
    (root / "src/b.py").unlink()
    (root / "src/b.py").mkdir()


@pytest.mark.parametrize("swap", [swap_file, swap_folder, swap_for_fifo, swap_for_folder])
def test_what_is_swapped_in_is_not_read(root: Path, swap: Callable[[Path], None]) -> None:
    (file,) = find(root, "@src/b.py").files
    swap(root)
    with pytest.raises(PathNotAllowed, match=r"src/b\.py (became a symlink|is not a regular file)"):
        read(file, Scope(root, root))


def test_deleted_meanwhile_is_the_systems_error(root: Path) -> None:
    (file,) = find(root, "@src/b.py").files
    (root / "src/b.py").unlink()
    with pytest.raises(FileNotFoundError):
        read(file, Scope(root, root))


def test_made_up_location_is_refused(root: Path) -> None:
    (file,) = find(root, "@a.py").files
    with pytest.raises(PathNotAllowed, match="--include-dirs"):
        read(file._replace(location="/etc/passwd"), Scope(root, root))


def test_opener_reads_all_and_keeps_no_descriptor(root: Path) -> None:
    write(root, "src/deep/er/c.py", "lib/d.py")
    files = find(root, "@**/*.py").files
    before = os.listdir("/proc/self/fd")
    contents = {}
    with Opener(Scope(root, root)) as opener:
        for file in files:
            with open(opener.open(file)[0]) as opened:
                contents[file.path] = opened.read()
    assert contents == dict.fromkeys(["a.py", "lib/d.py", "src/b.py", "src/deep/er/c.py"], "x")
    assert os.listdir("/proc/self/fd") == before
