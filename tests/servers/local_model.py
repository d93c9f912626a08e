"""The real embedded model for tests: a ccw home that has it; its server ends with the test."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ccw.config.places import ccw_home
from ccw.llm.local.kept import stop
from ccw.llm.local.model import SMOLLM2, is_installed, model_path

# read at import, before a fixture hides the developer's own home
INSTALLED = Path(os.environ.get("CCW_TEST_MODEL_DIR") or ccw_home(os.environ) / "models")


@pytest.fixture(scope="session")
def model_file() -> Path:
    """The GGUF that `ccw local install` has put into the developer's home."""
    path = INSTALLED / SMOLLM2.name
    if not path.is_file() or path.stat().st_size != SMOLLM2.size:
        pytest.fail(f"{path} is missing; type: ccw local install")
    return path


@pytest.fixture
def local_home(model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A ccw home with the embedded model in it, set as CCW_HOME; one thread runs the model."""
    home = tmp_path / "ccw-home"
    path = model_path(home)
    path.parent.mkdir(parents=True)
    path.symlink_to(model_file)
    assert is_installed(home)
    monkeypatch.setenv("CCW_HOME", str(home))
    monkeypatch.setenv("CCW_LOCAL_THREADS", "1")
    yield home
    stop(home)


@pytest.fixture
def unused_port() -> int:
    """A loopback port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
