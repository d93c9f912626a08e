"""Config files for tests: written by hand, and added to."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ccw.config import edit
from ccw.config.places import config_path
from ccw.config.store import update

NOW = datetime(2025, 1, 1, tzinfo=UTC)


CANARY = "sk-canary-0123456789"


def write(project: Path, content: str | bytes) -> Path:
    path = config_path(project)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def write_json(project: Path, **content: Any) -> Path:
    return write(project, json.dumps(content))


def add(project: Path, name: str = "new") -> None:
    data = {"id": name, "type": "ollama"}
    update(project, lambda config: edit.add_provider(config, data, NOW))
