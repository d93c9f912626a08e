"""Import what a call needs once the first request is answered, never before."""

from __future__ import annotations

import threading
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class WarmAfterFirst:
    """An ASGI application around *app* that calls *warm* in a thread after the first answer."""

    def __init__(self, app: ASGIApp, warm: Callable[[], object]) -> None:
        self._app = app
        self._thread: threading.Thread | None = threading.Thread(target=warm, daemon=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.start()


def load_for_calls() -> None:
    """Import litellm."""
    from ccw.llm.client import load_engine

    load_engine()
