"""Projects for tests: a few files and a configuration that points at a loopback server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CONFIG = Path(".ccw/storage/config/litellm-api-config.json")
FILES = {
    "src/auth/login.ts": "export const login = () => 'in'\n",
    "src/auth/nested/token.ts": "export const token = 'none'\n",
    "src/middleware/auth.ts": "export const check = true\n",
    "README.md": "# Shop\n",
}


def write_files(root: Path, files: Mapping[str, str] = FILES) -> None:
    """Write *files* (path -> text) below *root*."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def configure(root: Path, base: str, **endpoint: Any) -> None:
    """Configure the endpoint `ask` (the default) of a server at *base*; *endpoint* adds fields."""
    provider = {"id": "loop", "name": "Loop", "type": "custom", "apiBase": base}
    made = {"id": "ask", "name": "Ask", "providerId": "loop", "model": "gpt-4o", **endpoint}
    write_config(root, {"providers": [provider], "endpoints": [made], "defaultEndpoint": "ask"})


def write_config(root: Path, config: Mapping[str, Any]) -> None:
    """Write the project's config file."""
    path = root / CONFIG
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(config), encoding="utf-8")
