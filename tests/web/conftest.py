"""What the tests of the server share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.web.apis import client_of


@pytest.fixture
def api(project: Path) -> TestClient:
    """The application over an empty project."""
    return client_of(project)


@pytest.fixture
def asked(shop: Path) -> Iterator[TestClient]:
    """The application over a project whose endpoint `ask` is on loopback, with one event loop."""
    with client_of(shop) as client:
        yield client
