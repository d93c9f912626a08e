"""A project with an endpoint at each of two loopback servers that have a prefix cache."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ccw import LiteLLMExecutionOptions, execute_litellm_endpoint
from ccw.explaining import Explanation, explain
from tests.projects import write_config, write_files
from tests.servers.loopback import Server, serving
from tests.servers.prefix_cache import MarkedPrefixes, anthropic_cache, openai_cache

CANARY = "canary-6f1c"
FILES = {f"{name}.txt": f"{name} {CANARY}\n" * 400 for name in "abcdef"}


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """A project with an endpoint at each of two servers that have a prefix cache."""

    project: Path
    clock: Clock
    openai: Server
    anthropic: Server

    def configure(self, **strategy: Any) -> None:
        servers = {"openai": self.openai.base, "anthropic": self.anthropic.root}
        models = {"openai": "gpt-5", "anthropic": "claude-sonnet-4-5"}
        providers = [
            {"id": name, "name": name, "type": name, "apiKey": "sk-loop", "apiBase": base}
            for name, base in servers.items()
        ]
        endpoints = [
            {"id": n, "name": n, "providerId": n, "model": m, "cacheStrategy": strategy}
            for n, m in models.items()
        ]
        write_config(self.project, {"providers": providers, "endpoints": endpoints})

    def ask(self, endpoint: str, prompt: str = "@*.txt Why?", **more: Any) -> str | None:
        """Ask one minute later; return the session."""
        self.clock.now += 60
        result = execute_litellm_endpoint(
            LiteLLMExecutionOptions(prompt, endpoint, self.project, max_retries=0, **more),
            environ=environ(),
            clock=self.clock,
        )
        return result.session_id

    def edit(self, name: str, text: str = "edited\n" * 300) -> None:
        (self.project / name).write_text(text)

    def told(self, session: str | None = None) -> Explanation:
        return explain(self.project, session)

    def reasons(self) -> tuple[str, str]:
        told = self.told()
        return told.local.reason, told.provider.reason


def environ() -> dict[str, str]:
    return {"HOME": os.environ["HOME"]}


@contextmanager
def credited(project: Path) -> Iterator[World]:
    """Write the files and the configuration, and run both servers."""
    write_files(project, FILES)
    clock = Clock()
    marked = anthropic_cache(MarkedPrefixes(clock))
    with serving(openai_cache(clock)) as openai, serving(marked) as anthropic:
        made = World(project, clock, openai, anthropic)
        made.configure()
        yield made
