"""What the tests of the command line share: the project as working directory."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def shop(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configured project with files, as the working directory."""
    monkeypatch.chdir(shop)
    return shop
