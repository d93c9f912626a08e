"""What the tests of the call and of the embedded model share."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccw.llm.client import complete
from ccw.llm.local.state import state_path
from tests.llm.asking import request
from tests.servers.openai_wire import openai_server


@pytest.fixture(scope="session")
def litellm_loaded() -> None:
    """Make one call of each kind before a test measures time: litellm imports as it goes."""
    with openai_server() as server:
        for stream in (True, False):
            complete(request(server.base, stream=stream))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A ccw home where the kept server may note its address."""
    state_path(tmp_path).parent.mkdir()
    return tmp_path
