"""Fixtures of the tests about packing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.context.worlds import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A folder with three texts and a binary file, and an empty cache."""
    folder = tmp_path / "files"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.txt").write_text(f"this is {name}\n")
    (folder / "d.bin").write_bytes(b"\0\1\2")
    world = World(folder, tmp_path / "cache")
    yield world
    world.cache.close()
