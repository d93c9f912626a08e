"""Configurations as a call finds them, for the tests of what is kept."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from ccw.config.kept import seen_in
from ccw.config.layers import Effective
from ccw.config.places import user_config_path

P = {"id": "p", "name": "P", "type": "ollama"}


def write(path: Path, *providers: dict[str, Any], **fields: Any) -> Path:
    """Write a configuration of these providers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"providers": providers, **fields}))
    return path


def look(project: Path, later: float = 3600) -> Effective:
    """What a call sees that begins so many seconds *later*, when all files are long at rest."""
    return seen_in(project, environ_of(project), time.time() + later)


def environ_of(project: Path) -> dict[str, str]:
    """The environment of a user whose home is beside *project*."""
    return {"HOME": str(project.parent / "home")}


def users_path(project: Path) -> Path:
    """The file of that user's own."""
    return user_config_path(environ_of(project))


def names(effective: Effective) -> list[str]:
    """What the providers are called."""
    return [provider.name for provider in effective.config.providers]
