"""The pages without a browser: what they show, how they fail, what the parts of them work out."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ccw.config.models import ProviderCredential
from ccw.config.places import user_config_path
from ccw.history.log import HISTORY_FILE
from ccw.web.pages.keys import KeyView, key_view
from tests.projects import CONFIG, write_config
from tests.web.apis import client_of, environ

PAGES = ("/playground", "/providers", "/endpoints", "/models", "/cache", "/docs")
MARKUP = "<b title='x'>\"bold\"</b>"
CANARY = "sk-canary-7f3d9a1b5c"


def provider(**fields: Any) -> dict[str, Any]:
    return {"id": "it", "name": "It", "type": "openai", **fields}


def hostile(project: Path) -> None:
    """Configure names and models with markup in them, and a key that nobody may see."""
    given = provider(name=MARKUP, apiKey=CANARY, apiBase="https://h/v1")
    endpoint = {"id": "ask", "name": MARKUP, "description": MARKUP, "providerId": "it"}
    endpoint |= {
        "model": MARKUP,
        "fallbacks": [MARKUP],
        "cacheStrategy": {"filePatterns": [MARKUP]},
    }
    write_config(project, {"providers": [given], "endpoints": [endpoint], "defaultEndpoint": "ask"})


@pytest.mark.parametrize("path", PAGES)
def test_a_page_escapes_shows_no_key_and_keeps_to_the_policy(project: Path, path: str) -> None:
    hostile(project)
    answer = client_of(project).get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    text = answer.text
    assert "<b title" not in text
    assert CANARY not in text
    assert (
        re.findall(r"<script(?! type=\"module\" src=\"/static/)|\sstyle=|\son\w+=|<style", text)
        == []
    )
    assert re.findall(r"(?:href|src)=\"(?!/|#|\"|openapi)[^\"]*", text) == []


@pytest.mark.parametrize("path", PAGES)
def test_every_file_that_a_page_names_is_there(api: TestClient, path: str) -> None:
    wanted, seen = re.findall(r"/static/[\w.-]+", api.get(path).text), set()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        answer = api.get(name)
        assert answer.status_code == 200, name
        if name.endswith(".js"):
            wanted += [
                f"/static/{found}" for found in re.findall(r'from "\./([\w.-]+)"', answer.text)
            ]
    assert len(seen) > 4


@pytest.mark.parametrize("path", [p for p in PAGES if p != "/docs"])
def test_a_broken_file_is_told_on_the_page_and_kept(project: Path, path: str) -> None:
    (project / CONFIG).write_text('{"providers": [')
    answer = client_of(project).get(path)
    assert answer.status_code >= 400
    assert "litellm-api-config.json" in answer.text
    assert "Nothing was changed" in answer.text
    assert (project / CONFIG).read_text() == '{"providers": ['


@pytest.mark.parametrize(
    ("endpoints", "leads_to"),
    [
        pytest.param([], "/providers", id="nothing-to-ask"),
        pytest.param(
            [{"id": "a", "name": "A", "providerId": "it", "model": "m"}], "/playground", id="ready"
        ),
    ],
)
def test_the_start_leads_to_what_comes_next(
    project: Path, endpoints: list[dict[str, Any]], leads_to: str
) -> None:
    write_config(project, {"providers": [provider()], "endpoints": endpoints})
    answer = client_of(project).get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, leads_to)


def test_a_run_log_that_cannot_be_read_is_a_warning(project: Path) -> None:
    (project / HISTORY_FILE).write_bytes(b"this is no database" * 100)
    answer = client_of(project).get("/cache")
    assert answer.status_code == 200
    assert "history.db" in answer.text


def test_a_folder_whose_name_is_no_text_is_shown(tmp_path: Path) -> None:
    named = tmp_path / os.fsdecode(b"odd-\xff")
    named.mkdir()
    answer = client_of(named).get("/providers")
    assert (answer.status_code, "odd-\\udcff" in answer.text) == (200, True)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"apiKey": "${A}"}, KeyView("ok", "${A}", "set"), id="set"),
        pytest.param({"apiKey": "${B}"}, KeyView("bad", "${B}", "B is not set"), id="unset"),
        pytest.param({"apiKey": "${B:-x}"}, KeyView("ok", "${B:-sk-…}", "set"), id="default"),
        pytest.param(
            {"apiKey": "${cmd:pass show x}"},
            KeyView("idle", "${cmd:pass show x}", "looked up when used"),
            id="command-is-not-run",
        ),
        pytest.param(
            {"apiKey": CANARY},
            KeyView("warn", "sk-…1b5c", "in the file; a reference is safer"),
            id="literal",
        ),
        pytest.param({}, KeyView("ok", "${OPENAI_API_KEY}", "set"), id="usual"),
        pytest.param(
            {"apiBase": "https://other.example/v1"},
            KeyView("bad", "", "no key for this address"),
            id="usual-not-for-others",
        ),
        pytest.param(
            {"type": "mistral"}, KeyView("bad", "${MISTRAL_API_KEY}", "not set"), id="usual-unset"
        ),
        pytest.param({"type": "ollama"}, KeyView("idle", "", "no key needed"), id="none-needed"),
        pytest.param(
            {"apiKeys": [{"key": "${A}", "label": "a"}, {"key": "${B}", "id": "b"}]},
            KeyView("warn", "a, b", "1 of 2 keys set"),
            id="pool",
        ),
        pytest.param(
            {"apiKeys": [{"key": "${A}", "enabled": False}]},
            KeyView("bad", "none enabled", "0 of 0 keys set"),
            id="pool-disabled",
        ),
    ],
)
def test_whether_a_key_is_there(fields: dict[str, Any], expected: KeyView) -> None:
    given = ProviderCredential.model_validate(provider(**fields))
    assert key_view(given, {"A": "1", "OPENAI_API_KEY": "2"}) == expected


def test_what_is_the_users_own_is_changed_there(project: Path) -> None:
    path = user_config_path({"HOME": os.environ["HOME"]})
    path.parent.mkdir(parents=True, exist_ok=True)
    mine = {"id": "mine", "name": "Mine", "providerId": "it", "model": "m"}
    path.write_text(json.dumps({"providers": [provider()], "endpoints": [mine]}))
    write_config(project, {"providers": [provider(id="here")]})
    client = client_of(project)
    text = client.get("/providers").text
    assert re.findall(r'data-id="(\w+)" data-etag="[^"]+" data-query="([^"]*)"', text)[::4] == [
        ("here", ""),
        ("it", "?user=true"),
    ]
    assert 'data-id="mine" data-etag' in client.get("/endpoints").text
    assert 'data-endpoints="mine"' in text


def test_an_endpoint_of_the_environments_provider_can_be_asked(project: Path) -> None:
    endpoint = {"id": "proxied", "name": "P", "providerId": "litellm", "model": "m"}
    write_config(project, {"endpoints": [endpoint]})
    client = client_of(project, environ={**environ(), "LITELLM_ENABLED": "true"})
    assert '<option value="proxied">' in client.get("/playground").text
    text = client.get("/endpoints").text
    assert '<option value="litellm">LiteLLM (environment)</option>' in text
    assert "not usable" not in text
    assert 'href="/endpoints#e-proxied"' in client.get("/providers").text


def test_what_nobody_has_agreed_to_is_said_on_the_card(project: Path) -> None:
    sent = provider(apiBase="https://gateway.example/v1", apiKey="${OPENAI_API_KEY}")
    write_config(project, {"providers": [sent]})
    variables = {**environ(), "OPENAI_API_KEY": CANARY}
    text = client_of(project, environ=variables).get("/providers").text
    assert "not agreed to; type ccw trust in the project" in text
    agreed = client_of(project, environ={**variables, "CCW_TRUST": "1"}).get("/providers").text
    assert "not agreed to" not in agreed


def test_signs_that_turn_a_name_around_are_shown(project: Path) -> None:
    turned = "a\u202egpj.exe"
    endpoint = {"id": "ask", "name": turned, "providerId": "it", "model": turned}
    endpoint["cacheStrategy"] = {"filePatterns": [turned]}
    write_config(project, {"providers": [provider(name=turned)], "endpoints": [endpoint]})
    client = client_of(project)
    for path in ("/providers", "/endpoints", "/playground"):
        text = client.get(path).text
        assert "a\\u202egpj.exe" in text
        assert [line for line in text.splitlines() if turned in line and "value=" not in line] == []
    assert f'value="{turned}"' in client.get("/endpoints").text


def test_the_routes_are_told_with_what_they_take(api: TestClient) -> None:
    text = api.get("/docs").text
    assert "<code>If-Match</code>" in text
    assert "`" not in text
    assert "<p>endpoint_id" not in text


def test_a_provider_of_the_environment_can_be_tested_and_not_changed(project: Path) -> None:
    variables = {"LITELLM_ENABLED": "true", "LITELLM_BASE_URL": "http://127.0.0.1:9"}
    text = client_of(project, environ={**environ(), **variables}).get("/providers").text
    assert "from the environment" in text
    assert 'data-action="test-provider"' in text
    assert "edit-provider" not in re.sub(r"<dialog.*?</dialog>", "", text, flags=re.S)


def test_a_test_before_the_last_change_is_not_shown(project: Path) -> None:
    write_config(project, {"providers": [provider(updatedAt="2026-01-02T00:00:00.000Z")]})
    seen = {"lastValidated": "2026-01-01T00:00:00.000Z", "ok": False, "error": "key"}
    state = (project / CONFIG).with_name("litellm-api-state.json")
    client = client_of(project)
    for last, shown in (("2026-01-01", False), ("2026-01-03", True)):
        seen["lastValidated"] = f"{last}T00:00:00.000Z"
        state.write_text(json.dumps({"providers": {"it": seen}}))
        assert ("key refused" in client.get("/providers").text) is shown
