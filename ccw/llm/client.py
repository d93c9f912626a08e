"""The only module that imports litellm: one request in, one reply out, its errors made ours."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from ccw.llm.call.handler import by_handler, offer_handler
from ccw.llm.call.quiet import price_on_demand, silence, silence_loggers, unpriced
from ccw.llm.call.request import NO_KEY, OPENAI_BASE, OnDelta, Reply, Request, Route, Timeouts
from ccw.llm.call.target import check_sendable
from ccw.llm.footprint import kept, switched, uncollected

if TYPE_CHECKING:
    import httpx

    from ccw.llm.call.attempt import Engine
    from ccw.llm.call.failures import Failure
    from ccw.llm.call.retries import OnWait
    from ccw.llm.pool.values import PoolCall, Pooled

__all__ = [
    "OnDelta",
    "Reply",
    "Request",
    "Route",
    "Timeouts",
    "acomplete",
    "apooled",
    "complete",
]

# In force while litellm is imported: its price map comes from the package, no tokenizer is ever
# downloaded, and it does not read a .env into the process.
SWITCHES = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "HF_HUB_OFFLINE": "1",
    "LITELLM_MODE": "PRODUCTION",
}
_LOADING = threading.Lock()


def complete(
    request: Request, on_delta: OnDelta | None = None, on_wait: OnWait | None = None
) -> Reply:
    """Make the call of *request* and return the whole reply; see `acomplete`.

    Where an event loop already runs (a notebook), the call runs in a thread of its own.
    """
    from ccw.llm.call.loops import in_loop

    check_sendable(request.route)
    load_engine()  # in a loop Ctrl-C would wait for the end of the import
    return in_loop(lambda: acomplete(request, on_delta, on_wait=on_wait))


async def acomplete(
    request: Request,
    on_delta: OnDelta | None = None,
    *,
    sleep: Callable[[float], Awaitable[None]] | None = None,
    on_wait: OnWait | None = None,
) -> Reply:
    """Make the call of *request*; *on_delta* receives each piece of text as it arrives.

    A whole reply (`stream=False`) is delivered in one piece. A failure is raised as one of
    `ccw.errors`, without a chain, because litellm's exceptions hold headers. Busy servers and
    lost connections are tried again, but never after text was delivered. *sleep* waits between
    tries, *on_wait* is told the seconds before each wait and the failure that led to it.
    """
    check_sendable(request.route)
    engine = load_engine()

    from ccw.llm.call.failures import Failure

    with kept("TIKTOKEN_CACHE_DIR"), unpriced():  # litellm sets it when it counts tokens
        outcome = await _tried(engine, request, on_delta, sleep, on_wait)
    if isinstance(outcome, Failure):
        raise outcome.error
    return outcome


async def apooled(
    call: PoolCall,
    on_delta: OnDelta | None = None,
    *,
    sleep: Callable[[float], Awaitable[None]] | None = None,
    on_wait: OnWait | None = None,
) -> Pooled:
    """Make *call* with one of several keys and endpoints, of which litellm's Router chooses.

    What failed is told in the outcome. As with `acomplete`, nothing is tried again after text was
    delivered.
    """
    engine = load_engine()

    from ccw.llm.pool.asking import ask_pool

    with kept("TIKTOKEN_CACHE_DIR"), unpriced():
        return await ask_pool(engine, call, on_delta, sleep, on_wait)


async def _tried(
    engine: Engine,
    request: Request,
    on_delta: OnDelta | None,
    sleep: Callable[[float], Awaitable[None]] | None,
    on_wait: OnWait | None,
) -> Reply | Failure:
    """Try as often as *request* allows, within its timeouts."""
    import asyncio

    from ccw.llm.call.attempt import attempt
    from ccw.llm.call.deadline import Deadline
    from ccw.llm.call.retries import with_retries

    deadline = Deadline(request.timeouts)
    return await with_retries(
        lambda: attempt(engine, request, on_delta, deadline),
        request.max_retries,
        sleep or asyncio.sleep,
        deadline.seconds_left,
        on_wait,
    )


def load_engine() -> _Engine:
    """Import litellm, silence it, and return what a call needs of it; the second time at once."""
    with _LOADING:
        return _load_once()


@cache
def _load_once() -> _Engine:
    silence_loggers()
    with switched(SWITCHES), uncollected():
        import litellm
        import openai
        from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler
    silence(litellm)
    price_on_demand(litellm)
    offer_handler(litellm.main)
    return _Engine(litellm, openai, _client_class(AsyncHTTPHandler))


class _Engine:
    """litellm as an attempt needs it."""

    def __init__(self, litellm: Any, openai: Any, client_class: Any) -> None:
        import httpx

        self._litellm, self._openai, self._client_class = litellm, openai, client_class
        self.library = litellm
        # every exception of litellm's derives from OpenAI's; a stream may also break as it is
        self.errors: tuple[type[Exception], ...] = (
            openai.OpenAIError,
            httpx.HTTPError,
            httpx.InvalidURL,
        )

    async def acompletion(self, **arguments: Any) -> Any:
        if self._would_leave_chat(arguments["model"], arguments["api_base"]):
            arguments["_skip_responses_api_bridge"] = True
        if arguments.get("tools"):
            arguments["_skip_mcp_handler"] = True  # it loads what only the proxy's extras have
        whole, openai = not arguments["stream"], arguments["model"].startswith("openai/")
        with by_handler(wanted=whole and openai):
            return await self._litellm.acompletion(**arguments)

    async def settle(self, seconds: float) -> None:
        """Let litellm's callbacks see the calls so far, in *seconds* at most."""
        import asyncio

        from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER

        await asyncio.sleep(0)  # what they are queued by is a task itself
        with suppress(TimeoutError):
            await asyncio.wait_for(GLOBAL_LOGGING_WORKER.flush(), seconds)

    def _would_leave_chat(self, model: str, base: str | None) -> bool:
        """Tell whether litellm would call /responses of a server that only speaks OpenAI's chat.

        It does so by the model's name alone, whoever serves it.
        """
        provider, _, name = model.partition("/")
        mode = self._litellm.model_cost.get(name, {}).get("mode")
        return provider == "openai" and mode == "responses" and base != OPENAI_BASE

    def client(self, route: Route, http: httpx.AsyncClient) -> object:
        """Return the client through which litellm makes the call of *route*."""
        if route.model.startswith("azure/"):
            return self._azure(route, http)
        return self._client_class(http, lambda: self._sdk(route, http))

    def _sdk(self, route: Route, http: httpx.AsyncClient) -> object:
        sdk = self._openai.AsyncOpenAI(
            api_key=route.api_key or NO_KEY,
            base_url=route.api_base,
            http_client=http,
            max_retries=0,
        )
        return _without_environment(sdk, route)

    def _azure(self, route: Route, http: httpx.AsyncClient) -> object:
        sdk = self._openai.AsyncAzureOpenAI(
            azure_endpoint=route.api_base or "",
            api_key=route.api_key or NO_KEY,
            api_version=route.api_version or self._litellm.AZURE_DEFAULT_API_VERSION,
            http_client=http,
            max_retries=0,
        )
        sdk._azure_ad_token = None
        return _without_environment(sdk, route)


def _without_environment(sdk: Any, route: Route) -> Any:
    """Take back what OpenAI's client read from the environment for itself."""
    sdk.organization, sdk.project, sdk.admin_api_key = route.organization, None, None
    sdk._custom_headers = {}
    return sdk


def _client_class(handler: Any) -> Any:
    class Client(handler):  # type: ignore[misc]
        """One client for all of litellm's ways: its HTTP handler, and OpenAI's client if asked."""

        def __init__(self, http: httpx.AsyncClient, make_sdk: Callable[[], object]) -> None:
            self._http, self._sdk = http, cache(make_sdk)
            super().__init__()
            self._owns_client = False  # who opened it closes it

        def create_client(self, *_args: Any, **_options: Any) -> httpx.AsyncClient:
            return self._http

        async def single_connection_post_request(self, *_args: Any, **_options: Any) -> None:
            """Refuse the hidden second try of the handler, which runs while it handles an error."""
            raise

        def __getattr__(self, name: str) -> Any:
            return getattr(self._sdk(), name)

    return Client
