"""Plans of warming and questions about the same files, at a provider on loopback."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ccw import LiteLLMExecutionOptions, LiteLLMExecutionResult, execute_litellm_endpoint
from ccw.warming import Warming, plan_warming
from tests.projects import write_config
from tests.servers.loopback import Server

MODELS = {"anthropic": "claude-sonnet-4-5", "openai": "gpt-4o", "custom": "m", "mistral": "m"}
FILES = {"a.txt": "word\n" * 1000, "b.txt": "other\n" * 1000}  # some 2,000 tokens
PRICES = {
    "inputCostPerMillion": 10,
    "outputCostPerMillion": 1000,
    "cacheReadCostPerMillion": 1,
    "cacheWriteCostPerMillion": 20,
}


@dataclass
class Time:
    """A clock that only sleeping moves."""

    now: float = 1_800_000_000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def configure(project: Path, server: Server, kind: str = "anthropic", **more: Any) -> None:
    model = MODELS.get(kind, "gpt-4o")
    base = server.root if kind == "anthropic" else server.base
    provider = {"id": "it", "name": "It", "type": kind, "apiKey": "sk-loop", "apiBase": base}
    known = {"models": [{"id": model, **PRICES}]} if more.pop("priced", True) else {}
    advanced = {"advancedSettings": more.pop("advanced", {})}
    endpoint = {"id": "ask", "name": "Ask", "providerId": "it", "model": model, **more}
    write_config(project, {"providers": [provider | known | advanced], "endpoints": [endpoint]})


def environ() -> dict[str, str]:
    return {"HOME": os.environ["HOME"]}


def planned(project: Path, *patterns: str, **more: Any) -> Warming:
    options = LiteLLMExecutionOptions("", "ask", project, patterns=patterns or ["*.txt"], **more)
    return plan_warming(options, environ=environ())


def ask(project: Path, question: str, clock: Time | None = None) -> LiteLLMExecutionResult:
    options = LiteLLMExecutionOptions(question, "ask", project)
    result = execute_litellm_endpoint(options, environ=environ(), clock=clock or Time())
    assert result.error is None
    return result
