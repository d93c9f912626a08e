"""What a server is started with: plain values, so that nothing below reads the process."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import Request

from ccw.web.reading import Current, Reader
from ccw.web.runs import Runs
from ccw.web.slots import Slots

MAX_BODY = 10 * 1024 * 1024
BODY_SECONDS = 30.0
HEAD_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """One server: its project, the environment of its calls, where it listens and whom it serves.

    With `token` every request has to bear it. `max_body` in bytes; `body_seconds` is what a client
    may take to send a body, `head_seconds` for the lines before it.
    """

    project: Path
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    host: str = "127.0.0.1"
    port: int = 3000
    token: str | None = field(default=None, repr=False)
    names: frozenset[str] = frozenset()  # further host names that lead here
    max_body: int = MAX_BODY
    body_seconds: float = BODY_SECONDS
    head_seconds: float = HEAD_SECONDS
    runs: Runs = field(default_factory=Runs)
    slots: Slots = field(default_factory=Slots)


def settings_of(request: Request) -> ServeSettings:
    """Return the settings of the server that *request* came to."""
    settings: ServeSettings = request.app.state.settings
    return settings


def current_of(request: Request) -> Current:
    """Return the configuration as it is on disk now."""
    reader: Reader = request.app.state.reader
    return reader.current()


@contextmanager
def asking(request: Request) -> Iterator[ServeSettings]:
    """Give the settings to something slow, of which only so many run at a time; TooManyRuns."""
    settings = settings_of(request)
    with settings.slots.taken():
        yield settings


@contextmanager
def saving(request: Request) -> Iterator[ServeSettings]:
    """Give the settings while nobody else of this server saves.

    Other processes are kept out by a lock that is asked for again and again; only one at a time
    does so here.
    """
    lock: threading.Lock = request.app.state.saving
    with lock:
        yield settings_of(request)
