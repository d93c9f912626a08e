"""Asking over HTTP: the events of an answer, its preview, and what becomes of it in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.overlays import pack_of
from tests.projects import configure, write_files
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER, cut, status
from tests.web.apis import API, events

EXECUTE, PREVIEW = "/api/cli/execute", "/api/context/preview"
PROMPT = "@src/auth/*.ts @missing.png what is this?"
USAGE = {"input": 20, "cacheRead": 100, "cacheWrite5m": 0, "cacheWrite1h": 0, "output": 7}


def ask(client: Any, prompt: str = "hi", **options: Any) -> Any:
    return client.post(EXECUTE, json={"prompt": prompt, **options})


def test_the_events_of_an_answer(asked: TestClient, openai_server: Server) -> None:
    answer = ask(asked, "@src/auth/*.ts what is this?", model="ask")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    told = events(answer.text)
    names = [name for name, _ in told]
    assert (names[0], names[-2:]) == ("files", ["usage", "done"])
    assert set(names[1:-2]) == {"delta"}
    files = told[0][1]
    session = files.pop("sessionId")
    assert session.startswith("ctx-")
    assert files.pop("totalBytes") > 56
    assert files == {
        "endpoint": "ask",
        "model": "gpt-4o",
        "provider": "custom",
        "files": [{"path": "src/auth/login.ts", "bytes": 56}],
        "skippedFiles": [],
        "earlierCopies": [],
        "cacheUsed": True,
        "cacheHit": False,
        "notes": [],
    }
    assert "".join(data["text"] for name, data in told if name == "delta") == ANSWER
    used = told[-2][1]
    assert {key: used[key] for key in USAGE} == USAGE
    assert set(used) == {*USAGE, "cost", "saved"}
    done = told[-1][1]
    assert (done["success"], done["output"], done["exitCode"]) == (True, ANSWER, 0)
    assert done["usage"] == USAGE
    assert (done["sessionId"], done["cachedFiles"]) == (session, ["src/auth/login.ts"])
    assert openai_server.posts[-1].wants_stream


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"prompt": "@src/ Why?"}, id="prompt"),
        pytest.param({"prompt": "Why?", "patterns": ["src/"]}, id="patterns"),
    ],
)
@pytest.mark.parametrize("stream", [False, True], ids=["object", "events"])
def test_an_edit_keeps_what_an_overlay_sent(
    asked: TestClient, shop: Path, openai_server: Server, body: dict[str, Any], stream: bool
) -> None:
    configure(shop, openai_server.base, cacheStrategy={"layout": "overlay"})
    write_files(shop, {f"src/{name}.py": f"{name} = 1\n" * 200 for name in "abcde"})
    assert ask(asked, **body, stream=stream).status_code == 200
    first = pack_of(openai_server)
    (shop / "src/a.py").write_text("a = 2\n")
    assert ask(asked, **body, stream=stream).status_code == 200
    assert pack_of(openai_server).startswith(first)


def test_one_object_instead_of_events(asked: TestClient, openai_server: Server) -> None:
    answer = ask(asked, stream=False)
    assert answer.status_code == 200
    assert (answer.json()["output"], answer.json()["usage"]) == (ANSWER, USAGE)
    assert not openai_server.posts[-1].wants_stream


def test_the_fields_of_the_command_line(asked: TestClient, openai_server: Server) -> None:
    answer = ask(
        asked,
        "@login.ts what?",
        endpointId="ask",
        tool="litellm",
        mode="review",
        cache=False,
        cd="src/auth",
        includeDirs="src/middleware,src",
        over="drop",
        maxSize=10,
        maxFileSize=1000,
        maxCost=1,
        timeout=20,
        maxRetries=0,
        params={"temperature": 0},
        context="and this text",
    )
    assert answer.status_code == 200
    sent = openai_server.posts[-1].json
    assert sent["temperature"] == 0
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]
    assert "export const login" in sent["messages"][1]["content"]
    assert "and this text" in sent["messages"][1]["content"]
    assert events(answer.text)[-1][1]["cacheUsed"] is False


@pytest.mark.parametrize(
    ("body", "code", "kind"),
    [
        pytest.param({"prompt": " "}, 422, "usage_error", id="empty"),
        pytest.param({"prompt": "x", "model": "nobody"}, 404, "not_found", id="no-endpoint"),
        pytest.param({"prompt": "@nope/*.x y"}, 422, "nothing_matched", id="no-file"),
        pytest.param({"prompt": "@../../../etc/passwd y"}, 422, None, id="outside"),
        pytest.param({"prompt": "x", "mode": "write"}, 422, "usage_error", id="mode"),
        pytest.param({"prompt": "x", "cd": "nowhere"}, 422, "usage_error", id="folder"),
        pytest.param({"prompt": "x", "maxCost": 0}, 413, "cost_exceeded", id="cost"),
        pytest.param(
            {"prompt": "@README.md y", "maxSize": 0.001}, 413, "context_too_large", id="size"
        ),
    ],
)
@pytest.mark.parametrize("stream", [True, False], ids=["events", "object"])
def test_what_fails_before_the_call_is_an_http_error(
    asked: TestClient,
    openai_server: Server,
    body: dict[str, Any],
    code: int,
    kind: str | None,
    stream: bool,
) -> None:
    answer = asked.post(EXECUTE, json={**body, "stream": stream})
    assert answer.status_code == code
    assert kind in (None, answer.json()["error"]["type"])
    assert not openai_server.posts


def test_what_fails_later_is_an_event(asked: TestClient, openai_server: Server) -> None:
    openai_server.will(cut("half of it"))
    told = events(ask(asked, maxRetries=0).text)
    assert told[0][0] == "files"
    name, data = told[-1]
    assert (name, data["error"]["type"]) == ("error", "incomplete_reply")
    assert (data["exitCode"], data["output"]) == (1, "half of it")


@pytest.mark.parametrize(("code", "kind"), [(401, "key_refused"), (400, "bad_request")])
def test_a_provider_that_refuses(
    asked: TestClient, openai_server: Server, code: int, kind: str
) -> None:
    openai_server.default = status(code)
    assert events(ask(asked).text)[-1][1]["error"]["type"] == kind
    whole = ask(asked, stream=False)
    assert (whole.status_code, whole.json()["error"]["type"]) == (502, kind)


def test_another_endpoint_answers_for_one_that_cannot(
    asked: TestClient, openai_server: Server
) -> None:
    backup = {"id": "backup", "providerId": "loop", "model": "gpt-4o-mini"}
    assert asked.post(f"{API}/endpoints", json=backup).status_code == 201
    openai_server.models["gpt-4o"] = status(500)
    done = events(ask(asked, maxRetries=0, fallbacks=["backup"]).text)[-1]
    assert done[0] == "done"
    assert (done[1]["endpoint"], done[1]["output"]) == ("backup", ANSWER)
    assert [attempt["endpoint"] for attempt in done[1]["attempts"]] == ["ask"]


def test_all_endpoints_that_failed_are_told(asked: TestClient, openai_server: Server) -> None:
    backup = {"id": "backup", "providerId": "loop", "model": "gpt-4o-mini"}
    assert asked.post(f"{API}/endpoints", json=backup).status_code == 201
    openai_server.default = status(500)
    name, told = events(ask(asked, maxRetries=0, fallbacks=["backup"]).text)[-1]
    assert (name, told["error"]["type"]) == ("error", "provider_error")
    assert [tried["endpoint"] for tried in told["attempts"]] == ["ask", "backup"]
    assert told["attempts"][1]["message"] == told["error"]["message"]


def test_what_would_be_sent(asked: TestClient, openai_server: Server) -> None:
    preview = asked.post(
        PREVIEW, json={"prompt": PROMPT, "endpointId": "ask", "allowMissing": True}
    )
    assert preview.status_code == 200
    body = preview.json()
    assert [file["path"] for file in body["files"]] == ["src/auth/login.ts"]
    assert all(file["tokens"] > 0 for file in body["files"])
    assert body["notes"] == ["@missing.png matched nothing"]
    assert body["inputCost"] > 0
    dry = ask(asked, PROMPT, model="ask", allowMissing=True, dryRun=True)
    assert {**dry.json(), "cacheHit": None} == {**body, "cacheHit": None}
    assert not openai_server.posts


def test_what_is_left_out_is_told_with_its_reason(asked: TestClient, shop: Path) -> None:
    (shop / "src" / "image.bin").write_bytes(b"\0\1\2")
    body = asked.post(PREVIEW, json={"prompt": "@src/** what?"}).json()
    assert [item["path"] for item in body["skippedFiles"]] == ["src/image.bin"]
    assert "binary" in body["skippedFiles"][0]["reason"]


def test_a_file_name_that_is_not_utf_8(asked: TestClient, shop: Path) -> None:
    (shop / "src" / b"caf\xe9.ts".decode("utf-8", "surrogateescape")).write_text("x")
    body = asked.post(PREVIEW, json={"prompt": "@src/*.ts what?"})
    assert body.status_code == 200
    assert "caf\\udce9.ts" in body.text


def test_the_session_of_an_answer_is_listed_opened_and_released(asked: TestClient) -> None:
    done = events(ask(asked, "@README.md what?").text)[-1][1]
    name = done["sessionId"]
    assert [s["sessionId"] for s in asked.get(f"{API}/cache/sessions").json()["sessions"]] == [name]
    stats = asked.get(f"{API}/cache/stats").json()
    assert (stats["entries"], stats["misses"], stats["hits"]) == (1, 1, 0)
    opened = asked.get(f"{API}/cache/sessions/{name}").json()
    assert opened["files"] == ["README.md"]
    assert "# Shop" in opened["content"]
    assert opened["hasMore"] is False
    part = asked.get(f"{API}/cache/sessions/{name}?offset=2&limit=3").json()
    assert part["content"] == opened["content"][2:5]
    gone = asked.delete(f"{API}/cache/sessions/{name}").json()
    assert gone == {"success": True, "released": name, "warnings": []}
    assert asked.get(f"{API}/cache/sessions/{name}").status_code == 404
    assert asked.delete(f"{API}/cache/sessions/{name}").status_code == 404


def test_the_cache_is_emptied(asked: TestClient) -> None:
    ask(asked, "@README.md what?")
    cleared = asked.post(f"{API}/cache/clear").json()
    assert cleared == {"success": True, "removed": 1, "warnings": []}
    assert asked.get(f"{API}/cache/stats").json()["entries"] == 0
