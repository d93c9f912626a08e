"""The real LiteLLM proxy on loopback, with mock models; started once for many tests."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MASTER_KEY = "sk-master-of-the-loopback-proxy"
ANSWER = "Hello from the LiteLLM proxy, in a few words that are streamed."
MODEL = "mock-gpt"
START_TIMEOUT = 90.0  # seconds; on a busy machine it takes far longer than its usual five


@dataclass(frozen=True)
class Proxy:
    """A running proxy; `master_key` None means that it takes any key or none."""

    port: int
    master_key: str | None

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def litellm_proxy(
    folder: Path,
    master_key: str | None = MASTER_KEY,
    models: Mapping[str, Mapping[str, str]] | None = None,
) -> Iterator[Proxy]:
    """Run a proxy whose files are in *folder* for the time of a `with` block.

    *models* are further models: a name, and litellm's parameters for it.
    """
    config = folder / "proxy.yaml"
    config.write_text(json.dumps(_config(master_key, models or {})))  # JSON is YAML
    with configured_proxy(folder, config, {}, master_key) as running:
        yield running


@contextmanager
def configured_proxy(
    folder: Path, config: Path, variables: Mapping[str, str], master_key: str | None
) -> Iterator[Proxy]:
    """Run a proxy with the file *config* and its *variables* in the environment."""
    port = free_port()
    log = folder / "proxy.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(config, port),
            env={**_environ(folder), **variables},
            stdout=output,
            stderr=output,
            cwd=folder,
        )
    try:
        _wait(process, port, log)
        yield Proxy(port, master_key)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _config(master_key: str | None, models: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    mock = {"model": "openai/gpt-4o-mini", "api_key": "unused", "mock_response": ANSWER}
    general: dict[str, object] = (
        {"dangerously_permit_weak_or_unset_master_key": True}
        if master_key is None
        else {"master_key": master_key}
    )
    return {
        "model_list": [
            {"model_name": name, "litellm_params": params}
            for name, params in {MODEL: mock, **models}.items()
        ],
        "general_settings": general,
        "litellm_settings": {"telemetry": False},
    }


def _command(config: Path, port: int) -> list[str]:
    program = Path(sys.executable).parent / "litellm"
    return [str(program), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]


def _environ(folder: Path) -> dict[str, str]:
    passed_on = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**passed_on, "HOME": str(folder), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_TIMEOUT
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the proxy ended: {log.read_text(errors='replace')[-2000:]}")
        if _alive(port):
            return
        time.sleep(0.1)
    raise RuntimeError(
        f"no proxy after {START_TIMEOUT} s: {log.read_text(errors='replace')[-2000:]}"
    )


def _alive(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/liveliness", timeout=2):
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
