"""Prompt in, result out: the way of one call through config, context and llm."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ccw.errors import CcwError, HistoryUnusable, IncompleteReply, Interrupted, TimedOut
from ccw.execution.options import LiteLLMExecutionOptions, LiteLLMExecutionResult, OnOutput
from ccw.execution.planning import Plan
from ccw.execution.preparing import Preparation
from ccw.execution.results import Stopped, doubts, fields_of, result_of, unbilled
from ccw.execution.routes import enter_route, open_route
from ccw.execution.spend import atold_cost, told_cost
from ccw.execution.telling import Telling
from ccw.execution.tries import Tries
from ccw.execution.unbroken import unbroken
from ccw.execution.waiting import UNNOTICED, waiting
from ccw.history.keeping import Call, keep, log
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


def execute_litellm_endpoint(
    options: LiteLLMExecutionOptions,
    *,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.time,
) -> LiteLLMExecutionResult:
    """Answer the prompt of *options*; expected failures come back as `success=False`.

    What is known when a KeyboardInterrupt ends it stands in that one, as `stopped`.
    """
    run = _Run(options, os.environ if environ is None else environ, clock)
    try:
        return _executed(run)
    except KeyboardInterrupt as error:
        error.stopped = run.stopped()  # type: ignore[attr-defined]
        raise


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
                await run.ask_pool()
        else:
            with ExitStack() as stack:
                route = await enter_route(stack, plan, plan.key.key, run.ready.environ)
                with run.calling():
                    request = run.tries.request(plan, options, route)
                    run.reply = await acomplete(request, run.telling.text, on_wait=run.on_wait)
                    run.told_cost = await atold_cost(plan, run.reply, route)
    except CcwError as error:
        return await run.finished(partial(run.failed, error))
    return await run.finished(run.succeeded)


def _executed(run: _Run) -> LiteLLMExecutionResult:
    try:
        plan = run.ready.run()
        if plan.has_choice:
            with run.calling():
                _awaited(run.ask_pool)
        else:
            with open_route(plan, plan.key.key, run.ready.environ) as route, run.calling():
                request = run.tries.request(plan, run.options, route)
                run.reply = complete(request, run.telling.text, run.on_wait)
                run.told_cost = told_cost(plan, run.reply, route)
    except CcwError as error:
        return run.logged(run.failed(error))
    return run.logged(run.succeeded())


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
        self.telling = Telling(options.on_output)
        self.ready = Preparation(options, environ, self.started, self.telling.note)
        self.answering: Plan | None = None
        self.called, self.tries = False, Tries()
        self.reply: Reply | None = None
        self.told_cost: float | None = None
        self.pooled: Pooled | None = None
        self.result: LiteLLMExecutionResult | None = None

    @property
    def plan(self) -> Plan | None:
        """What is asked: the plan of the endpoint that answers, until then the last one asked."""
        return self.answering or self.tries.plan or self.ready.plan

    async def ask_pool(self) -> None:
        """Make a call that has a choice; the plan becomes that of the endpoint that answers."""
        from ccw.execution.pooling import Pooling

        pooling = Pooling(self.ready, self.clock, self.telling.note, self.tries)
        pooled = self.pooled = await pooling.ask(self.telling.text, self.on_wait)
        self.answering, self.called = pooling.plan_of(pooled), bool(pooling.routes)
        self.telling.note(pooled.passed)
        if isinstance(pooled.outcome, CcwError):
            raise pooled.outcome
        self.reply, route = pooled.outcome, pooling.route_of(pooled)
        self.told_cost = await atold_cost(self.answering, self.reply, route)

    def on_wait(self, seconds: float, failure: Failure) -> None:
        """Note the failure before a wait for the first endpoint; tell of one that is noticed."""
        assert self.ready.plan is not None
        self.tries.failed(failure.error)
        if seconds > UNNOTICED:
            self.telling.note((waiting(self.ready.plan.target.provider, seconds, failure),))

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Mark the time of the call; what breaks it off, be it a bug, is logged on its way out.

        A KeyboardInterrupt tells its `exit_code` if it is not Ctrl-C's.
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
            answered = stopped and self.reply is not None
            self.logged(self.succeeded() if answered else replace(self._begun(), exit_code=code))
            raise

    def stopped(self) -> Stopped:
        """Return what is known now, of a call that goes no further."""
        return Stopped(self.result or self._begun(), begun=self.tries.plan is not None)

    def _begun(self) -> LiteLLMExecutionResult:
        result = replace(self._result(success=False), output="".join(self.telling.received))
        return result if self.tries.sent else unbilled(result)

    def succeeded(self) -> LiteLLMExecutionResult:
        """Return the result of an answered call."""
        assert self.plan is not None
        assert self.reply is not None
        result = self._result(success=True, **fields_of(self.plan, self.reply, self.told_cost))
        for text in doubts(self.reply):
            result = self._with_note(result, text)
        return result

    def failed(self, error: CcwError) -> LiteLLMExecutionResult:
        """Return the result of a call that *error* ended; what had arrived is its output."""
        so_far = error.partial if isinstance(error, (IncompleteReply, TimedOut)) else ""
        result = replace(
            self._result(success=False),
            output="".join(self.telling.received) or so_far,
            error=str(error),
            error_type=error.error_type,
            exit_code=error.exit_code,
        )
        self.tries.failed(error)
        return result if self.tries.maybe_billed else unbilled(result)

    async def finished(
        self, finish: Callable[[], LiteLLMExecutionResult]
    ) -> LiteLLMExecutionResult:
        """Return what *finish* gives, logged; in a thread where that takes time."""
        if not self.ready.quick:
            return await asyncio.to_thread(lambda: self.logged(finish()))
        result = finish()
        call = self._call(result)
        try:
            if call is not None:
                log(call, AT_ONCE)
        except HistoryUnusable:
            return await asyncio.to_thread(self.logged, result)
        return result

    def logged(self, result: LiteLLMExecutionResult) -> LiteLLMExecutionResult:
        """Write *result* into the run log; a log or cache that refuses is a note."""
        self.result, call = result, self._call(result)
        refused = () if call is None else unbroken(partial(keep, call, self.clock()))
        for text in refused:
            result = self._with_note(result, text)
        return result

    def _call(self, result: LiteLLMExecutionResult) -> Call | None:
        """Return what there is to keep of a call that came to *result*, None where none was made.

        One is known to have been received when an answer has begun to come.
        """
        if self.plan is None or not self.called:
            return None
        carried = result.success or bool(result.output or self.telling.received)
        sent = self.tries.under_way
        return Call(self.ready.project, self.plan, result, self.started, sent, carried)

    def _result(self, *, success: bool, **reply: Any) -> LiteLLMExecutionResult:
        took, notes = round((self.clock() - self.started) * 1000), tuple(self.telling.notes)
        result = result_of(self.plan, success=success, took=took, notes=notes, **reply)
        if self.ready.plan is not None:
            result = replace(result, asked_endpoint=self.ready.plan.target.endpoint.id)
        if self.pooled is None:
            return result
        return replace(result, key_label=self.pooled.key, attempts=self.pooled.attempts)

    def _with_note(self, result: LiteLLMExecutionResult, text: str) -> LiteLLMExecutionResult:
        self.telling.note((text,))
        return replace(result, notes=(*result.notes, text))


def _awaited(call: Callable[[], Coroutine[Any, Any, None]]) -> None:
    from ccw.llm.call.loops import in_loop

    load_engine()  # in a loop Ctrl-C would wait for the end of the import
    in_loop(call)
