"""Configurations kept from call to call: never one that its files do not say any more."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ccw.config.places import config_path
from ccw.errors import ConfigFileError
from tests.config.keeping import P, look, names, users_path, write


def in_place(path: Path) -> None:
    text = path.read_text()
    path.write_text(text.replace('"P"', '"Q"'))


def replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_text(path.read_text().replace('"P"', '"Q"'))
    other.replace(path)


def swapped_folder(path: Path) -> None:
    folder = path.parent
    folder.rename(folder.with_name("away"))
    folder.mkdir()
    path.write_text((folder.with_name("away") / path.name).read_text().replace('"P"', '"Q"'))


@pytest.mark.parametrize("layer", ["project", "user"])
@pytest.mark.parametrize("edit", [in_place, replaced, swapped_folder])
def test_an_edit_of_the_same_size_and_time_is_seen(
    project: Path, edit: Callable[[Path], None], layer: str
) -> None:
    path = write(config_path(project) if layer == "project" else users_path(project), P)
    before = os.stat(path)
    assert names(look(project)) == ["P"]
    edit(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = os.stat(path)
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert names(look(project)) == ["Q"]


def test_a_users_file_that_is_a_link_elsewhere_is_seen(project: Path, tmp_path: Path) -> None:
    link = users_path(project)
    link.parent.mkdir(parents=True)
    link.symlink_to(write(tmp_path / "first.json", P))
    assert names(look(project)) == ["P"]
    link.unlink()
    link.symlink_to(write(tmp_path / "second.json", {**P, "name": "Q"}))
    assert names(look(project)) == ["Q"]


def removed(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_text("{}")


@pytest.mark.parametrize("spoil", [removed, emptied])
def test_what_is_no_longer_there_is_not_used(project: Path, spoil: Callable[[Path], None]) -> None:
    path = write(config_path(project), P)
    write(users_path(project), {**P, "id": "u", "name": "U"})
    assert names(look(project)) == ["P", "U"]
    spoil(path)
    assert names(look(project)) == ["U"]
    spoil(users_path(project))
    assert names(look(project)) == []


def broken(path: Path) -> None:
    path.write_text(path.read_text()[:-1])


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("spoil", [broken, folder])
@pytest.mark.parametrize("layer", ["project", "user"])
def test_a_file_that_breaks_is_told_each_time(
    project: Path, spoil: Callable[[Path], None], layer: str
) -> None:
    path = write(config_path(project) if layer == "project" else users_path(project), P)
    look(project)
    spoil(path)
    for _ in range(2):
        with pytest.raises(ConfigFileError, match=str(path)):
            look(project)


@pytest.mark.parametrize("part", [".ccw", ".ccw/storage", ".ccw/storage/config"])
def test_a_folder_moved_out_behind_a_link_is_refused(
    project: Path, tmp_path: Path, part: str
) -> None:
    """The very file that was read, at the same path: but it is the project's no longer."""
    write(config_path(project), P)
    look(project)
    (project / part).rename(tmp_path / "outside")
    (project / part).symlink_to(tmp_path / "outside")
    for _ in range(2):
        with pytest.raises(ConfigFileError, match="leads out of the project"):
            look(project)


def test_a_link_within_the_project_is_read_each_time(project: Path) -> None:
    path = write(config_path(project), P)
    path.rename(project / "mine.json")
    path.symlink_to(project / "mine.json")
    assert names(look(project)) == ["P"]
    write(project / "mine.json", {**P, "name": "Q"})
    assert names(look(project)) == ["Q"]
