"""Prompt in, result out: the way of one call through config, context and llm."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from ccw.errors import CcwError, HistoryUnusable, IncompleteReply, Interrupted, TimedOut
from ccw.execution.files import tell_sent
from ccw.execution.options import LiteLLMExecutionOptions, LiteLLMExecutionResult, OnOutput
from ccw.execution.planning import Plan
from ccw.execution.preparing import Preparation
from ccw.execution.results import doubts, fields_of, result_of, unbilled
from ccw.execution.routes import enter_route, open_route
from ccw.execution.spend import atold_cost, told_cost
from ccw.execution.tries import Tries
from ccw.execution.waiting import UNNOTICED, waiting
from ccw.history.log import LOCK_SECONDS, record, run_of
from ccw.history.traces import trace_of
from ccw.llm.client import Reply, acomplete, complete, load_engine

if TYPE_CHECKING:
    from ccw.llm.call.failures import Failure
    from ccw.llm.pool.values import Pooled

__all__ = [
    "LiteLLMExecutionOptions",
    "LiteLLMExecutionResult",
    "OnOutput",
    "aexecute_litellm_endpoint",
    "execute_litellm_endpoint",
]

AT_ONCE = 0.01  # seconds that an event loop may wait for other processes
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
        plan = run.ready.run()
        if plan.has_choice:
            with run.calling():
                reply = _awaited(run.ask_pool)
        else:
            with open_route(plan, plan.key.key, run.ready.environ) as route, run.calling():
                request = run.tries.request(plan, options, route)
                reply = complete(request, run.on_delta, run.on_wait)
                run.told_cost = told_cost(plan, reply, route)
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
        plan = await run.ready.arun()
        if plan.has_choice:
            with run.calling():
                reply = await run.ask_pool()
        else:
            with ExitStack() as stack:
                route = await enter_route(stack, plan, plan.key.key, run.ready.environ)
                with run.calling():
                    request = run.tries.request(plan, options, route)
                    reply = await acomplete(request, run.on_delta, on_wait=run.on_wait)
                    run.told_cost = await atold_cost(plan, reply, route)
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
        self.received: list[str] = []
        self.notes: list[str] = []
        self.ready = Preparation(options, environ, self.started, self._tell_notes)
        self.answering: Plan | None = None
        self.called, self.tries = False, Tries()
        self.told_cost: float | None = None
        self.pooled: Pooled | None = None

    @property
    def plan(self) -> Plan | None:
        """What is asked: the plan of the endpoint that answers, as soon as that is known."""
        return self.answering or self.ready.plan

    async def ask_pool(self) -> Reply:
        """Make a call that has a choice; the plan becomes that of the endpoint that answers."""
        from ccw.execution.pooling import Pooling

        pooling = Pooling(self.ready, self.clock, self._tell_notes, self.tries)
        pooled = self.pooled = await pooling.ask(self.on_delta, self.on_wait)
        self.answering, self.called = pooling.plan_of(pooled), bool(pooling.routes)
        self.tries.pooled(maybe_billed=pooled.maybe_billed)
        self._tell_notes(pooled.passed)
        if isinstance(pooled.outcome, CcwError):
            raise pooled.outcome
        route = pooling.route_of(pooled)
        self.told_cost = await atold_cost(self.answering, pooled.outcome, route)
        return pooled.outcome

    def on_delta(self, text: str) -> None:
        """Take a piece of the answer."""
        self.received.append(text)
        self._tell("stdout", text)

    def on_wait(self, seconds: float, failure: Failure) -> None:
        """Note the failure before a wait; tell of the wait if it is long enough to be noticed."""
        assert self.plan is not None
        self.tries.failed(failure.error)
        if seconds > UNNOTICED:
            self._tell_notes((waiting(self.plan.target.provider, seconds, failure),))

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Mark the time of the call; what breaks it off, be it a bug, is logged on its way out.

        A KeyboardInterrupt tells its `exit_code` if it is not Ctrl-C's, and is told `was_sent`.
        """
        self.called = True
        try:
            yield
        except CcwError:
            raise  # told and logged as a result
        except BaseException as error:
            stopped = isinstance(error, (KeyboardInterrupt, asyncio.CancelledError))
            usual = Interrupted.exit_code if stopped else CcwError.exit_code
            code = getattr(error, "exit_code", usual)
            result = replace(self._result(success=False), exit_code=code)
            self.logged(result if self.tries.sent else unbilled(result))
            error.was_sent = self.tries.sent  # type: ignore[attr-defined]
            raise

    def succeeded(self, reply: Reply) -> LiteLLMExecutionResult:
        """Return the result of an answered call."""
        assert self.plan is not None
        result = self._result(success=True, **fields_of(self.plan, reply, self.told_cost))
        for text in doubts(reply):
            result = self._with_note(result, text)
        return result

    def failed(self, error: CcwError) -> LiteLLMExecutionResult:
        """Return the result of a call that *error* ended; what had arrived is its output."""
        partial = error.partial if isinstance(error, (IncompleteReply, TimedOut)) else ""
        result = replace(
            self._result(success=False),
            output="".join(self.received) or partial,
            error=str(error),
            error_type=error.error_type,
            exit_code=error.exit_code,
        )
        self.tries.failed(error)
        return result if self.tries.maybe_billed else unbilled(result)

    async def finished(
        self, finish: Callable[[Outcome], LiteLLMExecutionResult], outcome: Outcome
    ) -> LiteLLMExecutionResult:
        """Return what *finish* makes of *outcome*, logged; in a thread where that takes time."""
        if not self.ready.quick:
            return await asyncio.to_thread(lambda: self.logged(finish(outcome)))
        result = finish(outcome)
        try:
            self._log(result, AT_ONCE)
        except HistoryUnusable:
            return await asyncio.to_thread(self.logged, result)
        return result

    def logged(self, result: LiteLLMExecutionResult) -> LiteLLMExecutionResult:
        """Write *result* into the run log; a log or cache that refuses is a note."""
        if self.plan is not None and self.called and self._has_carried(self.plan, result):
            for text in tell_sent(self.plan, self.clock()):
                result = self._with_note(result, text)
        try:
            self._log(result, LOCK_SECONDS)
        except HistoryUnusable as error:
            return self._with_note(result, str(error))
        return result

    def _log(self, result: LiteLLMExecutionResult, patience: float) -> None:
        if self.plan is not None and self.called:
            run = run_of(self.plan, result, self.started)
            trace = trace_of(self.plan, result, sent=self.tries.under_way)
            record(self.ready.project, run, patience, trace)

    def _has_carried(self, plan: Plan, result: LiteLLMExecutionResult) -> bool:
        """Tell whether *plan* is known to have been received: an answer has begun to come.

        Where there was a choice, what began to answer need not be what was asked last.
        """
        begun = bool(result.output or self.received) and not plan.has_choice
        return result.success or begun

    def _result(self, *, success: bool, **reply: Any) -> LiteLLMExecutionResult:
        took, notes = round((self.clock() - self.started) * 1000), tuple(self.notes)
        result = result_of(self.plan, success=success, took=took, notes=notes, **reply)
        if self.pooled is None:
            return result
        asked = self.ready.plan.target.endpoint.id if self.ready.plan else None
        key, attempts = self.pooled.key, self.pooled.attempts
        return replace(result, asked_endpoint=asked, key_label=key, attempts=attempts)

    def _with_note(self, result: LiteLLMExecutionResult, text: str) -> LiteLLMExecutionResult:
        self._tell("stderr", f"{text}\n")
        return replace(result, notes=(*result.notes, text))

    def _tell_notes(self, notes: Sequence[str]) -> None:
        self.notes += notes
        for text in notes:
            self._tell("stderr", f"{text}\n")

    def _tell(self, kind: str, text: str) -> None:
        if self.options.on_output is not None and text:
            self.options.on_output({"type": kind, "data": text})


def _awaited(call: Callable[[], Coroutine[Any, Any, Reply]]) -> Reply:
    from ccw.llm.call.loops import in_loop

    load_engine()  # in a loop Ctrl-C would wait for the end of the import
    return in_loop(call)
