"""Two secrets that reach the provider's server, and ways to see that they reach nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.projects import CONFIG, write_config

CANARY = "sk-canary-7f3d9a1b5c"
HEADER = "canary-header-value-42"
SECRETS = (CANARY, HEADER)
DOTENV = f"CANARY_KEY={CANARY}\nCANARY_HEADER={HEADER}\n"
# where a user may have written a secret
OWN = {".env", CONFIG.name}


def configure(project: Path, base: str, api_key: str = "${CANARY_KEY}", **settings: Any) -> None:
    """Configure the endpoint `ask` with *api_key* and the second secret as a header."""
    provider = {"id": "p", "name": "Loop", "type": "custom", "apiBase": base, "apiKey": api_key}
    provider["advancedSettings"] = {"customHeaders": {"X-Team": "${CANARY_HEADER}"}}
    endpoint = {"id": "ask", "name": "Ask", "providerId": "p", "model": "gpt-4o"}
    write_config(project, {"providers": [provider], "endpoints": [endpoint], **settings})


def assert_nowhere(text: str) -> None:
    """Neither secret is in *text*."""
    assert [secret for secret in SECRETS if secret in text] == []


def assert_not_on_disk(*roots: Path) -> None:
    """No file below *roots* holds a secret, but those that the user writes."""
    files = [path for root in roots for path in root.rglob("*") if path.is_file()]
    for path in files:
        if path.name not in OWN:
            data = path.read_bytes()
            assert [s for s in SECRETS if s.encode() in data] == [], path


def family(pid: int) -> Iterator[int]:
    """Yield *pid* and the processes that descend from it, as far as they still live."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in read(children).split():
            yield from family(int(child))


def read(path: Path) -> bytes:
    """The content of *path*, nothing when its process has ended."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
