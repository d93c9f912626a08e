"""Many writers at once, and writers that are killed: no update is lost, no file is broken."""

from __future__ import annotations

import itertools
import os
import random
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ccw.config import edit
from ccw.config.places import config_path
from ccw.config.store import load, update

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def add(project: Path, count: int) -> None:
    for _ in range(count):
        update(project, lambda config: edit.add_provider(config, {"type": "ollama"}, NOW))


def in_a_process(work: Callable[[], None]) -> int:
    """Run *work* in a copy of this process; return its id."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return child


@pytest.mark.slow
def test_eight_processes_add_fifty_providers_each(tmp_path: Path) -> None:
    children = [in_a_process(lambda: add(tmp_path, 50)) for _ in range(8)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert codes == [0] * 8
    first = int(NOW.timestamp() * 1000)
    names = sorted(provider.id for provider in load(tmp_path).providers)
    assert names == sorted(f"ollama-{first + i}" for i in range(400))


def test_eight_threads_add_ten_providers_each(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: add(tmp_path, 10), range(8)))
    assert len(load(tmp_path).providers) == 80


def test_readers_never_see_half_a_file(tmp_path: Path) -> None:
    add(tmp_path, 1)
    writer = in_a_process(lambda: add(tmp_path, 60))
    seen = [1]
    while os.waitpid(writer, os.WNOHANG) == (0, 0):
        seen.append(len(load(tmp_path).providers))
    assert seen == sorted(seen)
    assert len(load(tmp_path).providers) == 61


@pytest.mark.slow
def test_two_hundred_kills_lose_no_acknowledged_update(tmp_path: Path) -> None:
    """A round: a process counts up in the file, telling each number after it was saved."""
    update(tmp_path, lambda c: edit.add_provider(c, {"id": "p", "name": "0", "type": "x"}, NOW))
    chance, folder, saved = random.Random(1), config_path(tmp_path).parent, 0
    for _ in range(200):
        acknowledged = _killed_while_counting(tmp_path, saved, chance.uniform(0, 0.012))
        saved = int(load(tmp_path).providers[0].name)
        assert acknowledged <= saved <= acknowledged + 1
        assert len([name for name in os.listdir(folder) if ".tmp-" in name]) <= 1
    assert saved > 200
    add(tmp_path, 1)
    assert sorted(os.listdir(folder)) == [
        "litellm-api-config.json",
        "litellm-api-config.json.lock",
    ]


def _killed_while_counting(project: Path, start: int, delay: float) -> int:
    """Return the last number that the process told; it is killed *delay* s after its first."""
    reader, writer = os.pipe()
    child = in_a_process(lambda: _count(project, start, writer))
    os.close(writer)
    told = os.read(reader, 1)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as rest:
        told += rest.read()
    return start + len(told)


def _count(project: Path, start: int, writer: int) -> None:
    for number in itertools.count(start + 1):
        patch = {"name": str(number)}
        update(project, lambda config: edit.update_provider(config, "p", patch, NOW))  # noqa: B023
        os.write(writer, b".")
