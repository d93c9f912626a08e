"""What takes long leaves room for what does not: tests of gateways, model lists, previews."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import pytest

from ccw.web.slots import Slots
from tests.servers.loopback import Server
from tests.servers.openai_wire import slow_headers
from tests.web.apis import API, client_of, running

EXECUTE = "/api/cli/execute"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"{API}/providers/loop/test", None),
        ("POST", f"{API}/test-connection", {"baseUrl": "http://127.0.0.1:9"}),
        ("GET", f"{API}/providers/loop/models", None),
        ("GET", "/api/models", None),
        ("POST", "/api/models", None),
        ("POST", "/api/context/preview", {"prompt": "hi"}),
        ("POST", EXECUTE, {"prompt": "hi", "dryRun": True}),
    ],
)
def test_what_takes_long_is_bounded(
    shop: Path, method: str, path: str, body: dict[str, object] | None
) -> None:
    for limit, statuses in ((0, [429, 429]), (1, [200, 200])):
        with client_of(shop, slots=Slots(limit)) as client:
            answers = [client.request(method, path, json=body) for _ in statuses]
            assert [answer.status_code for answer in answers] == statuses


def test_a_silent_gateway_does_not_hold_up_the_pages(shop: Path, openai_server: Server) -> None:
    openai_server.default = slow_headers(3)
    path = f"{API}/providers/loop/test"
    with running(shop) as server, server.client() as client, ThreadPoolExecutor(60) as pool:
        assert client.get("/providers").status_code == 200
        tests = as_completed(pool.submit(client.post, path) for _ in range(60))
        refused = [next(tests).result().status_code for _ in range(30)]
        began = time.monotonic()
        assert client.get("/providers").status_code == 200
        assert time.monotonic() - began < 2
        statuses = [test.result().status_code for test in tests]
    assert refused == [429] * 30
    assert set(statuses) <= {200, 429}
    assert statuses.count(200) >= 16
