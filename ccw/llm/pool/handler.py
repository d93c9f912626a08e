"""Our end of litellm's custom providers: what the Router has chosen is tried here."""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from typing import Any, Protocol

from ccw.llm.call.request import Reply
from ccw.llm.pool.router import PROVIDER


class Trying(Protocol):
    """One pooled call as the Router sees it."""

    async def tried(self, deployment: str, endpoint: str) -> Reply | Exception | None:
        """Ask *endpoint* with the key of *deployment*; an exception makes the Router go on.

        None ends the call as well: it has failed in a way that no other key can mend.
        """


CURRENT: ContextVar[Trying] = ContextVar("pooled_call")


def register(litellm: Any) -> None:
    """Make our handler known to litellm; others in this process may have replaced the list."""
    if all(item["provider"] != PROVIDER for item in litellm.custom_provider_map):
        litellm.custom_provider_map.append(
            {"provider": PROVIDER, "custom_handler": _handler(litellm)}
        )
    litellm.utils.custom_llm_setup()


@cache
def _handler(litellm: Any) -> object:
    class Handler(litellm.CustomLLM):  # type: ignore[misc]
        """Takes the Router's choice; the text of the message is the endpoint's id."""

        async def acompletion(
            self, model: str, messages: Any, model_response: Any, logging_obj: Any, **_: Any
        ) -> Any:
            logging_obj.pre_call(input="", api_key="")  # the Router counts what is under way
            told = await CURRENT.get().tried(model, messages[-1]["content"])
            if isinstance(told, Exception):
                raise told
            if told is not None and told.usage is not None:
                model_response.usage = _usage(litellm, told)
            return model_response

    return Handler()


def _usage(litellm: Any, reply: Reply) -> Any:
    """Return the tokens of *reply*, by which the Router counts limits and speed."""
    assert reply.usage is not None
    read, written = reply.usage.total_input, reply.usage.output
    return litellm.Usage(prompt_tokens=read, completion_tokens=written, total_tokens=read + written)
