"""Endpoints that are not asked, as their keys rest or a limit is used up: always told."""

from __future__ import annotations

import re
from pathlib import Path

from ccw.cli.attempts import fallback
from tests.pools.worlds import BACKUP, ask, chain, keys
from tests.servers.loopback import Server
from tests.servers.openai_wire import status

REST = re.compile(r"(\w+) rests for another (\d+) s: ")


def test_a_refused_key_rests(project: Path, openai_server: Server, backup_server: Server) -> None:
    openai_server.default = status(401, "no such key")
    chain(project, openai_server.base, backup_server.base, apiKey="sk-pool-a")
    first, second = ask(project), ask(project)
    assert (first.notes, len(first.attempts)) == ((), 1)
    assert (second.output, second.attempts, len(openai_server.posts)) == (BACKUP, (), 1)
    assert (second.asked_endpoint, second.endpoint) == ("ask", "backup")
    assert fallback(second) == " via backup (fallback)"
    [note] = second.notes
    assert note.startswith("endpoint ask is passed over: p rests for another ")
    [(name, seconds)] = REST.findall(note)
    assert (name, 200 < int(seconds) <= 300) == ("p", True)
    assert first.attempts[0].message in note


def test_all_keys_of_a_pool_rest(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    openai_server.default = status(401)
    chain(project, openai_server.base, backup_server.base, apiKeys=keys("a", "b"))
    ask(project)
    [note] = ask(project).notes
    assert sorted(name for name, _ in REST.findall(note)) == ["a", "b"]


def test_a_limit_that_is_used_up(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    chain(project, openai_server.base, backup_server.base, advancedSettings={"rpm": 1})
    results = [ask(project, clock=lambda: 1_800_000_000.0) for _ in range(3)]
    passed = [result for result in results if result.endpoint == "backup"]
    assert passed
    for result in passed:
        [note] = result.notes
        assert note.startswith("endpoint ask is passed over: the limit of provider p, 1 requests")


def test_a_fallback_that_fails_as_well(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    openai_server.default = status(401)
    chain(project, openai_server.base, backup_server.base)
    ask(project)
    backup_server.default = status(500)
    told: list[dict[str, str]] = []
    failed = ask(project, max_retries=0, on_output=told.append)
    assert (failed.success, failed.endpoint) == (False, "backup")
    [note] = failed.notes
    assert note.startswith("endpoint ask is passed over: ")
    assert told == [{"type": "stderr", "data": f"{note}\n"}]
