"""Projects whose providers are gateways on loopback, with a clock that tests set."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ccw.gateways.models import ModelList, all_models, list_models
from ccw.gateways.testing import CheckResult, check_provider
from tests.canary import CANARY
from tests.projects import write_config

START = 1_800_000_000.0  # seconds since the epoch


@dataclass
class World:
    """A project, and the time in it."""

    project: Path
    now: float = START
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environ = {"HOME": os.environ["HOME"], "CANARY_KEY": CANARY, **self.environ}

    def clock(self) -> float:
        return self.now

    def configure(self, *providers: dict[str, Any], **more: Any) -> None:
        write_config(self.project, {"providers": list(providers), **more})

    def list(self, provider: str = "gate", **options: Any) -> ModelList:
        return list_models(
            self.project, provider, environ=self.environ, clock=self.clock, **options
        )

    def all(self, **options: Any) -> tuple[ModelList, ...]:
        return all_models(self.project, environ=self.environ, clock=self.clock, **options)

    def check(self, provider: str = "gate", **options: Any) -> CheckResult:
        return check_provider(
            self.project, provider, environ=self.environ, clock=self.clock, **options
        )

    def home_files(self) -> list[Path]:
        return [path for path in Path(self.environ["HOME"]).rglob("*") if path.is_file()]


def gate(base: str, **fields: Any) -> dict[str, Any]:
    """A provider `gate` at *base*, with a canary as its key."""
    given = {"id": "gate", "name": "Gate", "type": "custom", "apiKey": "${CANARY_KEY}", **fields}
    return {**given, "apiBase": base}


def ids(listed: ModelList) -> list[str]:
    return [model.id for model in listed.models]
