"""The executor as tests call it: in an environment of their own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ccw import LiteLLMExecutionOptions, LiteLLMExecutionResult, execute_litellm_endpoint


def ask(project: Path, prompt: str, **options: Any) -> LiteLLMExecutionResult:
    """Ask the default endpoint of *project*."""
    environ = {"HOME": os.environ["HOME"], **options.pop("environ", {})}
    return execute_litellm_endpoint(
        LiteLLMExecutionOptions(prompt, options.pop("endpoint_id", None), project, **options),
        environ=environ,
    )
