"""One pooled call: rounds through the Router, each try of it, and what is known afterwards."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Protocol

from ccw.errors import CcwError
from ccw.llm.call.attempt import Engine, attempt
from ccw.llm.call.deadline import Deadline
from ccw.llm.call.failures import Failure
from ccw.llm.call.request import OnDelta, Reply
from ccw.llm.call.retries import with_retries
from ccw.llm.call.target import check_sendable
from ccw.llm.pool.handler import CURRENT, register
from ccw.llm.pool.router import Pool, Rest, pool_for
from ccw.llm.pool.unanswered import nobody_left, soonest
from ccw.llm.pool.values import Attempt, Member, PoolCall, Pooled, Seen, Step
from ccw.llm.pool.verdicts import exception_of, news_of, rest_of, verdict_of

GRACE = 0.5  # seconds; a try reports its own timeout, the Router's waits have to be cut
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
) -> Pooled:
    """Make the pooled *call*; what it waits for is a key that is limited for a short while.

    Choosing a key, going to the next key and to the next endpoint, cool-downs, limits and the
    retries in between are the Router's.
    """
    register(engine.library)
    deadline = Deadline(call.timeouts)
    run = _Asking(engine, call, on_delta, deadline)
    run.pool.cool(call.cooling)
    outcome = await with_retries(
        run.round, call.max_retries, sleep or asyncio.sleep, deadline.seconds_left
    )
    await engine.settle(SETTLING)
    return run.pooled(outcome)


class _Asking:
    """What is known of one pooled call while it goes on."""

    def __init__(
        self, engine: RouterEngine, call: PoolCall, on_delta: OnDelta | None, deadline: Deadline
    ) -> None:
        self.engine, self.call, self.deadline = engine, call, deadline
        self.pool: Pool = pool_for(engine.library, call)
        self.attempts: list[Attempt] = []
        self.seen: dict[tuple[str, str], Seen] = {}
        self.at: tuple[Step, Member] = (call.steps[0], Member("", ""))
        self.delivered = False
        self._on_delta = on_delta
        self._gave_up: tuple[type[Exception], ...] = (*engine.errors, ValueError, TimeoutError)
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
            async with asyncio.timeout(self._seconds()):
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
        if endpoint in self._left:
            return exception_of(self.engine.library, "elsewhere", 0.0)
        provider, member = self.pool.member(deployment)
        self.at = (Step(endpoint, provider), member)
        outcome = await self._outcome(endpoint, member)
        if outcome is None:
            return None
        if isinstance(outcome, Failure):
            return self._failed(outcome, deployment)
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
        )

    async def _outcome(self, endpoint: str, member: Member) -> Reply | Failure | None:
        """Make the call; None for a bug, which the Router would take for a failure: see `round`."""
        with self._carried:
            try:
                request = await self.call.open(endpoint, member.id, self.attempts)
                check_sendable(request.route)
            except CcwError as error:
                return Failure(error)
            return await attempt(self.engine, request, self._deliver, self.deadline)
        return None

    def _failed(self, failure: Failure, deployment: str) -> Exception | None:
        """Note *failure* and return what the Router is told of it."""
        step, member = self.at
        error, rest = failure.error, rest_of(failure)
        self._last = failure
        name = member.name or None
        told = Attempt(step.endpoint, step.provider, name, error.error_type, str(error))
        self.attempts.append(told)
        news = news_of(failure)
        if news is not None:
            self.seen[step.provider, member.id] = Seen(step.provider, member.id, news, rest)
        if rest:
            until = asyncio.get_running_loop().time() + rest
            self.pool.resting[deployment] = Rest(error, until, failure.retry)
        again = self._repeats[step.endpoint] < self.call.max_retries
        verdict = verdict_of(failure, again=again)
        if verdict == "final" or self.delivered or self.deadline.seconds_left() <= 0:
            self._final = failure
            return None
        self._repeats[step.endpoint] += verdict == "again"
        if verdict in ("elsewhere", "overflow"):
            self._left.add(step.endpoint)
        return exception_of(self.engine.library, verdict, rest)

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

    def _seconds(self) -> float | None:
        left = self.deadline.seconds_left()
        return None if left == float("inf") else max(0.0, left) + GRACE

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
