"""What the tests of the call share."""

from __future__ import annotations

import pytest

from ccw.llm.client import complete
from tests.llm.asking import request
from tests.servers.openai_wire import openai_server


@pytest.fixture(scope="session")
def litellm_loaded() -> None:
    """Make one call of each kind before a test measures time: litellm imports as it goes."""
    with openai_server() as server:
        for stream in (True, False):
            complete(request(server.base, stream=stream))
