"""A call that ended in vain cost nothing only where none of its tries can have been billed."""

from __future__ import annotations

import socket
import socketserver
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from ccw.history.log import HISTORY_FILE
from tests.pools.worlds import ask, chain, endpoint, keys, pool, provider, write
from tests.servers.loopback import Behaviour, Server
from tests.servers.openai_wire import cut, reset, slow_headers, status

FREE, UNKNOWN = (0.0, 0.0), (None, None)
NOBODY = "http://127.0.0.1:1/v1"
AT_ONCE = {"Retry-After": "0"}
BUSY = status(429, headers=AT_ONCE)


def run_log(project: Path) -> tuple[float | None, float | None]:
    """Cost and saving of the only call in the run log."""
    with sqlite3.connect(project / HISTORY_FILE) as log:
        (run,) = log.execute("select cost, saved from runs").fetchall()
    log.close()
    return run[0], run[1]


@pytest.mark.parametrize("entries", [keys("a"), keys("a", "b")], ids=["one-key", "two-keys"])
@pytest.mark.parametrize(
    ("behaviours", "expected"),
    [
        pytest.param([status(401)], FREE, id="refused"),
        pytest.param([status(402)], FREE, id="unpaid"),
        pytest.param([BUSY, status(401)], FREE, id="busy-then-refused"),
        pytest.param([status(503, headers=AT_ONCE), status(400)], FREE, id="busy-then-wrong"),
        pytest.param([reset, status(401)], UNKNOWN, id="lost-then-refused"),
        pytest.param([reset, status(402)], UNKNOWN, id="lost-then-unpaid"),
        pytest.param([reset, BUSY, status(400)], UNKNOWN, id="lost-then-busy-then-wrong"),
        pytest.param([status(500), BUSY], UNKNOWN, id="failed-then-busy"),
        pytest.param([cut("")], UNKNOWN, id="broke-off"),
    ],
)
def test_what_a_call_in_vain_cost(
    project: Path,
    openai_server: Server,
    entries: Sequence[dict[str, str]],
    behaviours: Sequence[Behaviour],
    expected: tuple[float | None, float | None],
) -> None:
    openai_server.will(*behaviours)
    openai_server.default = behaviours[-1]
    pool(project, openai_server.base, entries)
    result = ask(project, max_retries=len(behaviours) - 1)
    assert not result.success
    assert (result.cost, result.saved) == expected
    assert run_log(project) == expected


@pytest.mark.parametrize("entries", [keys("a"), keys("a", "b")], ids=["one-key", "two-keys"])
def test_a_call_that_never_went_out_cost_nothing(
    project: Path, entries: Sequence[dict[str, str]]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # which says nothing of TLS
        pool(project, f"https://127.0.0.1:{silent.getsockname()[1]}/v1", entries)
        result = ask(project, max_retries=0, timeout=0.5)
    assert (result.error_type, result.cost, result.saved) == ("timed_out", *FREE)
    assert run_log(project) == FREE


class Cut(socketserver.BaseRequestHandler):
    """Hangs up on whoever asks."""

    def handle(self) -> None:
        self.request.recv(4096)


@contextmanager
def hanging_up() -> Iterator[str]:
    """Give the address of a proxy that gives no way to anybody."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Cut) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        serving.join()


@pytest.mark.parametrize("entries", [keys("a"), keys("a", "b")], ids=["one-key", "two-keys"])
def test_a_call_that_a_proxy_did_not_let_through_cost_nothing(
    project: Path, entries: Sequence[dict[str, str]]
) -> None:
    with hanging_up() as proxy:
        pool(project, "https://far.invalid/v1", entries, advancedSettings={"proxy": proxy})
        result = ask(project, max_retries=0)
    assert (result.error_type, result.cost, result.saved) == ("unreachable", *FREE)
    assert run_log(project) == FREE


@pytest.mark.parametrize("entries", [keys("a"), keys("a", "b")], ids=["one-key", "two-keys"])
def test_a_call_that_went_out_may_have_cost(
    project: Path, openai_server: Server, entries: Sequence[dict[str, str]]
) -> None:
    openai_server.default = slow_headers(5)
    pool(project, openai_server.base, entries)
    result = ask(project, max_retries=0, timeout=0.5)
    assert (result.error_type, result.cost, result.saved) == ("timed_out", *UNKNOWN)
    assert run_log(project) == UNKNOWN


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        pytest.param(reset, UNKNOWN, id="lost"),
        pytest.param(status(500), UNKNOWN, id="failed"),
        pytest.param(status(404), FREE, id="no-such-model"),
        pytest.param(None, FREE, id="reached-nobody"),
    ],
)
def test_what_a_fallback_in_vain_cost(
    project: Path,
    openai_server: Server,
    backup_server: Server,
    first: Behaviour | None,
    expected: tuple[float | None, float | None],
) -> None:
    backup_server.default = status(401)
    if first is not None:
        openai_server.default = first
    chain(project, NOBODY if first is None else openai_server.base, backup_server.base)
    result = ask(project, max_retries=0)
    assert (result.error_type, len(result.attempts)) == ("key_refused", 2)
    assert (result.cost, result.saved) == expected
    assert run_log(project) == expected


@pytest.mark.parametrize("unset", ["first", "second"])
def test_a_key_without_a_value_costs_nothing(
    project: Path, openai_server: Server, unset: str
) -> None:
    openai_server.default = status(401)
    kept = {"first": "sk-pool-a", "second": "sk-pool-b", unset: "${NOT_SET}"}
    providers = [provider(name, openai_server.base, apiKey=key) for name, key in kept.items()]
    ends = [endpoint("ask", "first", fallbacks=["backup"]), endpoint("backup", "second")]
    write(project, providers, ends)
    result = ask(project, max_retries=0)
    tried = {attempt.error_type for attempt in result.attempts}
    assert tried == {"key_not_configured", "key_refused"}
    assert (result.cost, result.saved) == FREE
