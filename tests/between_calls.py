"""Calls of one process, one after the other, as if all files had long been at rest."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ccw import LiteLLMExecutionOptions, LiteLLMExecutionResult, execute_litellm_endpoint
from tests.projects import write_config
from tests.servers.loopback import Server

ENDPOINT = {"id": "e", "name": "E", "providerId": "p", "model": "gpt-4o"}


def later() -> float:
    """An hour from now: all files are at rest then, and what was read of them may be kept."""
    return time.time() + 3600


def environ_of(project: Path, **more: str) -> dict[str, str]:
    """The environment of a user whose home is beside *project*."""
    return {"HOME": str(project.parent / "home"), **more}


def ask(project: Path, endpoint: str = "e", **environ: str) -> LiteLLMExecutionResult:
    """Call *endpoint* with *environ*."""
    return ask_with({}, project, endpoint, **environ)


def ask_with(
    more: Mapping[str, Any], project: Path, endpoint: str = "e", **environ: str
) -> LiteLLMExecutionResult:
    """Call *endpoint* with *more* options."""
    options = LiteLLMExecutionOptions("hi", endpoint, project, max_retries=0, timeout=10, **more)
    return execute_litellm_endpoint(options, environ=environ_of(project, **environ), clock=later)


def provider(base: str, **fields: Any) -> dict[str, Any]:
    """The provider `p` at *base*."""
    return {"id": "p", "name": "P", "type": "custom", "apiBase": base, **fields}


def configure(project: Path, server: Server, **fields: Any) -> None:
    """Configure the endpoint `e` of the provider `p` at *server*."""
    found = provider(server.base, **fields)
    write_config(project, {"providers": [found], "endpoints": [ENDPOINT]})


def sent(server: Server) -> list[tuple[str | None, str]]:
    """The key and the model of each request."""
    return [(post.headers.get("authorization"), post.json["model"]) for post in server.posts]
