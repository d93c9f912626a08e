"""One cache, many processes."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.context.caches import run_python

HAMMER = """
import random, sys, time
from pathlib import Path
from ccw.context.cache.store import ContextCache
from tests.context.caches import manifest_of
folder, seed, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])


chance = random.Random(seed)


end = time.time() + seconds
warnings, hits, kept = [], 0, 0
while time.time() < end:
    cache = ContextCache(folder, 1 << 20, str(seed))
    for _ in range(20):
        now, name = time.time(), chance.randrange(12)
        content = str(name).encode() * (30_000 + name * 5_000)
        found = cache.lookup(str(name), now)
        if found:
            assert found.content == content
            hits += 1
        else:
            kept += cache.keep(str(name), manifest_of(content, now), content)
        cache.count(hit=found is not None)
        if chance.random() < 0.02:
            cache.clear()
        if chance.random() < 0.02:
            cache.cleanup(now)
    warnings += cache.warnings
    cache.close()
print(len(warnings), hits > 0, kept > 0, *set(warnings))
"""


def test_many_processes_pack_and_clear_one_cache(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        results = list(
            pool.map(lambda seed: run_python(HAMMER, str(tmp_path / "c"), str(seed), "3"), range(4))
        )
    assert [(r.stdout.strip(), r.stderr) for r in results] == [("0 True True", "")] * 4
    with sqlite3.connect(tmp_path / "c" / "cache.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
