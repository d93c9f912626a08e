"""`ccw provider` within the process of the test, and what it has written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from ccw.cli.main import cli
from ccw.config.places import config_path

KEY = "sk-canary-0123456789"


MASKED = "sk-…6789"


def ccw(project: Path, *words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(cli, [*words, "--project", str(project)], input=typed)


def add(project: Path, *words: str, typed: str | None = None) -> Result:
    return ccw(project, "provider", "add", "--type", "openai", "--id", "p", *words, typed=typed)


def stored(project: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(config_path(project).read_text())
    return content


def without_times(fields: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in fields.items() if k not in ("createdAt", "updatedAt")}


def said(result: Result) -> tuple[int, str, str]:
    return result.exit_code, result.stdout, result.stderr
