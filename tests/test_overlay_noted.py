"""When the context cache is told that an overlay was sent: an answer has begun to come."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from ccw import aexecute_litellm_endpoint, execute_litellm_endpoint
from ccw.execution.options import LiteLLMExecutionOptions, LiteLLMExecutionResult
from tests.executing import ask
from tests.overlays import (
    PROMPT,
    SECRET,
    SETTINGS,
    WITH_SECRET,
    body,
    configure,
    delete,
    edit,
    pack_of,
)
from tests.projects import write_files
from tests.servers.loopback import Exchange, Server
from tests.servers.openai_wire import cut, say, status


def execute(
    options: LiteLLMExecutionOptions, clock: Callable[[], float] = time.time
) -> LiteLLMExecutionResult:
    return execute_litellm_endpoint(options, environ={"HOME": os.environ["HOME"]}, clock=clock)


async def aask(
    options: LiteLLMExecutionOptions, clock: Callable[[], float] = time.time
) -> LiteLLMExecutionResult:
    environ = {"HOME": os.environ["HOME"]}
    return await aexecute_litellm_endpoint(options, environ=environ, clock=clock)


def ask_in_vain(project: Path) -> None:
    assert not ask(project, PROMPT, endpoint_id="ov", max_retries=0).success


def test_what_the_provider_refused_was_not_sent(overlaid: Path, openai_server: Server) -> None:
    openai_server.will(status(401))
    ask_in_vain(overlaid)
    delete(overlaid)
    assert ask(overlaid, PROMPT, endpoint_id="ov").success
    assert SECRET not in body(openai_server)


def test_an_answer_that_breaks_off_was_asked_for_with_the_files(
    overlaid: Path, openai_server: Server
) -> None:
    openai_server.will(cut("half an"))
    result = ask(overlaid, PROMPT, endpoint_id="ov", stream=True, max_retries=0)
    assert (result.success, result.output) == (False, "half an")
    first = pack_of(openai_server)
    edit(overlaid)
    assert ask(overlaid, PROMPT, endpoint_id="ov").earlier_copies == (SETTINGS,)
    assert pack_of(openai_server).startswith(first)


def test_an_interrupted_answer_was_asked_for_with_the_files(
    overlaid: Path, openai_server: Server
) -> None:
    def interrupt(event: dict[str, str]) -> None:
        if event["type"] == "stdout":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(overlaid, PROMPT, endpoint_id="ov", on_output=interrupt)
    edit(overlaid)
    assert ask(overlaid, PROMPT, endpoint_id="ov").earlier_copies == (SETTINGS,)


def test_a_fallback_is_a_receiver_of_its_own(project: Path, openai_server: Server) -> None:
    configure(project, openai_server, fallbacks=["larger"])
    write_files(project, WITH_SECRET)
    openai_server.models["m"] = status(500)
    first = ask(project, PROMPT, endpoint_id="ov", max_retries=0)
    assert (first.success, first.endpoint) == (True, "larger")
    edit(project)
    openai_server.models["m"] = say("back")
    second = ask(project, PROMPT, endpoint_id="ov", max_retries=0)
    assert (second.endpoint, second.earlier_copies) == ("ov", ())
    assert SECRET not in body(openai_server)
    assert ask(project, PROMPT, endpoint_id="larger").earlier_copies == (SETTINGS,)


def test_what_was_sent_is_remembered_as_long_as_the_order(
    overlaid: Path, openai_server: Server
) -> None:
    now = time.time()
    for later, expected in ((0, ()), (3000, (SETTINGS,)), (6000, (SETTINGS,)), (10_000, ())):
        (overlaid / SETTINGS).write_text(f"{later}\n")
        options = LiteLLMExecutionOptions(PROMPT, "ov", overlaid)
        result = execute(options, lambda later=later: now + later)  # type: ignore[misc]
        assert set(result.earlier_copies) == set(expected)


WAYS = [
    pytest.param(PROMPT, (), id="prompt"),
    pytest.param("Why?", ("s/",), id="patterns"),
    pytest.param("Why?", "s/", id="pattern"),
    pytest.param("@s/a.py Why?", ("s/",), id="both"),
]


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize(("prompt", "patterns"), WAYS)
def test_however_the_files_are_named_an_edit_keeps_what_was_sent(
    overlaid: Path,
    openai_server: Server,
    prompt: str,
    patterns: Sequence[str],
    is_async: bool,
) -> None:
    options = LiteLLMExecutionOptions(prompt, "ov", overlaid, patterns=patterns)

    def call() -> LiteLLMExecutionResult:
        return asyncio.run(aask(options)) if is_async else execute(options)

    assert call().success
    first = pack_of(openai_server)
    edit(overlaid)
    assert call().earlier_copies == (SETTINGS,)
    assert pack_of(openai_server).startswith(first)


@pytest.mark.parametrize(("prompt", "patterns"), WAYS)
def test_files_are_read_and_noted_beside_the_event_loop(
    overlaid: Path, prompt: str, patterns: Sequence[str]
) -> None:
    read_in, told_in = [], []
    options = LiteLLMExecutionOptions(
        prompt,
        "ov",
        overlaid,
        patterns=patterns,
        on_plan=lambda _: read_in.append(threading.get_ident()),
    )

    def clock() -> float:
        told_in.append(threading.get_ident())
        return time.time()

    assert asyncio.run(aask(options, clock)).success
    assert threading.get_ident() not in (*read_in, told_in[-1])
    assert len(read_in) == 1


def test_a_cache_that_is_locked_meanwhile_is_told_of_at_once(
    overlaid: Path, openai_server: Server
) -> None:
    """The answer is there: it is not kept back for long, and what is not noted is said."""
    assert ask(overlaid, PROMPT, endpoint_id="ov").success
    database = Path(os.environ["HOME"]) / ".ccw/cache/context/cache.db"
    edit(overlaid)
    with closing(sqlite3.connect(database, isolation_level=None, check_same_thread=False)) as other:

        def lock_and_answer(exchange: Exchange) -> None:
            other.execute("BEGIN EXCLUSIVE")
            say("done")(exchange)

        openai_server.will(lock_and_answer)
        told: list[dict[str, str]] = []
        began = time.monotonic()
        result = ask(overlaid, PROMPT, endpoint_id="ov", on_output=told.append)
        took = time.monotonic() - began
    assert (result.success, result.output, took < 4) == (True, "done", True)
    (note,) = result.notes
    assert note.startswith(f"context cache {database.parent} cannot be used (")
    assert {"type": "stderr", "data": f"{note}\n"} in told
    assert ask(overlaid, PROMPT, endpoint_id="ov").earlier_copies == (SETTINGS,)
