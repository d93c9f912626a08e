"""One attempt of a call: through litellm, watched on the wire, to a reply or a failure."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import httpx

from ccw.errors import IncompleteReply, TimedOut
from ccw.llm.call.deadline import Deadline
from ccw.llm.call.direct import DirectTransport
from ccw.llm.call.failures import Failure, broken_answer, failure_of
from ccw.llm.call.request import NO_KEY, OnDelta, Reply, Request, Route
from ccw.llm.call.seen import Seen
from ccw.llm.call.target import Target, target_of, with_base
from ccw.llm.call.wire import open_client
from ccw.llm.terms import served_terms
from ccw.llm.usage import normalise

if TYPE_CHECKING:
    from ccw.llm.marks import Lifetime

# These sign with credentials that they find themselves; a made-up key would get in the way.
OWN_CREDENTIALS = frozenset(
    {"bedrock", "vertex_ai", "sagemaker", "sagemaker_chat", "github_copilot"}
)
# Known to call through the client that they are given.
WATCHED = frozenset(
    {
        *("openai", "azure", "anthropic", "gemini", "mistral", "deepseek", "openrouter", "groq"),
        *("xai", "zai", "bedrock", "ollama_chat"),
    }
)

# litellm knows them by name, and sends them only as parts of a body that it does not look into
LOST = frozenset({"prompt_cache_retention"})


class Engine(Protocol):
    """What an attempt needs of litellm."""

    errors: tuple[type[Exception], ...]

    async def acompletion(self, **arguments: Any) -> Any:
        """Call with litellm's *arguments*."""

    def client(self, route: Route, http: httpx.AsyncClient) -> object:
        """Return the client through which the call of *route* is made."""


async def attempt(
    engine: Engine, request: Request, on_delta: OnDelta | None, deadline: Deadline
) -> Reply | Failure:
    """Call once. Failures are returned, not raised: a traceback would hold frames with the key."""
    route = with_base(request.route)
    seen, target = Seen(on_send=request.on_send), target_of(route)
    text = _Text(on_delta, deadline)
    async with open_client(route, seen, deadline.heard, DirectTransport) as http:
        clock = deadline.begin()
        try:
            async with clock:
                client = engine.client(route, http)
                _tell_unseen(request)
                answer = await engine.acompletion(**arguments(request, route, client))
                if request.stream:
                    return await _streamed(answer, seen, target, text.deliver, request.lifetime)
                return _whole(answer, seen, target, text.deliver, request.lifetime)
        except TimeoutError:
            if not clock.expired():
                raise
            said = f"{target.who} {deadline.broken()}"
            return Failure(TimedOut(said, partial=text.so_far()))
        except engine.errors as error:
            failure = failure_of(error, seen, target, text.so_far())
            return replace(failure, retry=failure.retry and not text.pieces)


def _tell_unseen(request: Request) -> None:
    """Tell that a request goes out, where it may do so past our client."""
    if request.on_send is not None and request.route.kind not in WATCHED:
        request.on_send()


def arguments(request: Request, route: Route, client: object) -> dict[str, Any]:
    """Return litellm's arguments for *request*; the endpoint's params cannot move the call."""
    streaming = {"stream_options": {"include_usage": True}} if request.stream else {}
    keyless = None if route.kind in OWN_CREDENTIALS else NO_KEY
    # on OpenAI's wire we set them ourselves: older litellm put them into the body, the key too
    headers = {} if route.kind == "openai" else dict(route.headers)
    return {
        **_params(request, route),
        **streaming,
        "client": client,
        "model": route.model,
        "messages": copy.deepcopy(list(request.messages)),  # litellm changes them as well
        "stream": request.stream or None,  # False would be sent as it is
        "api_key": route.api_key or keyless,
        "api_base": route.api_base,
        "api_version": route.api_version,
        "organization": route.organization,
        "extra_headers": headers or None,
        "max_retries": 0,
        "num_retries": 0,
        "drop_params": False,  # a parameter that the model does not know is an error, not lost
    }


def _params(request: Request, route: Route) -> dict[str, Any]:
    """Return a copy of the parameters, which litellm changes in place, with none that it loses."""
    params = copy.deepcopy(dict(request.params))
    lost = {name: params.pop(name) for name in LOST & params.keys() if route.kind == "openai"}
    return {**params, "extra_body": {**lost, **params.get("extra_body", {})}} if lost else params


class _Text:
    """The text of an answer so far; each piece is passed on as it arrives."""

    def __init__(self, on_delta: OnDelta | None, deadline: Deadline) -> None:
        self.pieces: list[str] = []
        self._on_delta, self._deadline = on_delta, deadline

    def deliver(self, piece: str) -> None:
        """Take a piece; the time that its receiver needs is no silence of the server's."""
        self.pieces.append(piece)
        if self._on_delta is not None:
            self._on_delta(piece)
        self._deadline.heard()

    def so_far(self) -> str:
        """Return the pieces as one text."""
        return "".join(self.pieces)


async def _streamed(
    answer: Any, seen: Seen, target: Target, deliver: OnDelta, lifetime: Lifetime
) -> Reply | Failure:
    texts: list[str] = []
    finish, usage = None, None
    async for chunk in answer:
        usage = getattr(chunk, "usage", None) or usage
        for choice in chunk.choices[:1]:
            finish = choice.finish_reason or finish
            text = choice.delta.content
            if text:
                texts.append(text)
                deliver(text)
        await asyncio.sleep(0)  # data that is always there would keep the loop from all others
    one_body = not texts and seen.is_json and b'"choices"' in seen.head
    if seen.sent and one_body:
        said = f"{target.who} answered the request for a stream with one JSON body; try --no-stream"
        return Failure(IncompleteReply(said))
    if seen.sent and not seen.finished:
        return Failure(broken_answer(seen, target, "".join(texts)))
    return _reply("".join(texts), finish, usage, seen, lifetime)


def _whole(
    answer: Any, seen: Seen, target: Target, deliver: OnDelta, lifetime: Lifetime
) -> Reply | Failure:
    if not answer.choices:
        return Failure(IncompleteReply(f"{target.who} answered without a choice; ask again"))
    choice = answer.choices[0]
    text = choice.message.content or ""
    if text:
        deliver(text)
    finish = choice.finish_reason if seen.finished or not seen.sent else None
    return _reply(text, finish, getattr(answer, "usage", None), seen, lifetime)


def _reply(text: str, finish: str | None, usage: object, seen: Seen, lifetime: Lifetime) -> Reply:
    """Build the reply; usage counts only when the server sent it, litellm estimates otherwise."""
    counted = normalise(usage, lifetime) if seen.usage or not seen.sent else None
    terms = served_terms(seen.head, seen.tail, seen.headers)
    return Reply(text, finish, counted, seen.model, seen.cost, terms)
