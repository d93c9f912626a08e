"""Configurations kept from call to call: never one that its files do not say any more."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ccw.config.kept import Keeper
from ccw.config.layers import Effective, load_effective
from ccw.config.places import config_path
from ccw.errors import ConfigFileError
from tests.config.keeping import P, environ_of, look, names, users_path, write

Looks = Callable[[], list[str]]


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


def turned(link: Path, to: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(to)


def looks(project: Path, meanwhile: Callable[[], object], back: Callable[[], object]) -> Looks:
    """Return how a keeper sees *project* that has *meanwhile* happen the first time it reads."""
    happenings = iter([(meanwhile, back)])

    def read(folder: Path, environ: Mapping[str, str]) -> Effective:
        before, after = next(happenings, (int, int))
        before()
        found = load_effective(folder, environ)
        after()
        return found

    keeper, later = Keeper(1, read), time.time() + 3600
    return lambda: names(keeper.seen(project, environ_of(project), later))


@pytest.mark.parametrize("layer", ["project", "user"])
def test_a_file_that_appears_while_it_is_read_counts_while_it_is_there(
    project: Path, layer: str
) -> None:
    path = config_path(project) if layer == "project" else users_path(project)
    seen = looks(project, lambda: write(path, P), int)
    assert [seen(), seen()] == [["P"], ["P"]]
    path.unlink()
    assert [seen(), seen()] == [[], []]


@pytest.mark.parametrize("layer", ["project", "user"])
def test_a_file_that_is_there_only_while_it_is_read_is_not_kept(project: Path, layer: str) -> None:
    path = config_path(project) if layer == "project" else users_path(project)
    seen = looks(project, lambda: write(path, P), path.unlink)
    assert [seen(), seen()] == [["P"], []]


@pytest.mark.parametrize("layer", ["project", "user"])
def test_a_file_that_is_away_only_while_it_is_read_is_not_kept(project: Path, layer: str) -> None:
    path = write(config_path(project) if layer == "project" else users_path(project), P)
    away = path.with_name("away")
    seen = looks(project, lambda: path.rename(away), lambda: away.rename(path))
    assert [seen(), seen()] == [[], ["P"]]


def test_a_link_that_is_turned_while_it_is_read_is_not_kept(project: Path, tmp_path: Path) -> None:
    first = write(tmp_path / "first.json", P)
    second = write(tmp_path / "second.json", {**P, "name": "Q"})
    link = users_path(project)
    link.parent.mkdir(parents=True)
    turned(link, first)
    seen = looks(project, lambda: turned(link, second), int)
    assert seen() == ["Q"]
    turned(link, first)
    assert [seen(), seen()] == [["P"], ["P"]]


def test_an_edit_while_it_is_read_is_not_kept(project: Path) -> None:
    path = write(config_path(project), P)
    seen = looks(project, int, lambda: in_place(path))
    assert [seen(), seen()] == [["P"], ["Q"]]
