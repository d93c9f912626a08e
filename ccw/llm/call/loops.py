"""Coroutines run from code that is not one itself, wherever that is called from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Outcome = TypeVar("Outcome")


def in_loop(call: Callable[[], Coroutine[Any, Any, Outcome]]) -> Outcome:
    """Run *call* to its end, where an event loop already runs in a thread of its own."""
    return _in_thread(call) if _loop_runs() else asyncio.run(call())


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _in_thread(make: Callable[[], Coroutine[Any, Any, Outcome]]) -> Outcome:
    """Run the call in a loop of its own thread; an interrupt here cancels it there."""
    from concurrent.futures import ThreadPoolExecutor

    runner: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []

    async def call() -> Outcome:
        task = asyncio.current_task()
        assert task is not None
        runner.append((asyncio.get_running_loop(), task))
        return await make()

    with ThreadPoolExecutor(1, "ccw-call") as pool:
        future = pool.submit(asyncio.run, call())
        try:
            return future.result()
        except KeyboardInterrupt:
            for loop, task in runner:
                loop.call_soon_threadsafe(task.cancel)
            raise
