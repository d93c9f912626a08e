"""The real LiteLLM proxy, asked through `ccw cli` in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import CCW
from tests.projects import write_config, write_files
from tests.servers.litellm_proxy import ANSWER, MASTER_KEY, MODEL, Proxy

pytestmark = [pytest.mark.proxy, pytest.mark.slow]
WRONG = "sk-wrong-1234567890"
Done = subprocess.CompletedProcess[str]


@pytest.fixture
def shop(project: Path) -> Path:
    """A project with files, and nothing configured."""
    write_files(project)
    return project


def configure(project: Path, proxy: Proxy, **fields: Any) -> None:
    """Configure the endpoint `ask` at *proxy*, its base as users write it: without /v1."""
    provider = {"id": "gate", "name": "Gate", "type": "litellm", "apiBase": proxy.root, **fields}
    endpoint = {"id": "ask", "name": "Ask", "providerId": "gate", "model": MODEL}
    write_config(project, {"providers": [provider], "endpoints": [endpoint]})


def ask(project: Path, model: str, environ: Mapping[str, str], *more: str) -> Done:
    command = [CCW, "cli", "-p", "@README.md Explain", "--model", model, *more]
    inherited = {name: os.environ[name] for name in ("HOME", "PATH")}
    return subprocess.run(
        command,
        cwd=project,
        env={**inherited, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def variables(proxy: Proxy, key: str | None) -> dict[str, str]:
    """The variables that make a provider without any file."""
    keys = {"LITELLM_API_KEY": key} if key else {}
    return {"LITELLM_ENABLED": "true", "LITELLM_BASE_URL": proxy.root, **keys}


def test_a_configured_proxy_with_its_master_key(shop: Path, gateway: Proxy) -> None:
    configure(shop, gateway, apiKey="${GATE_KEY}")
    done = ask(shop, "ask", {"GATE_KEY": MASTER_KEY})
    assert (done.returncode, done.stdout) == (0, f"{ANSWER}\n"), done.stderr
    assert f"{MODEL} (litellm) · 1 file" in done.stderr


def test_the_variables_alone_with_the_master_key(shop: Path, gateway: Proxy) -> None:
    done = ask(shop, f"litellm/{MODEL}", variables(gateway, MASTER_KEY), "--json")
    shown = json.loads(done.stdout)
    assert (done.returncode, shown["success"], shown["output"]) == (0, True, ANSWER), shown
    assert (shown["model"], shown["provider"]) == (MODEL, "litellm")
    assert shown["cachedFiles"] == ["README.md"]


def test_a_configured_proxy_without_a_master_key(shop: Path, open_gateway: Proxy) -> None:
    configure(shop, open_gateway)
    done = ask(shop, "ask", {})
    assert (done.returncode, done.stdout) == (0, f"{ANSWER}\n"), done.stderr


def test_the_variables_alone_without_a_master_key(shop: Path, open_gateway: Proxy) -> None:
    done = ask(shop, f"litellm/{MODEL}", variables(open_gateway, None))
    assert (done.returncode, done.stdout) == (0, f"{ANSWER}\n"), done.stderr


@pytest.mark.parametrize("key", [WRONG, None], ids=["wrong", "missing"])
@pytest.mark.parametrize("configured", [True, False], ids=["configured", "variables"])
def test_a_key_that_the_proxy_refuses(
    shop: Path, gateway: Proxy, configured: bool, key: str | None
) -> None:
    if configured:
        configure(shop, gateway, apiKey="${GATE_KEY:-}")
        done = ask(shop, "ask", {"GATE_KEY": key} if key else {})
    else:
        done = ask(shop, f"litellm/{MODEL}", variables(gateway, key))
    assert (done.returncode, done.stdout) == (5, ""), done.stderr
    assert "key" in done.stderr
    assert WRONG not in done.stderr
