"""Work that an interrupt does not break off half-way: a line written once is not written twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

MOMENT = 0.2  # seconds that an interrupt leaves to what has begun
Outcome = TypeVar("Outcome")


def unbroken(work: Callable[[], Outcome]) -> Outcome:
    """Return what *work* does; it runs in a thread, as interrupts come to the main one.

    An interrupt is raised at once, or a moment later where that is enough for *work* to end; else
    it goes on by itself, for no longer than the process.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    done: Future[Outcome] = Future()
    try:
        threading.Thread(target=_do, args=(work, done), name="ccw-keep", daemon=True).start()
        return done.result()
    except KeyboardInterrupt:
        wait((done,), MOMENT)
        raise


def _do(work: Callable[[], Outcome], done: Future[Outcome]) -> None:
    try:
        done.set_result(work())
    except BaseException as error:  # noqa: BLE001 (raised where it is waited for)
        done.set_exception(error)
