"""The kept server's process: load the model, note the address, end when idle or told to.

Run as `python -m ccw.llm.local.daemon` with an `Order` as JSON on standard input.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from ccw.errors import CcwError, TimedOut
from ccw.llm.local.engine import Engine
from ccw.llm.local.kept import Order
from ccw.llm.local.model import LocalServer, require_installed
from ccw.llm.local.state import Kept, forget, process_birth, read_state, write_state
from ccw.llm.local.wire import ask

LOOKS_PER_IDLE_TIME = 10
LONGEST_LOOK_SECONDS = 5.0


def main() -> int:
    """Serve until idle, told to stop, or no longer the server that the state file names."""
    order = Order(**json.load(sys.stdin))
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        engine = Engine(require_installed(Path(order.home)), order.threads)
    except CcwError as error:
        print(error, file=sys.stderr)  # noqa: T201 - into the log, whose last line the starter shows
        return error.exit_code
    _serve(order, engine.address, stopped)
    return 0


def _serve(order: Order, server: LocalServer, stopped: threading.Event) -> None:
    home, now = Path(order.home), time.time()
    kept = Kept(
        port=server.port,
        pid=os.getpid(),
        birth=process_birth(os.getpid()) or "",
        started=now,
        last_used=now,
        idle_minutes=order.idle_minutes,
        api_key=server.api_key,
    )
    write_state(home, kept)
    pause = min(LONGEST_LOOK_SECONDS, order.idle_minutes * 60 / LOOKS_PER_IDLE_TIME)
    seen = _activity(server)
    while not stopped.wait(pause):
        if not _is_current(home, kept):
            return
        activity = _activity(server)
        if activity != seen:
            seen, kept = activity, replace(kept, last_used=time.time())
            write_state(home, kept)
        elif time.time() - kept.last_used >= order.idle_minutes * 60:
            break
    forget(home, kept)


def _is_current(home: Path, kept: Kept) -> bool:
    """Tell whether the state file still names this process: its folder may have been removed."""
    current = read_state(home)
    return current is not None and current.process == kept.process


def _activity(server: LocalServer) -> object:
    """Return a value that changes whenever a request has come in or is being answered."""
    try:
        slots = ask(server, "GET", "/slots", timeout=LONGEST_LOOK_SECONDS)
    except TimedOut:
        return object()  # busy: unequal to anything
    if any(slot["is_processing"] for slot in slots):
        return object()
    return [slot.get("id_task") for slot in slots]


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # a request under way must not hold the end up
