"""The embedded model over HTTP: listed, tested and asked like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.projects import write_config, write_files
from tests.web.apis import API, events, running

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(180)]
PROVIDER = {"id": "own", "name": "Own", "type": "local"}
ENDPOINT = {"id": "small", "providerId": "own", "model": "smollm2", "params": {"maxTokens": 12}}


def test_the_embedded_model_answers_in_events(project: Path, local_home: Path) -> None:
    write_files(project)
    write_config(project, {})
    home = {"CCW_HOME": str(local_home), "CCW_LOCAL_THREADS": "1"}
    with running(project, **home) as server, server.client() as client:
        assert client.post(f"{API}/providers", json=PROVIDER).status_code == 201
        assert client.post(f"{API}/endpoints", json=ENDPOINT).status_code == 201
        tested = client.post(f"{API}/providers/own/test").json()
        assert (tested["success"], tested["error"]) == (True, None)
        assert "smollm2" in [m["id"] for m in client.get("/api/models").json()]
        question = {"prompt": "@README.md Say hello", "model": "small"}
        told = events(client.post("/api/cli/execute", json=question, timeout=150).text)
        names = [name for name, _ in told]
        assert (names[0], names[-2:]) == ("files", ["usage", "done"])
        done = told[-1][1]
        text = "".join(data["text"] for name, data in told if name == "delta")
        assert done["output"] == text != ""
        assert (done["cost"], done["cachedFiles"]) == (0, ["README.md"])
        assert 0 < done["usage"]["output"] <= 12
