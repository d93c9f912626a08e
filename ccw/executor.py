"""Prompt in, result out: the way of one call through config, context and llm."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ccw.config.places import ccw_home
from ccw.config.references import project_environ
from ccw.config.resolve import ResolvedProvider, resolve_provider
from ccw.errors import CcwError, IncompleteReply, TimedOut
from ccw.llm.client import Reply, Request, Route, Timeouts, acomplete, complete
from ccw.llm.usage import Usage
from ccw.planning import Plan, Target, check_window, make_plan, over_window, project_of

if TYPE_CHECKING:
    from ccw.context.session import PackedContext
    from ccw.llm.local.model import LocalServer

DEFAULT_RETRIES = 2
CUT_SHORT = "the answer stops at the output limit; raise the endpoint's maxTokens for more"
OnOutput = Callable[[dict[str, str]], None]


@dataclass(frozen=True, slots=True)
class LiteLLMExecutionOptions:
    """One question: the prompt with its @patterns, and to whom it goes.

    `endpoint_id` None means the project's default endpoint. `base_dir` is the project folder,
    `cwd` where patterns start (default: `base_dir`). Timeouts in seconds, sizes in KB
    (`max_size_kb`) and bytes (`max_file_size`). `context_text` is packed after the files.
    """

    prompt: str
    endpoint_id: str | None
    base_dir: str | os.PathLike[str]
    cwd: str | os.PathLike[str] | None = None
    include_dirs: Sequence[str | os.PathLike[str]] = ()
    enable_cache: bool | None = None
    on_output: OnOutput | None = None
    model: str | None = None
    stream: bool | None = None
    system: str | None = None
    mode: str = "analysis"
    timeout: float | None = None
    max_retries: int | None = None
    over: str = "fail"
    max_size_kb: float | None = None
    max_file_size: int | None = None
    allow_missing: bool = False
    allow_secrets: bool = False
    context_text: str | None = None


@dataclass(frozen=True, slots=True)
class LiteLLMExecutionResult:
    """What came of a question; expected failures are told here and not raised.

    `cost` is in USD, None when a price is unknown. `usage` is None when the provider sent none.
    """

    success: bool
    output: str = ""
    model: str | None = None
    provider: str | None = None
    cache_used: bool = False
    cache_hit: bool = False
    cached_files: tuple[str, ...] = ()
    error: str | None = None
    error_type: str | None = None
    exit_code: int = 0
    usage: Usage | None = None
    cost: float | None = None
    session_id: str | None = None
    finish_reason: str | None = None
    duration_ms: int = 0
    skipped_files: tuple[dict[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def execute_litellm_endpoint(
    options: LiteLLMExecutionOptions,
    *,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.time,
) -> LiteLLMExecutionResult:
    """Answer the prompt of *options*; expected failures come back as `success=False`."""
    run = _Run(options, os.environ if environ is None else environ, clock)
    try:
        plan = run.prepare()
        with run.route(plan) as route:
            reply = complete(run.request(plan, route), run.on_delta)
    except CcwError as error:
        return run.failed(error)
    return run.succeeded(reply)


async def aexecute_litellm_endpoint(
    options: LiteLLMExecutionOptions,
    *,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.time,
) -> LiteLLMExecutionResult:
    """The same as `execute_litellm_endpoint`, awaited; files are read in a worker thread."""
    run = _Run(options, os.environ if environ is None else environ, clock)
    try:
        plan = await asyncio.to_thread(run.prepare)
        with ExitStack() as stack:
            route = await asyncio.to_thread(stack.enter_context, run.route(plan))
            reply = await acomplete(run.request(plan, route), run.on_delta)
    except CcwError as error:
        return run.failed(error)
    return run.succeeded(reply)


class _Run:
    """One execution: what it was asked, when it began, what it has received so far."""

    def __init__(
        self,
        options: LiteLLMExecutionOptions,
        environ: Mapping[str, str],
        clock: Callable[[], float],
    ) -> None:
        self.options = options
        self.clock = clock
        self.started = clock()
        self.process_environ = environ
        self.environ = environ
        self.received: list[str] = []
        self.plan: Plan | None = None

    def prepare(self) -> Plan:
        """Find the endpoint, pack the files, check all that can be checked before a call."""
        self.environ = project_environ(project_of(self.options), self.process_environ)
        self.plan = make_plan(self.options, self.environ, self.started)
        for text in self.plan.notes:
            self._tell("stderr", f"{text}\n")
        check_window(self.plan)
        return self.plan

    @contextmanager
    def route(self, plan: Plan) -> Iterator[Route]:
        """Give the route of the call, with the embedded server running where it is needed."""
        resolved = resolve_provider(plan.target.provider, self.environ)
        route = _route(plan.target, resolved)
        if not plan.target.is_local or resolved.api_base:
            yield route
            return
        from ccw.llm.local.model import threads_wanted
        from ccw.llm.local.server import local_server

        home, threads = ccw_home(self.environ), threads_wanted(self.environ)
        with local_server(home, threads=threads) as server:
            _check_local_window(plan, server)
            yield replace(route, api_base=server.api_base, api_key=server.api_key)

    def request(self, plan: Plan, route: Route) -> Request:
        """Return the call of *plan* over *route*."""
        options, advanced = self.options, plan.target.provider.advanced_settings
        retries = (options.max_retries, advanced.max_retries, DEFAULT_RETRIES)
        return Request(
            route=route,
            messages=plan.messages(),
            params={_snake(name): value for name, value in plan.target.endpoint.params.items()},
            stream=options.on_output is not None if options.stream is None else options.stream,
            timeouts=Timeouts(total=options.timeout or advanced.timeout),
            max_retries=next(number for number in retries if number is not None),
        )

    def on_delta(self, text: str) -> None:
        """Take a piece of the answer."""
        self.received.append(text)
        self._tell("stdout", text)

    def succeeded(self, reply: Reply) -> LiteLLMExecutionResult:
        """Return the result of an answered call."""
        result = self._result(success=True)
        if reply.finish_reason == "length":
            self._tell("stderr", f"{CUT_SHORT}\n")
            result = replace(result, notes=(*result.notes, CUT_SHORT))
        return replace(
            result,
            output=reply.text,
            usage=reply.usage,
            cost=self._cost(reply),
            finish_reason=reply.finish_reason,
        )

    def failed(self, error: CcwError) -> LiteLLMExecutionResult:
        """Return the result of a call that *error* ended; what had arrived is its output."""
        partial = error.partial if isinstance(error, (IncompleteReply, TimedOut)) else ""
        return replace(
            self._result(success=False),
            output="".join(self.received) or partial,
            error=str(error),
            error_type=error.error_type,
            exit_code=error.exit_code,
        )

    def _cost(self, reply: Reply) -> float | None:
        if reply.usage is None or self.plan is None:
            return None
        return self.plan.target.facts.cost(reply.usage)

    def _result(self, *, success: bool) -> LiteLLMExecutionResult:
        took = round((self.clock() - self.started) * 1000)
        if self.plan is None:
            return LiteLLMExecutionResult(success=success, duration_ms=took)
        target, packed = self.plan.target, self.plan.packed
        result = LiteLLMExecutionResult(
            success=success,
            model=target.endpoint.model,
            provider=target.provider.type,
            duration_ms=took,
            skipped_files=self.plan.skipped_files(),
            notes=self.plan.notes,
        )
        return result if packed is None else _with_files(result, packed)

    def _tell(self, kind: str, text: str) -> None:
        if self.options.on_output is not None and text:
            self.options.on_output({"type": kind, "data": text})


def _with_files(result: LiteLLMExecutionResult, packed: PackedContext) -> LiteLLMExecutionResult:
    return replace(
        result,
        cache_used=packed.session_id is not None,
        cache_hit=packed.hit,
        cached_files=tuple(file.path for file in packed.files),
        session_id=packed.session_id,
    )


def _route(target: Target, resolved: ResolvedProvider) -> Route:
    advanced = target.provider.advanced_settings
    return Route(
        model=target.model,
        provider_name=target.provider.name,
        api_key=resolved.api_key,
        api_base=resolved.api_base,
        api_version=advanced.api_version,
        organization=advanced.organization,
        headers=resolved.headers,
        proxy=resolved.proxy,
    )


def _check_local_window(plan: Plan, server: LocalServer) -> None:
    """The embedded model counts its tokens itself, so its window is checked exactly."""
    from ccw.llm.local.server import CONTEXT_WINDOW, count_prompt_tokens

    if plan.size() <= CONTEXT_WINDOW:
        return
    tokens = count_prompt_tokens(server, plan.messages())
    if tokens >= CONTEXT_WINDOW:
        raise over_window(plan, f"{tokens:,}", CONTEXT_WINDOW)


def _snake(name: str) -> str:
    """Parameters are written `maxTokens` in the config and go out as `max_tokens`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
