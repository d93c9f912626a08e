"""The calls that a server makes: no more than so many at a time, each with what it tells."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ccw.errors import Interrupted, TooManyRuns
from ccw.web.answers import camel, error_body
from ccw.web.wording import for_http, told_in_fields

if TYPE_CHECKING:
    from ccw.execution.options import LiteLLMExecutionOptions, LiteLLMExecutionResult
    from ccw.execution.planning import Plan

MAX_RUNS = 32


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a call tells: `files`, `delta`, `usage`, `done` or `error`."""

    name: str
    data: dict[str, Any]


class Runs:
    """The calls under way, of one event loop."""

    def __init__(self, limit: int = MAX_RUNS) -> None:
        self.limit = limit
        self._under_way: set[Run] = set()

    @contextmanager
    def begun(self, options: LiteLLMExecutionOptions, environ: Mapping[str, str]) -> Iterator[Run]:
        """Begin a call for the time of a `with` block, at whose end it is ended.

        TooManyRuns when as many are under way as may be.
        """
        if len(self._under_way) >= self.limit:
            raise TooManyRuns(
                f"{self.limit} calls are under way, and no more run at a time; "
                "try again when one has ended"
            )
        run = Run(options, environ)
        self._under_way.add(run)
        try:
            yield run
        finally:
            run.stop()
            self._under_way.discard(run)

    def stop(self) -> None:
        """End all calls."""
        for run in self._under_way:
            run.stop()


class Run:
    """One call under way; what it tells is read once, in order."""

    def __init__(self, options: LiteLLMExecutionOptions, environ: Mapping[str, str]) -> None:
        self._loop = asyncio.get_running_loop()
        self._told: asyncio.Queue[Event | None] = asyncio.Queue()  # None: there is no more
        heard = replace(options, on_output=self._output, on_plan=self._plan)
        self._task = self._loop.create_task(_execute(heard, environ))
        self._task.add_done_callback(lambda _task: self._told.put_nowait(None))

    async def events(self) -> AsyncIterator[Event]:
        """Give what the call tells, at last how it ended; a bug is raised after it was told."""
        waiting: list[Event | None] = []
        while None not in waiting:
            waiting = [await self._told.get()]
            while not self._told.empty():
                waiting.append(self._told.get_nowait())
            for event in joined(waiting):
                yield event
        if self._task.cancelled():
            stopped = Interrupted("the call was stopped before its answer was complete")
            code = stopped.exit_code
            yield Event("error", error_body(stopped.error_type, str(stopped), exitCode=code))
        elif self._task.exception() is not None:
            yield Event("error", error_body("bug", "ccw failed; the server's output tells where"))
            self._task.result()
        else:
            for event in ending(self._task.result()):
                yield event

    def stop(self) -> None:
        """End the call, and the request to the provider with it."""
        self._task.cancel()

    def _output(self, event: dict[str, str]) -> None:
        if event["type"] == "stdout":
            self._tell(Event("delta", {"text": event["data"]}))

    def _plan(self, plan: Plan) -> None:
        self._tell(Event("files", told_in_fields(files_of(plan))))

    def _tell(self, event: Event) -> None:
        """Take an event, which may come from a thread that reads files."""
        self._loop.call_soon_threadsafe(self._told.put_nowait, event)


def joined(events: Iterable[Event | None]) -> Iterator[Event]:
    """Yield *events* with neighbouring pieces of text made one, for a client that reads slowly."""
    for is_text, group in groupby(filter(None, events), lambda event: event.name == "delta"):
        if is_text:
            yield Event("delta", {"text": "".join(event.data["text"] for event in group)})
        else:
            yield from group


def files_of(plan: Plan) -> dict[str, Any]:
    """Return what a call sends, before it is sent."""
    packed = plan.packed
    files = packed.files if packed else ()
    return {
        "endpoint": plan.target.endpoint.id,
        "model": plan.target.endpoint.model,
        "provider": plan.target.provider.type,
        "files": [{"path": file.path, "bytes": file.bytes} for file in files],
        "skippedFiles": list(plan.skipped_files()),
        "earlierCopies": [file.path for file in packed.superseded] if packed else [],
        "totalBytes": plan.size(),
        "cacheUsed": packed is not None and packed.session_id is not None,
        "cacheHit": packed is not None and packed.hit,
        "sessionId": packed.session_id if packed else None,
        "notes": list(plan.notes),
    }


def ending(result: LiteLLMExecutionResult) -> Iterator[Event]:
    """Yield the last events of a call that has come to its end."""
    if result.usage is not None:
        used = camel(dataclasses.asdict(result.usage))
        yield Event("usage", {**used, "cost": result.cost, "saved": result.saved})
    if result.success:
        yield Event("done", told_in_fields(camel(result)))
    else:
        yield Event("error", failure_body(result))


def failure_body(result: LiteLLMExecutionResult) -> dict[str, Any]:
    """Return the body of a failed call; what had arrived of the answer is its `output`.

    `attempts` are all endpoints and keys that were tried, `notes` what else there is to know.
    """
    kind, message = result.error_type or "error", result.error or "the call failed"
    return error_body(
        *(kind, for_http(message)),
        exitCode=result.exit_code,
        output=result.output,
        attempts=[
            {**camel(tried), "message": for_http(tried.message)} for tried in result.attempts
        ],
        notes=[for_http(note) for note in result.notes],
    )


async def _execute(
    options: LiteLLMExecutionOptions, environ: Mapping[str, str]
) -> LiteLLMExecutionResult:
    """Make the call; litellm's import takes a second, in which other requests are answered."""
    from ccw.executor import aexecute_litellm_endpoint
    from ccw.llm.client import load_engine

    await asyncio.to_thread(load_engine)
    return await aexecute_litellm_endpoint(options, environ=environ)
