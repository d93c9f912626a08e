"""The user's own configuration file, and something in it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ccw.config.places import user_config_path
from tests.cli.providing import ccw


def user_file() -> Path:
    return user_config_path(os.environ)


def users() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(user_file().read_text())
    return content


def add_own(project: Path) -> None:
    """Give the user the provider `mine` and its endpoint `ep`, the default."""
    ccw(project, "provider", "add", "--type", "ollama", "--id", "mine", "--user")
    ccw(project, "endpoint", "add", "ep", "--provider", "mine", "--model", "m", "--user")
