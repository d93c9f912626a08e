"""What litellm does by itself, turned off: printing, logging, calling home, pricing."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

# OpenAI's client logs whole requests, header values among them, where someone asks for DEBUG.
LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "openai")
_UNPRICED = ContextVar("unpriced", default=False)


def silence(litellm: Any) -> None:
    """Keep litellm from printing, logging, calling home and copying every chunk for its logs."""
    litellm.suppress_debug_info = True
    litellm.turn_off_message_logging = True
    litellm.disable_streaming_logging = True
    litellm.telemetry = False
    litellm.disable_hf_tokenizer_download = True
    silence_loggers()  # again: litellm sets their levels while it is imported
    for message in ("Pydantic serializer warnings", "Items? .* on TypedDict class .* `ReadOnly`"):
        warnings.filterwarnings("ignore", message=message, category=UserWarning)
    # what a call that is broken off before it is sent leaves behind
    warnings.filterwarnings(
        "ignore", message="coroutine '(BaseLLMHTTPHandler|OpenAIChatCompletion)\\."
    )


def silence_loggers() -> None:
    """Keep the loggers of litellm and of OpenAI's client from saying anything."""
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def price_on_demand(litellm: Any) -> None:
    """Keep litellm from pricing our calls; those of others in this process it goes on to price.

    It prices a stream before its first chunk, for which it counts the prompt's tokens: a fifth of
    a second for the tokenizer alone. Our prices are worked out elsewhere, with the user's own.
    """
    price = litellm.response_cost_calculator

    def priced(*args: Any, **options: Any) -> Any:
        return None if _UNPRICED.get() else price(*args, **options)

    litellm.response_cost_calculator = priced


@contextmanager
def unpriced() -> Iterator[None]:
    """Mark the calls of a `with` block as ours, which litellm need not price."""
    token = _UNPRICED.set(True)
    try:
        yield
    finally:
        _UNPRICED.reset(token)
