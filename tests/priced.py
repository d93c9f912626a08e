"""One endpoint with parameters of its own, asked and previewed for what it costs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ccw import LiteLLMExecutionOptions, LiteLLMExecutionResult, execute_litellm_endpoint
from ccw.execution.preview import preview_litellm_endpoint
from tests.projects import write_config

ENVIRON = {"HOME": os.environ["HOME"]}


def configure(
    project: Path,
    base: str,
    params: Mapping[str, Any],
    kind: str = "openai",
    model: str = "gpt-5",
    **own: Any,
) -> None:
    """Configure `ask` at *base* with *params*; *own* are the user's figures of the model."""
    provider = {"id": "it", "name": "It", "type": kind, "apiKey": "sk-loop", "apiBase": base}
    known = {"models": [{"id": model, **own}]} if own else {}
    endpoint = {"id": "ask", "name": "A", "providerId": "it", "model": model, "params": params}
    write_config(project, {"providers": [provider | known], "endpoints": [endpoint]})


def options(project: Path, **more: Any) -> LiteLLMExecutionOptions:
    return LiteLLMExecutionOptions("hi", "ask", project, max_retries=0, **more)


def ask(project: Path, **more: Any) -> LiteLLMExecutionResult:
    return execute_litellm_endpoint(options(project, **more), environ=ENVIRON)


def cost_bound(project: Path) -> float | None:
    return preview_litellm_endpoint(options(project), environ=ENVIRON).cost_bound
