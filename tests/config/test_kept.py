"""Configurations kept from call to call: read once, each for its own project and user."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ccw.config.kept import MOST, seen_in
from ccw.config.layers import MOST_FOUND
from ccw.config.places import config_path, user_config_path
from ccw.config.references import project_environ
from ccw.errors import CcwError
from tests.config.keeping import P, environ_of, look, names, users_path, write

SECOND = 1e9


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
