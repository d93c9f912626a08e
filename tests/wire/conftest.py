"""A server that speaks every provider's wire, and a project whose pack gets several marks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.projects import write_files
from tests.servers.any_wire import any_server
from tests.servers.loopback import Server


@pytest.fixture
def server() -> Iterator[Server]:
    """A loopback server that answers each type of provider in its own way."""
    with any_server() as running:
        yield running


@pytest.fixture
def project(project: Path) -> Path:
    """A project of twenty files."""
    write_files(project, {f"f{n:02}.txt": f"line {n} of a file\n" * 30 for n in range(20)})
    return project
