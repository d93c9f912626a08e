"""One pooled call: rounds through the Router, each try of it, and what is known afterwards."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Protocol

from ccw.errors import CcwError
from ccw.llm.call.attempt import Engine, attempt
from ccw.llm.call.deadline import Deadline
from ccw.llm.call.failures import Failure
from ccw.llm.call.request import OnDelta, Reply, Request
from ccw.llm.call.retries import FIRST_BACKOFF, LONGEST_BACKOFF, OnWait, with_retries
from ccw.llm.call.target import check_sendable
from ccw.llm.pool.handler import CURRENT, register
from ccw.llm.pool.passing import Times, passed_over
from ccw.llm.pool.router import Pool, Rest, pool_for
from ccw.llm.pool.unanswered import nobody_left, soonest
from ccw.llm.pool.values import Attempt, Member, PoolCall, Pooled, Seen, Step
from ccw.llm.pool.verdicts import exception_of, news_of, rest_of, verdict_of

SETTLING = 1.0  # seconds, at most, that the Router gets to note what it has seen


class RouterEngine(Engine, Protocol):
    """What a pooled call needs of litellm: also its own names, and that it notes what it saw."""

    library: Any

    async def settle(self, seconds: float) -> None:
        """Let what was seen of the calls so far be noted, in *seconds* at most."""


async def ask_pool(
    engine: RouterEngine,
    call: PoolCall,
    on_delta: OnDelta | None,
    sleep: Callable[[float], Awaitable[None]] | None = None,
    on_wait: OnWait | None = None,
) -> Pooled:
    """Make the pooled *call*; what it waits for is a key that is limited for a short while.

    Choosing a key, going to the next key and to the next endpoint, cool-downs, limits and the
    retries in between are the Router's.
    """
    register(engine.library)
    run = _Asking(engine, call, on_delta)
    run.pool.cool(call.cooling)
    outcome = await with_retries(
        run.round, call.max_retries, sleep or asyncio.sleep, run.seconds_left, on_wait
    )
    await engine.settle(SETTLING)
    return run.pooled(outcome)


class _Asking:
    """What is known of one pooled call while it goes on."""

    def __init__(self, engine: RouterEngine, call: PoolCall, on_delta: OnDelta | None) -> None:
        self.engine, self.call = engine, call
        first = call.steps[0]  # its time counts from here on, that of others from their first try
        self.deadlines = {first.endpoint: Deadline(first.timeouts)}
        self._said: dict[str, Failure] = {}
        self.pool: Pool = pool_for(engine.library, call)
        self.attempts: list[Attempt] = []
        self.seen: dict[tuple[str, str], Seen] = {}
        self.steps = {step.endpoint: step for step in call.steps}
        self.at: tuple[Step, Member] = (call.steps[0], Member("", ""))
        self.delivered = False
        self._on_delta = on_delta
        self._gave_up: tuple[type[Exception], ...] = (*engine.errors, ValueError)
        self._carried = _Carried()
        self._begin()

    def _begin(self) -> None:
        self._final: Reply | Failure | None = None
        self._last: Failure | None = None
        self._repeats: Counter[str] = Counter()
        self._left: set[str] = set()

    async def round(self) -> Reply | Failure:
        """Let the Router try all it can, and return the answer, or why there is none."""
        self._begin()
        token = CURRENT.set(self)
        try:
            await self.pool.router.acompletion(**self._arguments())
        except self._gave_up:
            pass  # told in _final and _last; the Router's own words are about deployments
        finally:
            CURRENT.reset(token)
        if self._carried.error is not None:
            raise self._carried.error
        return self._final or self._unanswered()

    async def tried(self, deployment: str, endpoint: str) -> Reply | Exception | None:
        """Ask *endpoint* with the key of *deployment*; see `handler.Trying`."""
        if endpoint in self._left or self._left_of(endpoint) <= 0:
            self._last = self._last or self._said.get(endpoint)
            return exception_of(self.engine.library, "elsewhere", 0.0)
        _, member = self.pool.member(deployment)
        self.at = (self.steps[endpoint], member)
        outcome = await self._outcome(endpoint, member)
        if outcome is None:
            return None
        if isinstance(outcome, Failure):
            return self._failed(outcome, deployment)
        provider = self.at[0].provider
        self.seen[provider, member.id] = Seen(provider, member.id, "ok")
        self.pool.resting.pop(deployment, None)
        self._final = outcome
        return outcome

    def pooled(self, outcome: Reply | Failure) -> Pooled:
        """Return what came of the call in all."""
        step, member = self.at
        told = outcome.error if isinstance(outcome, Failure) else outcome
        return Pooled(
            outcome=told,
            endpoint=step.endpoint,
            provider=step.provider,
            key=member.name or None,
            key_id=member.id,
            attempts=tuple(self.attempts),
            seen=tuple(self.seen.values()),
            passed=tuple(self._passed(step.endpoint)),
        )

    def _passed(self, reached: str) -> Iterator[str]:
        now = Times(asyncio.get_running_loop().time(), self.call.clock())
        tried = {attempt.endpoint for attempt in self.attempts}
        return passed_over(self.pool, self.call.steps, reached, tried, now)

    async def _outcome(self, endpoint: str, member: Member) -> Reply | Failure | None:
        """Make the call; None for a bug, which the Router would take for a failure: see `round`."""
        with self._carried:
            request = await self._opened(endpoint, member)
            if isinstance(request, Failure):
                return request
            deadline = self.deadlines.setdefault(endpoint, Deadline(self.steps[endpoint].timeouts))
            return await attempt(self.engine, request, self._deliver, deadline)
        return None

    async def _opened(self, endpoint: str, member: Member) -> Request | Failure:
        try:
            request = await self.call.open(endpoint, member.id, self.attempts)
            if isinstance(request, CcwError):
                self._left.add(endpoint)
                return Failure(request)
            check_sendable(request.route)
        except CcwError as error:
            return Failure(error)
        return request

    def _failed(self, failure: Failure, deployment: str) -> Exception | None:
        """Note *failure* and return what the Router is told of it."""
        step, member = self.at
        whole = step.endpoint in self._left  # whichever key
        rest = 0.0 if whole else rest_of(failure)
        self._last = self._said[step.endpoint] = failure
        error, name = failure.error, None if whole else member.name or None
        told = Attempt(step.endpoint, step.provider, name, error.error_type, str(error))
        self.attempts.append(told)
        self.call.on_failed(error)
        if rest:
            self._leave_alone(deployment, failure, rest)
        again = self._may_repeat(step.endpoint)
        verdict = "elsewhere" if whole else verdict_of(failure, again=again)
        if verdict == "final" or self.delivered:
            self._final = failure
            return None
        self._repeats[step.endpoint] += verdict == "again"
        if verdict in ("elsewhere", "overflow"):
            self._left.add(step.endpoint)
        return exception_of(self.engine.library, verdict, rest)

    def _leave_alone(self, deployment: str, failure: Failure, rest: float) -> None:
        provider, key = self.at[0].provider, self.at[1].id
        news = news_of(failure)
        if news is not None:
            self.seen[provider, key] = Seen(provider, key, news, rest)
        until = asyncio.get_running_loop().time() + rest
        self.pool.resting[deployment] = Rest(failure.error, until, failure.retry)

    def _may_repeat(self, endpoint: str) -> bool:
        """Tell whether retries are left, and the time for the Router's wait before the next."""
        done = self._repeats[endpoint]
        wait = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2**done)
        return done < self.call.max_retries and wait < self._left_of(endpoint)

    def seconds_left(self) -> float:
        """Return the time left for the first endpoint, whose keys alone are waited for."""
        return self._left_of(self.call.steps[0].endpoint)

    def _left_of(self, endpoint: str) -> float:
        deadline = self.deadlines.get(endpoint)
        return float("inf") if deadline is None else deadline.seconds_left()

    def _unanswered(self) -> Failure:
        """Return why the Router gave up: a key to wait for, the last failure, or no key at all."""
        now = asyncio.get_running_loop().time()
        first = self.call.steps[0].provider
        limited = soonest(self.pool, first, now)
        if limited is not None:
            return limited
        if self._last is None:
            return nobody_left(self.pool, first, now, self.call.clock())
        return Failure(self._last.error)

    def _arguments(self) -> dict[str, Any]:
        first, *others = map(self._target, self.call.steps)
        keys = max(len(self.pool.group(step.provider).members) for step in self.call.steps)
        return {
            **first,
            "fallbacks": [{**other, "disable_fallbacks": True} for other in others],
            "num_retries": keys - 1 + self.call.max_retries,
        }

    def _target(self, step: Step) -> dict[str, Any]:
        """Return how the Router is told of *step*: the group of its keys, and its endpoint."""
        message = {"role": "user", "content": step.endpoint}
        return {"model": self.pool.name(step.provider), "messages": [message]}

    def _deliver(self, text: str) -> None:
        self.delivered = True
        if self._on_delta is not None:
            self._on_delta(text)


class _Carried(AbstractContextManager[None]):
    """Keeps an error that is none of a provider's, for the caller to raise at the end."""

    error: Exception | None = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if isinstance(error, Exception):
            self.error = error
        return isinstance(error, Exception)
