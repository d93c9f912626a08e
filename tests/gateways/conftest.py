"""What the tests of the gateways share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gateways.worlds import World


@pytest.fixture
def world(project: Path) -> World:
    """A project with nothing configured, and its clock."""
    return World(project)
