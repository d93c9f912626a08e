"""What the tests of the call share."""

from __future__ import annotations

import pytest

from ccw.llm.client import load_engine


@pytest.fixture(scope="session")
def litellm_loaded() -> None:
    """Import litellm before a test measures time."""
    load_engine()
