"""Whole replies of OpenAI's wire over litellm's HTTP handler, half a millisecond a call faster.

litellm asks its environment at each call whether to leave OpenAI's SDK out
(`EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER` in main.py of 1.84 and 1.106); here our whole replies
alone are answered yes. Streams stay with the SDK, whose reader passes over nothing, and so do the
other types that speak OpenAI's wire: litellm has no handler's configuration for some of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

SWITCH = "EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER"
_WANTED: ContextVar[bool | None] = ContextVar("handler_wanted", default=None)  # None: not ours


def offer_handler(main: Any) -> None:
    """Make litellm's module *main* obey `by_handler`; for other calls it asks as before."""
    ask = getattr(main, "get_secret_bool", None)
    if ask is None:  # a later litellm, which goes by the SDK then
        return

    def answer(name: str, *default: Any, **options: Any) -> Any:
        wanted = _WANTED.get() if name == SWITCH else None
        return ask(name, *default, **options) if wanted is None else wanted

    main.get_secret_bool = answer


@contextmanager
def by_handler(*, wanted: bool) -> Iterator[None]:
    """Make the calls of a `with` block by litellm's handler if *wanted*, else by the SDK."""
    token = _WANTED.set(wanted)
    try:
        yield
    finally:
        _WANTED.reset(token)
