"""What gets in the way of the run log: other files, locks, full disks, missing rights."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ccw.config.places import STORAGE
from ccw.errors import HistoryUnusable
from ccw.history.calls import Found, last_call
from ccw.history.database import MIGRATIONS
from ccw.history.log import HISTORY_FILE, Totals, record, totals
from tests.logged import RUN, rows
from tests.nobody import open_to_all, run_as_nobody


def test_an_empty_file_is_a_new_log(project: Path) -> None:
    """So it looks between its making and its first line, should another process come then."""
    (project / HISTORY_FILE).touch(0o600)
    record(project, RUN)
    assert len(rows(project)) == 1


def corrupt(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def folder(path: Path) -> None:
    path.mkdir()


def link(path: Path) -> None:
    path.symlink_to(path.with_name("elsewhere.db"))


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(corrupt, "file is not a database", id="corrupt"),
        pytest.param(folder, "not a regular file", id="folder"),
        pytest.param(link, "not a regular file", id="link"),
        pytest.param(newer, "upgrade ccw", id="newer"),
    ],
)
def test_an_unusable_log_is_told_and_left_alone(project: Path, spoil: object, said: str) -> None:
    path = project / HISTORY_FILE
    spoil(path)  # type: ignore[operator]
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(HistoryUnusable, match=said) as told:
        record(project, RUN)
    assert str(path) in str(told.value)
    assert (path.read_bytes() if path.is_file() else None) == before
    assert not path.with_name("elsewhere.db").exists()


def test_a_locked_log_is_given_up_in_time(project: Path) -> None:
    record(project, RUN)
    with closing(sqlite3.connect(project / HISTORY_FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(HistoryUnusable) as refused:
            record(project, RUN, 0.1)
        with pytest.raises(HistoryUnusable) as unread:
            totals(project)
    held = f"the run log {project / HISTORY_FILE} is locked by another process"
    assert str(refused.value) == f"the call is not logged: {held}"
    assert str(unread.value) == f"{held}; try again when that is done"
    assert len(rows(project)) == 1


@contextmanager
def full_disk() -> Iterator[None]:
    """Let files grow no larger than nothing, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_told(project: Path) -> None:
    with full_disk(), pytest.raises(HistoryUnusable) as told:
        record(project, RUN)
    path = project / HISTORY_FILE
    assert str(told.value) == (
        f"the call is not logged: the run log {path} cannot be written (disk I/O error); "
        "free space on its disk"
    )
    with full_disk():  # where nothing has come into the log yet, there is nothing to sum up
        assert (path.stat().st_size, totals(project), last_call(project)) == (
            0,
            (Totals(),),
            Found(),
        )
    record(project, RUN)
    assert len(rows(project)) == 1
    with full_disk():
        assert totals(project)[-1].calls == 1
        with pytest.raises(HistoryUnusable, match=r"free space on its disk$"):
            record(project, RUN)


LOG_AS_NOBODY = """
from ccw.errors import HistoryUnusable
from ccw.history.log import Run, record, totals
project = Path(sys.argv[1])
run = Run("2026", "e", "p", "m", None, None, None, None, None, 0, 1, None)
try:
    record(project, run)
except HistoryUnusable as error:
    print(error)
print(totals(project)[-1].calls)
"""


@pytest.mark.parametrize(
    ("mode", "refusing", "calls"),
    [
        pytest.param(0o444, HISTORY_FILE, "1", id="read-only-file"),
        pytest.param(0o666, STORAGE, "1", id="file-in-a-read-only-folder"),
        pytest.param(None, STORAGE, "0", id="read-only-folder"),
    ],
)
def test_a_log_that_may_not_be_written(
    project: Path, mode: int | None, refusing: Path, calls: str
) -> None:
    if mode is not None:
        record(project, RUN)
        (project / HISTORY_FILE).chmod(mode)
    open_to_all(project / STORAGE)
    done = run_as_nobody(LOG_AS_NOBODY, str(project))
    told = f"the call is not logged: {project / refusing} is read-only"
    assert (done.stderr, done.stdout.splitlines()) == ("", [told, calls])


def test_an_older_log_that_may_not_be_written(project: Path) -> None:
    record(project, RUN)
    with closing(sqlite3.connect(project / HISTORY_FILE)) as database:
        database.executescript("DROP TABLE traces; DROP TABLE packs; PRAGMA user_version = 1")
    (project / HISTORY_FILE).chmod(0o444)
    open_to_all(project / STORAGE)
    code = LOG_AS_NOBODY.replace("record(project, run)", "totals(project)")
    done = run_as_nobody(code.replace("print(totals(project)[-1].calls)", ""), str(project))
    told = f"the run log cannot be brought up to date: {project / HISTORY_FILE} is read-only\n"
    assert (done.stderr, done.stdout) == ("", told)
