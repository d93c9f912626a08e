"""What one process finds of a key, the next one knows."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import time
from pathlib import Path

import pytest

from ccw.config.state import (
    KeyState,
    ProviderState,
    State,
    read_state,
    state_path,
    update_state,
    with_key,
)
from ccw.execution.cooling import cooling_of, keep_news
from ccw.llm.pool.values import Cooling, Seen
from tests.cli.asking import CCW
from tests.pools.worlds import ask, by_key, hits, keys, pool
from tests.servers.loopback import Server
from tests.servers.openai_wire import status


def run(project: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run `ccw cli` as a process of its own."""
    environ = {name: os.environ[name] for name in ("HOME", "PATH")}
    command = [CCW, "cli", "-p", "Hi", *more]
    return subprocess.run(
        command, cwd=project, env=environ, capture_output=True, text=True, check=False
    )


def test_a_refused_key_is_left_alone_by_the_next_process(
    project: Path, openai_server: Server
) -> None:
    openai_server.default = by_key(a=status(401))
    pool(project, openai_server.base, keys("a", "b"), routingStrategy="cost-based")
    done = [run(project) for _ in range(3)]
    assert [process.returncode for process in done] == [0, 0, 0]
    assert hits(openai_server) == {"a": 1, "b": 3}
    assert "key b (a was refused)" in done[0].stderr
    assert "key b ·" in done[1].stderr


@pytest.mark.parametrize(("asked", "kept"), [("77", 77), ("999999999999", 86_400)])
def test_a_limited_key_is_left_alone_until_its_time(
    project: Path, openai_server: Server, asked: str, kept: int
) -> None:
    openai_server.default = by_key(a=status(429, headers={"Retry-After": asked}))
    pool(project, openai_server.base, keys("a", "b"), routingStrategy="cost-based")
    before = time.time()
    assert ask(project).success
    known = read_state(project).providers["p"].keys["a"]
    assert known.state == "limited"
    assert known.until is not None
    assert before + kept <= known.until <= time.time() + kept


def test_when_all_keys_are_known_to_be_bad_they_are_tried_all_the_same(
    project: Path, openai_server: Server
) -> None:
    pool(project, openai_server.base, keys("a", "b"))
    for name in "ab":
        refused = KeyState(state="refused", since=time.time(), until=time.time() + 300)
        assert update_state(project, lambda s, n=name, k=refused: with_key(s, "p", n, k))
    result = ask(project)
    assert result.success
    assert result.key_label is not None
    assert read_state(project).providers["p"].keys[result.key_label].state == "ok"


def test_what_goes_well_writes_nothing(project: Path, openai_server: Server) -> None:
    pool(project, openai_server.base, keys("a", "b"))
    assert ask(project).success
    assert not state_path(project).exists()


def test_a_state_that_cannot_be_kept_is_no_failure(project: Path, openai_server: Server) -> None:
    openai_server.default = by_key(a=status(401))
    pool(project, openai_server.base, keys("a", "b"), routingStrategy="cost-based")
    state_path(project).mkdir()
    assert ask(project).success


def test_the_state_holds_ids_alone_and_is_private(project: Path, openai_server: Server) -> None:
    openai_server.default = by_key(a=status(401, "sk-pool-a is wrong"))
    pool(project, openai_server.base, keys("a", "b"), routingStrategy="cost-based")
    assert ask(project).success
    path = state_path(project)
    assert "sk-pool" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(json.loads(path.read_text())["providers"]["p"]["keys"]) == ["a"]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        pytest.param(KeyState(state="ok", since=900, until=2000), (), id="well"),
        pytest.param(
            KeyState(state="limited", since=990, until=1030), (Cooling("p", "a", 30),), id="limited"
        ),
        pytest.param(KeyState(state="limited", since=900, until=999), (), id="over"),
        pytest.param(
            KeyState(state="refused", since=900), (Cooling("p", "a", 200),), id="refused-by-a-test"
        ),
        pytest.param(KeyState(state="refused", since=600), (), id="refused-long-ago"),
        pytest.param(KeyState(state="refused", since=9e9), (), id="from-the-future"),
        pytest.param(KeyState(state="limited", since=0, until=9e10), (), id="for-ages"),
        pytest.param(
            KeyState(state="limited", since=0, until=87_400),
            (Cooling("p", "a", 86_400),),
            id="for-a-day",
        ),
        pytest.param(KeyState(state="limited", since=0, until=87_401), (), id="for-longer"),
    ],
)
def test_cooling_of(known: KeyState, expected: tuple[Cooling, ...]) -> None:
    state = State(providers={"p": ProviderState(keys={"a": known})})
    assert cooling_of(state, 1000) == expected


def test_keep_news_keeps_what_others_wrote(project: Path) -> None:
    keep_news(project, State(), [Seen("p", "a", "refused", 300)], 1000)
    keep_news(project, State(), [Seen("q", "b", "limited", 5), Seen("q", "c", "ok")], 1001)
    state = read_state(project)
    assert {p: set(seen.keys) for p, seen in state.providers.items()} == {"p": {"a"}, "q": {"b"}}
    keep_news(project, state, [Seen("p", "a", "ok")], 1002)
    assert read_state(project).providers["p"].keys["a"] == KeyState(
        state="ok", since=1002, until=None
    )
