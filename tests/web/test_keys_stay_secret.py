"""A key that the server sends to a provider comes back in no answer, log, argument or file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.canary import (
    CANARY,
    DOTENV,
    HEADER,
    assert_not_on_disk,
    assert_nowhere,
    configure,
    family,
    read,
)
from tests.projects import write_files
from tests.servers.loopback import Server
from tests.servers.openai_wire import cut, echo_headers, reset, say, status
from tests.web.apis import API, running

READING = (
    "/api/models",
    "/openapi.json",
    f"{API}/config",
    f"{API}/endpoints",
    f"{API}/providers",
    f"{API}/providers/p",
    f"{API}/providers/p/models?refresh=true",
    f"{API}/cache/sessions",
    f"{API}/cache/stats",
)


@pytest.mark.parametrize("key", ["${CANARY_KEY}", CANARY], ids=["reference", "literal"])
def test_no_answer_holds_a_key(project: Path, openai_server: Server, key: str) -> None:
    write_files(project)
    (project / ".env").write_text(DOTENV)
    configure(project, openai_server.base, api_key=key)
    answers = []
    with running(project) as server, server.client() as client:
        answers += [client.get(path) for path in READING]
        shown = client.get(f"{API}/providers/p").json()
        answers.append(client.put(f"{API}/providers/p", json={**shown, "name": "Renamed"}))
        answers.append(
            client.put(f"{API}/providers/p", json={"name": "X"}, headers={"If-Match": '"old"'})
        )
        answers.append(client.put(f"{API}/providers/p", json={"apiKey": [CANARY]}))
        for behaviour in (say(), status(401), status(500), cut("half"), reset, echo_headers()):
            openai_server.default = behaviour
            body = {"prompt": "@README.md what?", "maxRetries": 0}
            answers.append(client.post("/api/cli/execute", json=body))
            answers.append(client.post("/api/cli/execute", json={**body, "stream": False}))
            answers.append(client.post(f"{API}/providers/p/test"))
        answers.append(client.post("/api/context/preview", json={"prompt": "@README.md what?"}))
        arguments = b"".join(
            read(Path(f"/proc/{pid}/cmdline")) for pid in family(server.process.pid)
        )
    assert any(CANARY in str(request.headers) for request in openai_server.requests)
    assert any(HEADER in str(request.headers) for request in openai_server.requests)
    for answer in answers:
        assert_nowhere(f"{answer.headers}\n{answer.text}")
    assert_nowhere(server.log)
    assert_nowhere(arguments.decode(errors="replace"))
    assert_not_on_disk(project)
