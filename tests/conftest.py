"""Every test runs in a world of its own: an empty home, a project of its own, no real keys."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.overlays import overlaid  # noqa: F401
from tests.projects import configure, write_files
from tests.servers import openai_wire
from tests.servers.by_path import by_path  # noqa: F401
from tests.servers.fixed import serve  # noqa: F401
from tests.servers.litellm_proxy import Proxy, litellm_proxy
from tests.servers.local_model import local_home, model_file, unused_port  # noqa: F401
from tests.servers.loopback import Server

PASSED_ON = {"PATH", "LANG", "LC_ALL", "TERM", "TMPDIR", "VIRTUAL_ENV"}

# how long an example takes says more about the machine than about the code
settings.register_profile("ccw", deadline=None)
settings.load_profile("ccw")


@pytest.fixture(autouse=True)
def clean_environment(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hide the developer's own keys, home and ccw folders from the code under test."""
    for name in set(os.environ) - PASSED_ON:
        if name.startswith("PYTEST_"):
            continue
        if name.startswith(("CCW_", "LITELLM_", "PIP_", "UV_")) or name.endswith(
            ("_API_KEY", "_TOKEN")
        ):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty project: a folder that holds `.ccw/storage/config`."""
    root = tmp_path / "project"
    (root / ".ccw" / "storage" / "config").mkdir(parents=True)
    return root


@pytest.fixture
def openai_server() -> Iterator[Server]:
    """A loopback server that speaks OpenAI's chat wire; see `tests.servers.openai_wire`."""
    with openai_wire.openai_server() as server:
        yield server


@pytest.fixture
def shop(project: Path, openai_server: Server) -> Path:
    """A project with files, its endpoint `ask` on the loopback server."""
    write_files(project)
    configure(project, openai_server.base)
    return project


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The real LiteLLM proxy with a master key; mark its tests with `proxy`."""
    with litellm_proxy(tmp_path_factory.mktemp("proxy")) as running:
        yield running


@pytest.fixture(scope="session")
def open_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The real LiteLLM proxy without a master key; mark its tests with `proxy`."""
    with litellm_proxy(tmp_path_factory.mktemp("open-proxy"), master_key=None) as running:
        yield running
