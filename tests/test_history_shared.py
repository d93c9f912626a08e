"""The run log shared: by processes, threads, forks and the calls of one process."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ccw.history.log import HISTORY_FILE, record, totals
from ccw.history.spare import close_spares
from tests.logged import FAILED, RUN, rows


def test_many_processes_lose_no_line(project: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ccw.history.log import record\n"
        "from tests.logged import RUN\n"
        "for _ in range(50): record(Path(sys.argv[1]), RUN)\n"
    )
    root = Path(__file__).parents[1]
    command = [sys.executable, "-c", code, str(project)]
    started = [subprocess.Popen(command, cwd=root) for _ in range(8)]
    assert [process.wait(timeout=60) for process in started] == [0] * 8
    assert totals(project)[-1].calls == 400


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
