"""Keys that cannot be resolved: left out of their pool, or the fallbacks answer."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import pytest

from ccw import LiteLLMExecutionOptions, aexecute_litellm_endpoint
from tests.pools.worlds import BACKUP, ask, endpoint, hits, keys, pool, provider, write
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER

TRUSTED = {"CCW_TRUST": "1", "PATH": os.environ["PATH"]}
BROKEN = [
    pytest.param("${NOPE}", "key_not_configured", id="unset"),
    pytest.param("${file:no-such-file}", "secret_unavailable", id="file"),
    pytest.param("${cmd:false}", "secret_unavailable", id="fails"),
    pytest.param("${cmd:true}", "secret_unavailable", id="prints-nothing"),
    pytest.param("${cmd:printf 'a\\nb\\n'}", "secret_unavailable", id="two-lines"),
]


@pytest.mark.parametrize(("reference", "error_type"), BROKEN)
def test_the_fallback_answers_for_a_first_endpoint_without_key(
    project: Path, backup_server: Server, openai_server: Server, reference: str, error_type: str
) -> None:
    providers = [
        provider("p", openai_server.base, apiKey=reference),
        provider("q", backup_server.base),
    ]
    write(project, providers, [endpoint("ask", "p", fallbacks=["f"]), endpoint("f", "q")])
    result = ask(project, environ=TRUSTED)
    assert (result.output, result.endpoint) == (BACKUP, "f")
    assert [(a.endpoint, a.key, a.error_type) for a in result.attempts] == [
        ("ask", None, error_type)
    ]
    assert result.notes == (f"endpoint ask is passed over: {result.attempts[0].message}",)
    assert openai_server.posts == []


@pytest.mark.parametrize(("reference", "error_type"), BROKEN)
def test_without_fallbacks_it_is_an_error(
    project: Path, openai_server: Server, reference: str, error_type: str
) -> None:
    write(project, [provider("p", openai_server.base, apiKey=reference)], [endpoint("ask", "p")])
    result = ask(project, environ=TRUSTED)
    assert (result.error_type, result.exit_code, openai_server.posts) == (error_type, 3, [])


@pytest.mark.parametrize("strategy", ["simple-shuffle", "cost-based", "weighted", "least-busy"])
@pytest.mark.parametrize(
    "reference", ["${file:no-such-file}", "${cmd:true}", "${cmd:printf 'a\\nb\\n'}"]
)
def test_a_broken_key_is_left_out_with_a_note(
    project: Path, openai_server: Server, reference: str, strategy: str
) -> None:
    broken = {"id": "c", "label": "team c", "key": reference}
    pool(project, openai_server.base, [broken, *keys("a", "b")], routingStrategy=strategy)
    for _ in range(4):
        result = ask(project, environ=TRUSTED, max_retries=0)
        assert (result.error, result.output) == (None, ANSWER)
        (note,) = result.notes
        assert note.startswith("not used: key team c of provider p refers to the ")
    assert set(hits(openai_server)) <= {"a", "b"}


def test_a_broken_key_behind_a_good_one(project: Path, openai_server: Server) -> None:
    broken = [{"id": name, "key": "${cmd:true}"} for name in "cdef"]
    pool(project, openai_server.base, [*keys("a"), *broken])
    results = [ask(project, environ=TRUSTED, max_retries=0) for _ in range(8)]
    assert {(result.error, result.key_label) for result in results} == {(None, "a")}


def test_all_keys_broken_is_one_error_that_names_each(project: Path, openai_server: Server) -> None:
    broken = [{"id": name, "key": f"${{file:no-{name}}}"} for name in "ab"]
    mine = {**provider("p", openai_server.base, apiKeys=broken), "name": "Mine"}
    write(project, [mine], [endpoint("ask", "p")])
    result = ask(project)
    assert (result.error_type, result.exit_code) == ("key_not_configured", 3)
    said = result.error or ""
    assert said.startswith(
        "API key not configured for provider: Mine (p: none of its keys can be used); key a of "
    )
    assert "; key b of provider p refers to the file " in said


def test_a_fallback_whose_keys_are_all_broken_is_tried_once(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    broken = [{"id": name, "key": f"${{file:no-{name}}}"} for name in "ab"]
    providers = [
        provider("p", "http://127.0.0.1:9/v1"),
        provider("q", openai_server.base, apiKeys=broken),
        provider("r", backup_server.base),
    ]
    endpoints = [
        endpoint("ask", "p", fallbacks=["f", "g"]),
        endpoint("f", "q"),
        endpoint("g", "r"),
    ]
    write(project, providers, endpoints)
    result = ask(project, max_retries=0)
    assert (result.output, result.endpoint) == (BACKUP, "g")
    assert [(a.endpoint, a.key, a.error_type) for a in result.attempts] == [
        ("ask", None, "unreachable"),
        ("f", None, "key_not_configured"),
    ]


@pytest.mark.parametrize(
    "fields",
    [{"apiKey": "${cmd:sh slow}"}, {"apiKeys": [{"key": "${cmd:sh slow}"}, {"key": "sk-b"}]}],
    ids=["own", "pool"],
)
def test_a_slow_command_leaves_the_loop_to_others(
    project: Path, openai_server: Server, fields: dict[str, Any]
) -> None:
    (project / "slow").write_text("sleep 1\necho sk-slow\n")
    write(project, [provider("p", openai_server.base, **fields)], [endpoint("ask", "p")])
    environ = {"HOME": os.environ["HOME"], **TRUSTED}
    gaps: list[float] = []

    async def watch() -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.02)
            gaps.append(time.monotonic() - began)

    async def call() -> bool:
        watching = asyncio.create_task(watch())
        options = LiteLLMExecutionOptions("Hi", None, project)
        result = await aexecute_litellm_endpoint(options, environ=environ)
        watching.cancel()
        return result.success

    assert ask(project, environ=TRUSTED).success  # litellm is imported by now
    assert asyncio.run(call())
    assert max(gaps) < 0.8
