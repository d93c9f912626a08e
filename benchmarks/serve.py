"""`ccw serve` against a bare FastAPI program: its start, its answers under load, parallel runs.

    python benchmarks/serve.py [--seconds 20] [--rounds 1] [--pace 1]

Load: 200 open connections read the configuration, 100 requests a second in all, while 20 editors
each change two things in `--pace` seconds: an endpoint of their own, and a counter that all of them
share, read and written back under `If-Match`. The bare program gets the same requests and
answers a constant. A read's time counts from when it was due.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from harness import compile_packages, interleaved, print_machine, print_ratio
from http_client import Answer, Connection
from servers import bare, ccw, free_port, provider, serving, write_config

READERS, PER_SECOND, EDITORS, RUNS = 200, 100, 20, 20
CHUNKS, APART = 100, 0.02  # of a streamed answer: about 50 tokens a second
NOBODY = "http://127.0.0.1:9/v1"
API = "/api/litellm-api"
SHARED = f"{API}/endpoints/shared"
CHANGED_MEANWHILE = 412


@dataclass
class Load:
    """What came of one time of load: seconds of each read and each save, and what went wrong."""

    reads: list[float] = field(default_factory=list)
    saves: list[float] = field(default_factory=list)
    refused: int = 0  # saves that came too late and were made again
    errors: list[str] = field(default_factory=list)


def main() -> None:
    """Print the figures of all three."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--rounds", type=int, default=1, help="of load, of both in turns")
    options.add_argument(
        "--pace", type=float, default=1, help="seconds for two changes of an editor"
    )
    chosen = options.parse_args()
    print_machine()
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")
    compile_packages("fastapi", "starlette", "uvicorn", "pydantic", "click", "litellm", "h11")
    with tempfile.TemporaryDirectory() as folder:
        first_answers(Path(folder))
    reads_under_load(chosen.seconds, chosen.rounds, chosen.pace)
    with tempfile.TemporaryDirectory() as folder:
        parallel_runs(Path(folder))


def first_answers(folder: Path) -> None:
    """Compare the time from start to first answer."""

    def once(command: Callable[[int], list[str]]) -> float:
        port = free_port()
        with serving(command(port), port, f"{API}/config", folder) as elapsed:
            return elapsed

    write_config(folder, NOBODY, EDITORS)
    measures = {
        "ccw": partial(once, partial(ccw, folder)),
        "bare": partial(once, partial(bare, folder)),
    }
    medians = interleaved(measures, rounds=9)
    print_ratio("first answer", medians["ccw"], "bare FastAPI", medians["bare"], 3)


def reads_under_load(seconds: float, rounds: int, pace: float) -> None:
    """Compare reads while things are changed; a lost update ends the benchmark."""
    loads: dict[str, list[Load]] = {"ccw": [], "bare": []}
    for _ in range(rounds):
        for name, command in (("ccw", ccw), ("bare", bare)):
            with tempfile.TemporaryDirectory() as made:
                folder, port = Path(made), free_port()
                write_config(folder, NOBODY, EDITORS)
                with serving(command(folder, port), port, f"{API}/config", folder):
                    found = asyncio.run(under_load(port, seconds, pace, counts=name == "ccw"))
                loads[name].append(found)
    ours, floor = ([read for load in loads[name] for read in load.reads] for name in loads)
    print_ratio("read under load", statistics.median(ours), "bare", statistics.median(floor), 3)
    print(f"  slowest of 100: {tail(ours):.0f} ms / {tail(floor):.0f} ms")
    for load in loads["ccw"]:
        print(
            f"  {len(load.reads)} reads, {len(load.saves)} saves (median "
            f"{statistics.median(load.saves) * 1000:.0f} ms), {load.refused} made again after 412, "
            f"{len(load.errors)} errors, no update lost"
        )
    if errors := [error for found in loads.values() for load in found for error in load.errors]:
        sys.exit(f"errors: {errors[:5]}")


async def under_load(port: int, seconds: float, pace: float, *, counts: bool) -> Load:
    """Read and change for so many *seconds*; with *counts* look whether every change was kept."""
    load, until = Load(), time.perf_counter() + seconds
    connections = [await Connection.opened(port) for _ in range(READERS + EDITORS)]
    readers, editors = connections[:READERS], connections[READERS:]
    work = [edit(number, each, until, pace, load) for number, each in enumerate(editors)]
    reading = asyncio.create_task(read_on(readers, until, load))
    made = await asyncio.gather(*work)
    await reading
    if counts:
        await check_kept(readers[0], made)
    for connection in connections:
        connection.close()
    return load


async def read_on(readers: list[Connection], until: float, load: Load) -> None:
    """Send a read when each is due, whether or not the one before is answered."""
    began, tasks = time.perf_counter(), []
    for number in range(int((until - began) * PER_SECOND)):
        due = began + number / PER_SECOND
        await asyncio.sleep(due - time.perf_counter())
        tasks.append(asyncio.create_task(read(readers[number % READERS], due, load)))
    await asyncio.gather(*tasks)


async def read(connection: Connection, due: float, load: Load) -> None:
    answer = await connection.get(f"{API}/config")
    load.reads.append(time.perf_counter() - due)
    if answer.status != 200:
        load.errors.append(f"read: {answer.status} {answer.body[:200]!r}")


async def edit(number: int, connection: Connection, until: float, pace: float, load: Load) -> int:
    """Change things until the time is over; return how often."""
    made = 0
    await asyncio.sleep(pace * number / EDITORS)
    while time.perf_counter() < until:
        due = time.perf_counter() + pace
        made += 1
        own = f"{API}/endpoints/own-{number}"
        await save(load, connection.send("PUT", own, {"description": str(made)}))
        while not await count_up(connection, load):
            load.refused += 1
        await asyncio.sleep(max(0, due - time.perf_counter()))
    return made


async def count_up(connection: Connection, load: Load) -> bool:
    """Add one to the counter; False when another was faster."""
    shown = await connection.get(SHARED)
    patch = {"description": str(int(shown.json["description"]) + 1)}
    tag = shown.headers.get("etag", "*")
    return await save(load, connection.send("PUT", SHARED, patch, if_match=tag))


async def save(load: Load, sent: Awaitable[Answer]) -> bool:
    began = time.perf_counter()
    answer = await sent
    load.saves.append(time.perf_counter() - began)
    if answer.status not in (200, CHANGED_MEANWHILE):
        load.errors.append(f"save: {answer}")
    return answer.status != CHANGED_MEANWHILE


async def check_kept(connection: Connection, made: list[int]) -> None:
    """End the benchmark when an update is lost."""
    shown = (await connection.get(f"{API}/config")).json["endpoints"]
    kept = {endpoint["id"]: int(endpoint["description"]) for endpoint in shown}
    expected = {"shared": sum(made)} | {f"own-{n}": count for n, count in enumerate(made)}
    if kept != expected:
        sys.exit(f"updates were lost: {kept} instead of {expected}")


def parallel_runs(folder: Path) -> None:
    """Compare streamed answers all at once with one alone."""
    port, model_port = free_port(), free_port()
    write_config(folder, f"http://127.0.0.1:{model_port}/v1", EDITORS)
    words = provider(model_port, CHUNKS, APART)
    with ExitStack() as stack:
        stack.enter_context(serving(words, model_port, "/v1/models", folder))
        stack.enter_context(serving(ccw(folder, port), port, f"{API}/config", folder))
        alone = [asyncio.run(together(port, 1)) for _ in range(4)][
            1:
        ]  # the first one loads litellm
        all_at_once = [asyncio.run(together(port, RUNS)) for _ in range(3)]
    one, many = statistics.median(alone), statistics.median(all_at_once)
    print_ratio(f"{RUNS} streamed runs", many, "one alone", one, 1.3)


async def together(port: int, number: int) -> float:
    """Return the seconds in which so many answers have come to their end."""
    connections = [await Connection.opened(port) for _ in range(number)]
    began = time.perf_counter()
    asked = [c.send("POST", "/api/cli/execute", {"prompt": "Say hello"}) for c in connections]
    answers = await asyncio.gather(*asked)
    elapsed = time.perf_counter() - began
    for connection, answer in zip(connections, answers, strict=True):
        connection.close()
        if answer.status != 200 or b"event: done" not in answer.body:
            sys.exit(f"a run failed: {answer.status} {answer.body[-500:]!r}")
    return elapsed


def tail(samples: list[float]) -> float:
    """Return the 99th percentile in milliseconds."""
    return statistics.quantiles(samples, n=100)[-1] * 1000


if __name__ == "__main__":
    main()
