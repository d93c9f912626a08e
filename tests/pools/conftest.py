"""A second server, to fall back to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pools.worlds import BACKUP
from tests.servers import openai_wire
from tests.servers.loopback import Server


@pytest.fixture
def backup_server() -> Iterator[Server]:
    """Another loopback server that speaks OpenAI's chat wire, with an answer of its own."""
    with openai_wire.openai_server() as server:
        server.default = openai_wire.say(BACKUP)
        yield server
