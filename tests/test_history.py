"""The run log: what a line holds, its sums, many processes, and what gets in its way."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ccw.config.places import STORAGE
from ccw.errors import HistoryUnusable
from ccw.history.database import MIGRATIONS
from ccw.history.log import (
    HISTORY_FILE,
    Run,
    Totals,
    days_before,
    moment,
    record,
    totals,
)
from ccw.history.spare import close_spares
from ccw.llm.usage import Usage
from tests.nobody import open_to_all, run_as_nobody

RUN = Run(
    time="2026-03-01T12:00:00.000Z",
    endpoint="ask",
    provider="openai",
    model="gpt-4o",
    usage=Usage(input=10, cache_read=70, cache_write_5m=15, cache_write_1h=5, output=4),
    cost=0.25,
    saved=0.5,
    local_hit=True,
    first_difference=4096,
    exit_code=0,
    duration_ms=1200,
    session="ctx-0123456789ab",
)
FAILED = replace(
    RUN, usage=None, cost=None, saved=None, local_hit=None, first_difference=None, exit_code=6
)


def rows(project: Path) -> list[tuple[object, ...]]:
    """Everything in the log, as it is stored."""
    with closing(sqlite3.connect(project / HISTORY_FILE)) as database:
        return database.execute("SELECT * FROM runs ORDER BY id").fetchall()


def test_a_line_is_stored_as_it_is(project: Path) -> None:
    record(project, RUN)
    record(project, FAILED)
    head = ("2026-03-01T12:00:00.000Z", "ask", "openai", "gpt-4o")
    tail = (1200, "ctx-0123456789ab")
    assert rows(project) == [
        (1, *head, 10, 70, 15, 5, 4, 0.25, 0.5, 1, 4096, 0, *tail),
        (2, *head, *(None,) * 9, 6, *tail),
    ]


def test_only_the_user_may_read_the_log(project: Path) -> None:
    record(project, RUN)
    assert (project / HISTORY_FILE).stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_no_project_gets_no_log(tmp_path: Path) -> None:
    record(tmp_path, RUN)
    assert list(tmp_path.iterdir()) == []
    assert totals(tmp_path) == (Totals(),)
    assert list(tmp_path.iterdir()) == []


def test_sums(project: Path) -> None:
    for run in (RUN, replace(RUN, local_hit=False, saved=-0.125), FAILED):
        record(project, run)
    expected = Totals(
        key="gpt-4o",
        calls=3,
        failed=1,
        unknown_tokens=1,
        input=20,
        cache_read=140,
        cache_write=40,
        output=8,
        local_hits=1,
        packed=2,
        cost=0.5,
        unknown_cost=1,
        saved=0.375,
        unknown_saved=1,
    )
    assert totals(project, "model") == (expected, replace(expected, key=""))
    assert expected.provider_cache_share == pytest.approx(0.7)


def test_money_that_nobody_knows_is_not_zero(project: Path) -> None:
    record(project, FAILED)
    (_, whole) = totals(project)
    assert (whole.cost, whole.saved, whole.provider_cache_share) == (None, None, None)


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        pytest.param("day", ["2026-03-01", "2026-03-02", ""], id="day"),
        pytest.param("endpoint", ["ask", "scan", ""], id="endpoint"),
        pytest.param("model", ["gpt-4o", "haiku", ""], id="model"),
    ],
)
def test_groups(project: Path, by: str, keys: list[str]) -> None:
    later = replace(RUN, time="2026-03-02T00:00:00.000Z", endpoint="scan", model="haiku")
    record(project, later)
    record(project, RUN)
    found = totals(project, by)  # type: ignore[arg-type]
    assert [(group.key, group.calls) for group in found] == list(zip(keys, [1, 1, 2], strict=True))


def test_the_last_days(project: Path) -> None:
    for day in ("01", "02", "03"):
        record(project, replace(RUN, time=f"2026-03-{day}T23:59:59.999Z"))
    now = 1772582400.0  # 2026-03-04T00:00:00Z
    assert moment(now) == "2026-03-04T00:00:00.000Z"
    assert [group.key for group in totals(project, since=days_before(now, 3))] == [
        "2026-03-02",
        "2026-03-03",
        "",
    ]


def test_many_processes_lose_no_line(project: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ccw.history.log import record\n"
        "from tests.test_history import RUN\n"
        "for _ in range(50): record(Path(sys.argv[1]), RUN)\n"
    )
    root = Path(__file__).parents[1]
    command = [sys.executable, "-c", code, str(project)]
    started = [subprocess.Popen(command, cwd=root) for _ in range(8)]
    assert [process.wait(timeout=60) for process in started] == [0] * 8
    assert totals(project)[-1].calls == 400


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
        with pytest.raises(HistoryUnusable, match="locked"):
            record(project, RUN)
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
    with full_disk(), pytest.raises(HistoryUnusable):
        record(project, RUN)
    record(project, RUN)
    assert len(rows(project)) == 1


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


def test_a_log_that_was_moved_away_is_begun_anew(project: Path) -> None:
    record(project, RUN)
    (project / HISTORY_FILE).rename(project / "old.db")
    record(project, FAILED)
    assert [row[0] for row in rows(project)] == [1]
    assert totals(project)[-1].failed == 1


def test_threads_do_not_share_a_connection(project: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: record(project, RUN), range(200)))
    assert totals(project)[-1].calls == 200


def test_a_forked_process_opens_its_own_connection(project: Path) -> None:
    record(project, RUN)
    child = os.fork()
    if child == 0:
        record(project, RUN)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    record(project, RUN)
    assert totals(project)[-1].calls == 3


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists open files")
def test_the_next_line_finds_the_log_open(project: Path) -> None:
    def open_files() -> list[str]:
        folder = Path("/proc/self/fd")
        links = (os.path.realpath(entry) for entry in folder.iterdir())
        return [link for link in links if link == str(project / HISTORY_FILE)]

    record(project, RUN)
    waiting = open_files()
    record(project, RUN)
    totals(project)
    assert waiting == open_files() != []
    close_spares()
    assert open_files() == []
