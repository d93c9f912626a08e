"""Addresses that lead nowhere: a page in a browser, JSON for programs."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
HTML, JSON = "text/html; charset=utf-8", "application/json"


@pytest.mark.parametrize(
    ("method", "path", "accept", "kind"),
    [
        pytest.param("GET", "/nothere", BROWSER, HTML, id="browser"),
        pytest.param("HEAD", "/nothere", BROWSER, HTML, id="head"),
        pytest.param("GET", "/nothere", "*/*", JSON, id="program"),
        pytest.param("GET", "/api/nothere", BROWSER, JSON, id="api-in-a-browser"),
        pytest.param("GET", "/static/nothere.css", "text/css,*/*", JSON, id="part-of-a-page"),
        pytest.param("POST", "/nothere", BROWSER, JSON, id="form"),
    ],
)
def test_who_asks_gets_what_it_can_read(
    api: TestClient, method: str, path: str, accept: str, kind: str
) -> None:
    answer = api.request(method, path, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (404, kind)


def test_the_page_names_the_address_and_leads_on(api: TestClient) -> None:
    text = api.get("/no<b>where", headers={"Accept": BROWSER}).text
    assert "<code>/no&lt;b&gt;where</code>" in text
    assert 'href="/playground"' in text
