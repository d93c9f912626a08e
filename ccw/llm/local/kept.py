"""Start, stop and describe the kept server of the embedded model: one per user."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import ccw
from ccw.errors import LocalServerFailed
from ccw.llm.local.model import require_installed
from ccw.llm.local.state import Kept, find_kept, forget, process_birth, read_state, state_path

IDLE_MINUTES = 15.0
READY_SECONDS = 120.0
STOP_SECONDS = 5.0
POLL_SECONDS = 0.05
# what a process that stays needs of its starter's environment: no keys
PASSED_ON = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "VIRTUAL_ENV")


@dataclass(frozen=True, slots=True)
class Order:
    """What the kept server is told when it starts; *threads* None chooses by the processors."""

    home: str
    idle_minutes: float = IDLE_MINUTES
    threads: int | None = None


def log_path(home: Path) -> Path:
    """Return where the kept server writes what it has to say."""
    return home / "local" / "server.log"


def start(order: Order, *, python: str, environ: Mapping[str, str]) -> tuple[Kept, bool]:
    """Start the kept server unless one runs; return it, and whether it is new.

    *python* is the interpreter to run it with; of *environ* it gets only what it needs.
    """
    home = Path(order.home)
    require_installed(home)
    with _only_starter(home):
        if running := find_kept(home):
            return running, False
        state_path(home).unlink(missing_ok=True)  # what nobody can read
        return _launch(order, python, environ), True


def stop(home: Path) -> bool:
    """End the kept server; return False when none was running."""
    kept = read_state(home)
    if kept is None:
        return False
    was_alive = _signal(kept, signal.SIGTERM)
    if was_alive and not _wait_until(lambda: not _lives(kept), STOP_SECONDS):
        _signal(kept, signal.SIGKILL)
        _wait_until(lambda: not _lives(kept), STOP_SECONDS)
    forget(home, kept)
    return was_alive


@contextmanager
def _only_starter(home: Path) -> Iterator[None]:
    from filelock import FileLock

    folder = state_path(home).parent
    lock = FileLock(folder / "start.lock")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise LocalServerFailed(
            f"cannot write to {folder}: {error.strerror}; set CCW_HOME to a folder of yours"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _launch(order: Order, python: str, environ: Mapping[str, str]) -> Kept:
    """Run the daemon in a session of its own and wait until it has noted its address."""
    home = Path(order.home)
    descriptor = os.open(log_path(home), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as log:
        process = subprocess.Popen(
            [python, "-m", "ccw.llm.local.daemon"],
            cwd=Path(ccw.__file__).parents[1],
            env={name: environ[name] for name in PASSED_ON if name in environ},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        return _await_ready(order, process)
    except BaseException:
        process.kill()
        process.wait()
        raise


def _await_ready(order: Order, process: subprocess.Popen[bytes]) -> Kept:
    home = Path(order.home)
    assert process.stdin is not None
    with process.stdin as pipe:
        pipe.write(json.dumps(asdict(replace(order, home=str(home.absolute())))).encode())

    def settled() -> bool:
        kept = read_state(home)
        return process.poll() is not None or (kept is not None and kept.pid == process.pid)

    _wait_until(settled, READY_SECONDS)
    kept = read_state(home)
    if kept is None or kept.pid != process.pid:
        said = log_path(home).read_text(encoding="utf-8", errors="replace").strip()
        reason = said.splitlines()[-1] if said else f"not ready after {READY_SECONDS:g} s"
        raise LocalServerFailed(
            f"the embedded model's server did not start: {reason}; see {log_path(home)}"
        )
    return kept


def _lives(kept: Kept) -> bool:
    return process_birth(kept.pid) == kept.birth


def _signal(kept: Kept, number: signal.Signals) -> bool:
    """Signal *kept*'s own process, never a later one under its pid; False when it is gone."""
    if not _lives(kept):
        return False
    try:
        os.kill(kept.pid, number)
    except ProcessLookupError:
        return False
    return True


def _wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return met
