"""The embedded model for a call: a running server of it, and its exact token counts."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ccw.llm.local.model import CONTEXT_WINDOW as CONTEXT_WINDOW
from ccw.llm.local.model import MODEL_ID as MODEL_ID
from ccw.llm.local.model import LocalServer, require_installed
from ccw.llm.local.model import threads_wanted as threads_wanted
from ccw.llm.local.state import find_kept
from ccw.llm.local.wire import ask

if TYPE_CHECKING:
    from ccw.llm.local.engine import Engine


@contextmanager
def local_server(home: Path, *, threads: int | None = None) -> Iterator[LocalServer]:
    """Give a running server: the one that `ccw local start` keeps, else this process's own.

    *home* is the user's ccw folder. The process's own server stays warm for the next call and ends
    with the process. *threads* None chooses by the processors.
    """
    kept = find_kept(home)
    yield kept.server if kept else _own.get(require_installed(home), threads)


def count_prompt_tokens(server: LocalServer, messages: Sequence[Mapping[str, Any]]) -> int:
    """Return the exact number of tokens that *messages* take, the chat template included."""
    answer = ask(server, "POST", "/v1/messages/count_tokens", {"messages": list(messages)})
    return int(answer["input_tokens"])


class _OwnServer:
    """At most one engine per process, shared by its threads, never by a forked child."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._owner: tuple[int, Path] | None = None
        self._inherited: list[Engine] = []  # copies made by a fork: no threads, not to be closed

    def get(self, path: Path, threads: int | None) -> LocalServer:
        from ccw.llm.local.engine import Engine

        with self._lock:
            owner = (os.getpid(), path.resolve())
            if self._engine is None or self._owner != owner:
                self._drop()
                self._engine, self._owner = Engine(path, threads), owner
            return self._engine.address

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        engine, self._engine = self._engine, None
        if engine is None or self._owner is None:
            return
        if self._owner[0] == os.getpid():
            engine.close()
        else:
            self._inherited.append(engine)


_own = _OwnServer()
atexit.register(_own.close)
