"""What importing and calling litellm must not leave behind in this process."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager


@contextmanager
def switched(switches: Mapping[str, str]) -> Iterator[None]:
    """Set variables of this process for the time of a `with` block."""
    with ExitStack() as stack:
        for name in switches:
            stack.enter_context(kept(name))
        os.environ.update(switches)
        yield


@contextmanager
def kept(name: str) -> Iterator[None]:
    """Leave variable *name* of this process as it was before."""
    before = os.environ.get(name)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before


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
