"""The kept server's state file: where it answers, with which key, and whether it is still alive."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ccw.atomic import replace_file
from ccw.errors import CcwError, TimedOut
from ccw.llm.local.model import LocalServer
from ccw.llm.local.wire import ask


@dataclass(frozen=True, slots=True)
class Kept:
    """The kept server; times in seconds since the epoch."""

    port: int
    pid: int
    birth: str  # tells this process from a later one under the same pid
    started: float
    last_used: float
    idle_minutes: float
    api_key: str = field(repr=False)

    @property
    def server(self) -> LocalServer:
        """Where it answers, and with which key."""
        return LocalServer(self.port, self.api_key)

    @property
    def process(self) -> tuple[int, str]:
        """Its pid and birth, which no other process ever has both of."""
        return self.pid, self.birth


_KINDS: dict[str, Callable[[Any], Any]] = {
    "port": int,
    "pid": int,
    "birth": str,
    "started": float,
    "last_used": float,
    "idle_minutes": float,
    "api_key": str,
}


def state_path(home: Path) -> Path:
    """Return where the kept server notes its address, readable by its user alone."""
    return home / "local" / "server.json"


def read_state(home: Path) -> Kept | None:
    """Return the state file's content, or None when there is none that makes sense."""
    try:
        raw = json.loads(state_path(home).read_text(encoding="utf-8"))
        kept = Kept(**{name: kind(raw[name]) for name, kind in _KINDS.items()})
    except (OSError, ValueError, TypeError, KeyError, OverflowError):
        return None
    return kept if kept.pid > 0 and 0 < kept.port < 65536 else None


def write_state(home: Path, kept: Kept) -> None:
    """Write the state file as a whole, mode 0600 from birth."""
    replace_file(state_path(home), json.dumps(asdict(kept)).encode())


def forget(home: Path, kept: Kept) -> None:
    """Remove *kept*'s state file, unless a newer server has written its own."""
    current = read_state(home)
    if current is not None and current.process == kept.process:
        state_path(home).unlink(missing_ok=True)


def find_kept(home: Path) -> Kept | None:
    """Return the kept server if it runs and knows its key; forget one that is gone."""
    kept = read_state(home)
    if kept is None or is_alive(kept):
        return kept
    forget(home, kept)
    return None


def is_alive(kept: Kept) -> bool:
    """Tell whether *kept*'s own process lives and answers to its key (a busy one may be slow)."""
    if process_birth(kept.pid) != kept.birth:
        return False
    try:
        ask(kept.server, "GET", "/v1/models", timeout=2.0)
    except TimedOut:
        return True
    except CcwError:
        return False
    return True


def process_birth(pid: int) -> str | None:
    """Return when process *pid* began, in the system's own terms; None when it is not alive."""
    if not Path("/proc/self/stat").exists():
        return _birth_by_ps(pid)
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *rest = line.rpartition(")")[2].split()
    return None if state == "Z" else rest[18]


def _birth_by_ps(pid: int) -> str | None:
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() or None
