"""The context cache: a validated hit against packing afresh, and what opening it costs.

    python benchmarks/cache.py [--corpora FOLDER] [--rounds 9] [--busy]

With `--busy` another process writes and syncs to the same disk all the while.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from corpora import fill_with_text, parser
from harness import interleaved, print_machine, print_ratio

from ccw.context.cache.entries import digest_of, session_id_of
from ccw.context.cache.manifest import Manifest
from ccw.context.cache.store import ContextCache
from ccw.context.patterns import parse_pattern
from ccw.context.scope import Scope
from ccw.context.session import PackedContext, PackRequest, pack_context

BOUND = 1 << 30
FILES = 3000
FILE_BYTES = 6500  # as the Python files of Django have on average
MORE_MS = 5.0
WRITER = """\
import os, sys
while True:
    with open(sys.argv[1], "wb") as file:
        file.write(os.urandom(1 << 20))
        file.flush()
        os.fsync(file.fileno())
"""


def main() -> None:
    """Print both figures."""
    options = parser(__doc__)
    options.add_argument("--busy", action="store_true", help="with another writer on the disk")
    chosen = options.parse_args()
    print_machine()
    with tempfile.TemporaryDirectory() as folder, other_writer(folder, busy=chosen.busy):
        hit_against_fresh(Path(folder), chosen.rounds)
        opening(Path(folder), chosen.rounds)


def hit_against_fresh(folder: Path, rounds: int) -> None:
    """Compare a call that the cache answers with one that reads and packs the files."""
    files = folder / "files"
    fill_with_text(files, FILES, FILE_BYTES)
    request = PackRequest(Scope(files, files), (parse_pattern("**/*.py"),))
    later = time.time() + 10  # the files are old enough for their stamps to prove something

    def call(cache_folder: Path | None) -> PackedContext:
        cache = ContextCache(cache_folder, BOUND, str(files)) if cache_folder else None
        packed = pack_context(request, cache, now=later)
        if cache is not None:
            cache.close()
        return packed

    call(folder / "cache")
    if not (kept := call(folder / "cache")).hit:
        sys.exit("the second call is no hit")
    runs = {"hit": partial(call, folder / "cache"), "fresh": partial(call, None)}
    medians = interleaved({name: partial(timed, run) for name, run in runs.items()}, rounds)
    name = f"validated hit of {len(kept.files):,} files"
    print_ratio(name, medians["hit"], "packing afresh", medians["fresh"], 0.7)


def opening(folder: Path, rounds: int) -> None:
    """Compare opening the cache, getting 512 KB and closing with reading a file of that size."""
    content, now = b"x" * 512 * 1024, time.time()
    digest = digest_of(content)
    session = session_id_of(digest)
    plain = folder / "plain"
    plain.write_bytes(content)
    cache = ContextCache(folder / "small", BOUND, "project")
    sizes = len(content), len(content)
    manifest = Manifest(session, digest, "project", (), now, now + 3600, *sizes, entries=())
    if not cache.keep("key", manifest, content):
        sys.exit(f"the content could not be kept: {cache.warnings}")
    cache.close()

    def through_cache() -> None:
        cache = ContextCache(folder / "small", BOUND, "project")
        assert cache.lookup("key", now) is not None
        cache.close()

    runs = {"cache": partial(timed, through_cache), "plain": partial(timed, plain.read_bytes)}
    medians = interleaved(runs, rounds * 3)
    more = (medians["cache"] - medians["plain"]) * 1000
    verdict = "ok" if more <= MORE_MS else "MISSED"
    print(
        f"cache open, get of 512 KB, close: {medians['cache'] * 1000:.2f} ms / plain read: "
        f"{medians['plain'] * 1000:.2f} ms: {more:.2f} ms more (goal {MORE_MS:g}) {verdict}"
    )


def timed(run: Callable[[], object]) -> float:
    """Return the seconds of one run."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


@contextmanager
def other_writer(folder: str, *, busy: bool) -> Iterator[None]:
    """Keep the disk busy meanwhile, if that is asked for."""
    if not busy:
        yield
        return
    writer = subprocess.Popen([sys.executable, "-c", WRITER, f"{folder}/busy"])
    try:
        yield
    finally:
        writer.kill()
        writer.wait()


if __name__ == "__main__":
    main()
