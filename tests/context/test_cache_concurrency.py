"""Many processes pack, edit, clear and cull one small cache: never an error, never a stale byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

import diskcache
import pytest

from ccw.context.cache.folder import MARKER
from tests.context.caches import ROOT

PROCESSES = 8
SECONDS = 30
BOUND = 1 << 20
LARGEST = 160_000  # bytes of one pack with its manifest, rounded up: a cache may exceed by one
# Each process has a folder of its own to edit, so that it knows what a pack must hold, and packs
# the folders of the others, too, to meet their entries; all of them share the cache.
WORKER = """
import json, os, random, sys, time
from pathlib import Path
from ccw.context.cache.store import ContextCache
from ccw.context.patterns import parse_pattern
from ccw.context.scope import Scope
from ccw.context.session import PackRequest, pack_context, tell_sent

root, number = Path(sys.argv[1]), int(sys.argv[2])
seconds, bound = float(sys.argv[3]), int(sys.argv[4])
chance, end = random.Random(number), time.time() + seconds
mine = root / f"project{number}"
counts = dict.fromkeys(("packs", "hits", "edits", "clears", "stale", "overlays", "unsent"), 0)
warnings = set()
sent = {"one": set(), "two": set()}  # copies, by whom this process alone has sent them to

def edit():
    name = mine / f"{chance.randrange(4)}.txt"
    text = str(chance.random()) * chance.randrange(1, 1500)
    counts["edits"] += 1
    if chance.random() < 0.5:
        name.write_text(text)
        return
    beside = mine / ".new"  # replaced, as editors do
    beside.write_text(text)
    os.replace(beside, name)

def pack(folder, patterns, receiver=""):
    request = PackRequest(
        Scope(folder, folder, allow_missing=True),
        patterns=tuple(map(parse_pattern, patterns)),
        layout=chance.choice(["path", "stable", "overlay"]),
        receiver=receiver,
    )
    cache = ContextCache(root / "cache", bound, str(folder))
    now = time.time()
    packed = pack_context(request, cache, now=now)
    counts["packs"] += 1
    counts["hits"] += packed.hit
    copies = {packed.content[c.offset : c.offset + c.bytes] for c in packed.superseded}
    counts["overlays"] += bool(copies)
    counts["unsent"] += not copies <= sent.get(receiver, set())
    if receiver and chance.random() < 0.7:
        tell_sent(cache, packed, time.time())
        sent[receiver] |= {packed.content[c.offset : c.offset + c.bytes] for c in packed.copies}
    if chance.random() < 0.02:
        cache.clear()
        counts["clears"] += 1
    if chance.random() < 0.02:
        cache.cleanup(now)
    cache.close()
    warnings.update(cache.warnings)
    return packed

while time.time() < end:
    if time.time() % 8 < 3 and chance.random() < 0.3:  # then a while of hits
        edit()
    patterns = chance.choice([["*.txt"], ["[0-2].txt"], ["*.txt", "!3.txt"]])
    packed = pack(mine, patterns, chance.choice(["", "one", "two"]))
    for file in packed.files:
        part = packed.content[file.offset : file.offset + file.bytes]
        counts["stale"] += (mine / file.path).read_bytes() not in part
    if chance.random() < 0.2:
        pack(root / f"project{chance.randrange(8)}", ["*.txt"])
print(json.dumps([counts, sorted(warnings)]))
"""


def start(root: Path, number: int) -> subprocess.Popen[str]:
    """Start one worker."""
    arguments = [str(root), str(number), str(SECONDS), str(BOUND)]
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def watch(folder: Path, workers: list[subprocess.Popen[str]]) -> int:
    """Return the largest size that any other reader of the cache sees while *workers* run."""
    while not (folder / "cache.db").exists():
        time.sleep(0.01)
    time.sleep(0.2)  # set up by whoever came first
    largest = 0
    with diskcache.Cache(str(folder)) as other:
        while any(worker.poll() is None for worker in workers):
            largest = max(largest, other.volume())
            time.sleep(0.005)
    return largest


def faults(folder: Path) -> list[str]:
    """Return what diskcache finds wrong with its own figures and files."""
    with warnings.catch_warnings(), diskcache.Cache(str(folder)) as other:
        warnings.simplefilter("ignore")
        return [text for one in other.check() if MARKER not in (text := str(one.message))]


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 90)
def test_no_error_no_stale_byte_no_overflow(tmp_path: Path) -> None:
    for number in range(PROCESSES):
        (tmp_path / f"project{number}").mkdir()
        for name in range(4):
            (tmp_path / f"project{number}/{name}.txt").write_text(f"{number} {name}\n" * 5000)
    workers = [start(tmp_path, number) for number in range(PROCESSES)]
    try:
        largest = watch(tmp_path / "cache", workers)
        results = [worker.communicate(timeout=60) for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    assert [errors for _, errors in results] == [""] * PROCESSES
    figures = [json.loads(out) for out, _ in results]
    assert [texts for _, texts in figures] == [[]] * PROCESSES
    assert [counts["stale"] for counts, _ in figures] == [0] * PROCESSES
    assert [counts["unsent"] for counts, _ in figures] == [0] * PROCESSES
    assert sum(counts["overlays"] for counts, _ in figures) > 0
    assert all(min(counts["packs"], counts["hits"], counts["edits"]) > 0 for counts, _ in figures)
    assert sum(counts["clears"] for counts, _ in figures) > 0
    assert largest <= BOUND + LARGEST
    assert faults(tmp_path / "cache") == []
