"""What litellm and tiktoken must not leave behind in this process."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

_LOCK = threading.Lock()
_USERS: dict[str, tuple[int, str | None]] = {}  # variable -> who keeps it, its value before


@contextmanager
def kept(name: str) -> Iterator[None]:
    """Leave variable *name* of this process as it was.

    Of blocks that overlap, in threads or tasks, the last to end restores what the first found.
    """
    with _LOCK:
        users, before = _USERS.get(name, (0, os.environ.get(name)))
        _USERS[name] = users + 1, before
    try:
        yield
    finally:
        with _LOCK:
            _release(name)


@contextmanager
def switched(switches: Mapping[str, str]) -> Iterator[None]:
    """Set variables of this process for the time of a `with` block."""
    with ExitStack() as stack:
        for name in switches:
            stack.enter_context(kept(name))
        os.environ.update(switches)
        yield


@contextmanager
def uncollected() -> Iterator[None]:
    """Import without collecting garbage: a third of litellm's import is spent on that."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


def _release(name: str) -> None:
    users, before = _USERS.pop(name)
    if users > 1:
        _USERS[name] = users - 1, before
    elif before is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = before
