"""Prompt in, result out: the way of one call through config, context and llm."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from ccw.config.places import ccw_home
from ccw.config.references import project_environ
from ccw.config.resolve import resolve_provider
from ccw.errors import CcwError, HistoryUnusable, IncompleteReply, TimedOut
from ccw.execution.limits import cache_inert, check_cost, check_local_window, check_window
from ccw.execution.options import LiteLLMExecutionOptions, LiteLLMExecutionResult, OnOutput
from ccw.execution.planning import Plan, make_plan, project_of
from ccw.execution.sending import request_of, route_of
from ccw.history.log import LOCK_SECONDS, record, run_of
from ccw.history.traces import trace_of
from ccw.llm.client import Reply, Route, acomplete, complete

if TYPE_CHECKING:
    from ccw.context.session import PackedContext

__all__ = [
    "LiteLLMExecutionOptions",
    "LiteLLMExecutionResult",
    "OnOutput",
    "aexecute_litellm_endpoint",
    "execute_litellm_endpoint",
]

EMPTY = "the answer is empty; ask again, or in other words"
CUT_SHORT = (
    "the answer stops at the output limit; for more: "
    "ccw endpoint update ID --param maxTokens=NUMBER"
)
INTERRUPTED = 130
AT_ONCE = 0.01  # seconds that an event loop may wait for other processes
QUICK = 1024 * 1024  # characters
Outcome = TypeVar("Outcome")


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
        with run.route(plan) as route, run.calling():
            reply = complete(request_of(plan, options, route), run.on_delta)
    except CcwError as error:
        return run.logged(run.failed(error))
    return run.logged(run.succeeded(reply))


async def aexecute_litellm_endpoint(
    options: LiteLLMExecutionOptions,
    *,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.time,
) -> LiteLLMExecutionResult:
    """The same as `execute_litellm_endpoint`, awaited; files are read in a worker thread."""
    run = _Run(options, os.environ if environ is None else environ, clock)
    try:
        plan = run.prepare() if run.quick else await asyncio.to_thread(run.prepare)
        with ExitStack() as stack:
            route = await run.enter(stack, run.route(plan))
            with run.calling():
                reply = await acomplete(request_of(plan, options, route), run.on_delta)
    except CcwError as error:
        return await run.finished(run.failed, error)
    return await run.finished(run.succeeded, reply)


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
        self.called = False

    @property
    def quick(self) -> bool:
        """Whether no files are read and few tokens counted: a thread would cost more than that."""
        asked = self.options
        plain = "@" not in asked.prompt and len(asked.prompt) <= QUICK
        return plain and asked.context_text is None and asked.max_cost is None

    def prepare(self) -> Plan:
        """Find the endpoint, pack the files, check all that can be checked before a call."""
        self.environ = project_environ(project_of(self.options), self.process_environ)
        self.plan = make_plan(self.options, self.environ, self.started)
        for text in self.plan.notes:
            self._tell("stderr", f"{text}\n")
        check_window(self.plan)
        check_cost(self.plan, self.options.max_cost)
        if self.options.on_plan is not None:
            self.options.on_plan(self.plan)
        return self.plan

    async def enter(self, stack: ExitStack, route: AbstractContextManager[Route]) -> Route:
        """Return the route for *stack*'s lifetime; only an embedded server takes time to start."""
        assert self.plan is not None
        if self.plan.target.is_local:
            return await asyncio.to_thread(stack.enter_context, route)
        return stack.enter_context(route)

    @contextmanager
    def route(self, plan: Plan) -> Iterator[Route]:
        """Give the route of the call, with the embedded server running where it is needed."""
        resolved = resolve_provider(plan.target.provider, self.environ)
        route = route_of(plan.target, resolved)
        if not plan.target.is_local or resolved.api_base:
            yield route
            return
        from ccw.llm.local.model import threads_wanted
        from ccw.llm.local.server import local_server

        home, threads = ccw_home(self.environ), threads_wanted(self.environ)
        with local_server(home, threads=threads) as server:
            check_local_window(plan, server)
            yield replace(route, api_base=server.api_base, api_key=server.api_key)

    def on_delta(self, text: str) -> None:
        """Take a piece of the answer."""
        self.received.append(text)
        self._tell("stdout", text)

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Mark the time of the call; what breaks it off, be it a bug, is logged on its way out."""
        self.called = True
        try:
            yield
        except CcwError:
            raise  # told and logged as a result
        except BaseException as error:
            stopped = isinstance(error, (KeyboardInterrupt, asyncio.CancelledError))
            code = INTERRUPTED if stopped else CcwError.exit_code
            self.logged(replace(self._result(success=False), exit_code=code))
            raise

    def succeeded(self, reply: Reply) -> LiteLLMExecutionResult:
        """Return the result of an answered call."""
        assert self.plan is not None
        facts, usage = self.plan.target.facts, reply.usage
        result = replace(
            self._result(success=True),
            output=reply.text,
            usage=usage,
            cost=facts.cost(usage) if usage else None,
            saved=facts.saved(usage) if usage else None,
            cache_inert=cache_inert(self.plan, usage),
            finish_reason=reply.finish_reason,
        )
        if reply.finish_reason == "length":
            result = self._with_note(result, CUT_SHORT)
        if not reply.text.strip():
            result = self._with_note(result, EMPTY)
        return result

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

    async def finished(
        self, finish: Callable[[Outcome], LiteLLMExecutionResult], outcome: Outcome
    ) -> LiteLLMExecutionResult:
        """Return what *finish* makes of *outcome*, logged; in a thread where that takes time."""
        if not self.quick:
            return await asyncio.to_thread(lambda: self.logged(finish(outcome)))
        result = finish(outcome)
        try:
            self._log(result, AT_ONCE)
        except HistoryUnusable:
            return await asyncio.to_thread(self.logged, result)
        return result

    def logged(self, result: LiteLLMExecutionResult) -> LiteLLMExecutionResult:
        """Write *result* into the run log; a log that refuses is a note."""
        try:
            self._log(result, LOCK_SECONDS)
        except HistoryUnusable as error:
            return self._with_note(result, str(error))
        return result

    def _log(self, result: LiteLLMExecutionResult, patience: float) -> None:
        if self.plan is not None and self.called:
            run, trace = run_of(self.plan, result, self.started), trace_of(self.plan, result)
            record(project_of(self.options), run, patience, trace)

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

    def _with_note(self, result: LiteLLMExecutionResult, text: str) -> LiteLLMExecutionResult:
        self._tell("stderr", f"{text}\n")
        return replace(result, notes=(*result.notes, text))

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
