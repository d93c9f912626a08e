"""Helpers: entries by hand, and code that runs in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from ccw.context.cache.entries import digest_of, session_id_of
from ccw.context.cache.manifest import Manifest
from ccw.context.cache.store import ContextCache

ROOT = Path(__file__).parents[2]


def manifest_of(content: bytes, now: float, seconds: float = 3600) -> Manifest:
    """Return a manifest of no files."""
    digest = digest_of(content)
    return Manifest(
        session_id=session_id_of(digest),
        digest=digest,
        project="project",
        patterns=("@*.py",),
        packed_at=now,
        expires_at=now + seconds,
        total_bytes=len(content),
        prefix_bytes=len(content),
        entries=(),
    )


def keep(cache: ContextCache, key: str, content: bytes, now: float, seconds: float = 3600) -> str:
    """Keep *content* and return its session id; fail if that is not possible."""
    manifest = manifest_of(content, now, seconds)
    assert cache.keep(key, manifest, content)
    assert cache.warnings == []
    return manifest.session_id


def run_python(code: str, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run *code* with ccw and the tests importable."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
