"""Configurations kept from call to call: never one that its files do not say any more."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccw.config.kept import MOST, seen_in
from ccw.config.layers import MOST_FOUND, Effective
from ccw.config.places import config_path, user_config_path
from ccw.config.references import project_environ
from ccw.errors import CcwError, ConfigFileError
from tests.config.storing import CANARY

SECOND = 1e9
P = {"id": "p", "name": "P", "type": "ollama"}


def write(path: Path, *providers: dict[str, Any], **fields: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"providers": providers, **fields}))
    return path


def look(project: Path, later: float = 3600) -> Effective:
    """What a call sees that begins so many seconds *later*, when all files are long at rest."""
    return seen_in(project, environ_of(project), time.time() + later)


def environ_of(project: Path) -> dict[str, str]:
    return {"HOME": str(project.parent / "home")}


def users_path(project: Path) -> Path:
    return user_config_path(environ_of(project))


def names(effective: Effective) -> list[str]:
    return [provider.name for provider in effective.config.providers]


def test_what_is_unchanged_is_read_once(project: Path) -> None:
    write(config_path(project), P)
    write(users_path(project), {**P, "id": "u"})
    assert look(project) is look(project)
    assert names(look(project)) == ["P", "P"]


def test_what_is_missing_is_known_to_be(tmp_path: Path) -> None:
    assert look(tmp_path / "none") is look(tmp_path / "none")
    write(users_path(tmp_path / "none"), P)
    assert names(look(tmp_path / "none")) == ["P"]


@pytest.mark.parametrize("layer", ["project", "user"])
def test_what_was_just_written_is_read_again(project: Path, layer: str) -> None:
    path = write(config_path(project) if layer == "project" else users_path(project), P)
    changed = os.stat(path).st_ctime_ns / SECOND
    environ = environ_of(project)
    soon, then = changed + 1.9, changed + 2.1
    assert seen_in(project, environ, soon) is not seen_in(project, environ, soon)
    assert seen_in(project, environ, then) is seen_in(project, environ, then)


def test_reading_commands_read_each_time(project: Path) -> None:
    write(config_path(project), P)
    assert seen_in(project, environ_of(project)) is not seen_in(project, environ_of(project))


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


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"apiKey": CANARY}, id="key"),
        pytest.param({"apiKey": f"${{A:-{CANARY}}}"}, id="default"),
        pytest.param({"apiKeys": [{"key": "${A}"}, {"key": CANARY}]}, id="pool"),
        pytest.param({"advancedSettings": {"customHeaders": {"X-A": CANARY}}}, id="header"),
        pytest.param({"advancedSettings": {"proxy": f"http://u:{CANARY}@h"}}, id="proxy"),
        pytest.param({"apiKey": f"${{cmd:vault --token={CANARY}}}"}, id="command"),
        pytest.param({"accessKey": CANARY}, id="unknown-field"),
    ],
)
@pytest.mark.parametrize("layer", ["project", "user"])
def test_what_holds_a_secret_is_not_kept(project: Path, fields: dict[str, Any], layer: str) -> None:
    path = config_path(project) if layer == "project" else users_path(project)
    write(path, {**P, **fields})
    assert look(project) is not look(project)
    write(path, {**P, "name": "Q"})
    assert look(project) is look(project)
    assert names(look(project)) == ["Q"]


def test_a_reference_is_no_secret(project: Path) -> None:
    keys = [{"key": "${keyring:ccw/p}"}, {"key": "$NAME"}]
    headers = {"customHeaders": {"Authorization": "Bearer ${TOKEN}"}}
    write(
        config_path(project),
        {**P, "apiKey": "${KEY}", "apiKeys": keys, "advancedSettings": headers},
    )
    assert look(project) is look(project)


def test_a_call_sees_the_same_to_its_end(project: Path) -> None:
    path, environ = write(config_path(project), P), project_environ(project, environ_of(project))
    now = time.time() + 3600
    first = seen_in(project, environ, now)
    write(path, {**P, "name": "Q"})
    assert seen_in(project, environ, now) is first
    assert names(look(project)) == ["Q"]


def test_projects_do_not_mix(project: Path, tmp_path: Path) -> None:
    write(config_path(project), P)
    write(config_path(tmp_path / "other"), {**P, "name": "other"})
    assert [names(look(each)) for each in (project, tmp_path / "other") * 2] == [
        ["P"],
        ["other"],
        ["P"],
        ["other"],
    ]


def test_homes_do_not_mix(project: Path, tmp_path: Path) -> None:
    now, homes = time.time() + 3600, [{"HOME": str(tmp_path / name)} for name in ("a", "b")]
    for environ in homes:
        write(user_config_path(environ), {**P, "name": environ["HOME"]})
    assert [names(seen_in(project, environ, now)) for environ in homes * 2] == [
        [environ["HOME"]] for environ in homes * 2
    ]


def test_only_so_many_are_kept(tmp_path: Path) -> None:
    projects = [tmp_path / str(number) for number in range(MOST + 1)]
    first = look(projects[0])
    for project in projects[1:]:
        look(project)
    assert look(projects[-1]) is look(projects[-1])
    assert look(projects[0]) is not first


def test_answers_are_remembered_within_bounds(project: Path) -> None:
    effective = look(project)
    asked: list[int] = []

    def answer(number: int) -> int:
        def look() -> int:
            asked.append(number)
            return number

        return effective.once(number, look)

    assert [answer(1), answer(1)] == [1, 1]
    for number in range(MOST_FOUND * 2):
        answer(number)
    assert (answer(1), asked.count(1)) == (1, 2)


def test_what_fails_is_asked_again(project: Path) -> None:
    effective, failure = look(project), CcwError("no")

    def fail() -> None:
        raise failure

    for _ in range(2):
        with pytest.raises(CcwError, match="no"):
            effective.once("asked", fail)
