"""What has begun to be kept is kept once, whenever the interrupt comes."""

from __future__ import annotations

import _thread
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from ccw.errors import HistoryUnusable
from ccw.execution.unbroken import MOMENT, unbroken


def interrupting(kept: list[str], seconds: float) -> Callable[[], None]:
    """Return work that is interrupted at its beginning and takes *seconds* after that."""

    def work() -> None:
        _thread.interrupt_main()
        time.sleep(seconds)
        kept.append("line")

    return work


def test_it_is_done_in_the_moment_that_is_left() -> None:
    kept: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        unbroken(interrupting(kept, MOMENT / 4))
    assert kept == ["line"]


def test_it_is_not_waited_for_any_longer() -> None:
    kept: list[str] = []
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        unbroken(interrupting(kept, MOMENT * 4))
    assert (time.monotonic() - began < MOMENT * 3, kept) == (True, [])
    (thread,) = (thread for thread in threading.enumerate() if thread.name == "ccw-keep")
    thread.join(10)
    assert kept == ["line"]


def fail() -> None:
    raise HistoryUnusable("no")


def test_what_it_raises() -> None:
    with pytest.raises(HistoryUnusable, match="no"):
        unbroken(fail)


def test_other_threads_do_it_themselves() -> None:
    with ThreadPoolExecutor(1) as threads:
        assert (
            threads.submit(unbroken, threading.get_ident).result()
            == threads.submit(threading.get_ident).result()
        )
