"""A server on a real socket in a thread of the test, for settings that no option has."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ccw.web.serving import server_of
from ccw.web.settings import ServeSettings
from tests.web.apis import environ


@contextmanager
def served(project: Path, listener: socket.socket, **settings: Any) -> Iterator[None]:
    """Serve at *listener* for the time of a `with` block."""
    port = listener.getsockname()[1]
    given = {"environ": environ(), "port": port, **settings}
    server = server_of(ServeSettings(project=project, **given))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
