"""What the tests of the command line share: a configured project."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.projects import configure, write_files
from tests.servers.loopback import Server


@pytest.fixture
def shop(project: Path, openai_server: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configured project with files, as the working directory."""
    write_files(project)
    configure(project, openai_server.base)
    monkeypatch.chdir(project)
    return project
