"""Providers that are there: deleted, edited, edited in two windows, switched off."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.projects import CONFIG
from tests.servers.loopback import Server
from tests.web.browser.conftest import Open, Served, saved, two_endpoints

pytestmark = pytest.mark.browser


def test_deleting_says_what_goes_with_it(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    two_endpoints(served.project, openai_server)
    page = open_page(served.server, "/providers")
    page.get_by_role("button", name="Delete Loop").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("also deletes 2 endpoints: one, two")
    question.get_by_role("button", name="Cancel").click()
    expect(page.locator(".card")).to_have_count(1)
    with served.server.client() as client:  # another window, meanwhile
        body = {"id": "three", "providerId": "loop", "model": "gpt-4o"}
        client.post("/api/litellm-api/endpoints", json=body).raise_for_status()
    page.get_by_role("button", name="Delete Loop").click()
    expect(question).to_contain_text("also deletes 3 endpoints: one, two, three")
    expect(question).to_contain_text("no default endpoint is left")
    question.get_by_role("button", name="Delete provider").click()
    expect(page.get_by_text("No provider yet")).to_be_visible()
    expect(page.get_by_text("Deleted Loop and 3 endpoints; no default is left")).to_be_visible()
    config = saved(served.project)
    assert (config["providers"], config["endpoints"], config["defaultEndpoint"]) == ([], [], None)


def test_deleting_says_what_falls_back_and_where_the_default_goes(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    two_endpoints(served.project, openai_server)
    with served.server.client() as client:
        other = {"id": "other", "name": "Other", "type": "custom", "apiBase": openai_server.base}
        client.post("/api/litellm-api/providers", json=other).raise_for_status()
        body = {"id": "far", "providerId": "other", "model": "m", "fallbacks": ["one"]}
        client.post("/api/litellm-api/endpoints", json=body).raise_for_status()
    page = open_page(served.server, "/providers")
    page.get_by_role("button", name="Delete Loop").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("far loses fallbacks")
    expect(question).to_contain_text("the default moves to the next enabled chat endpoint")
    question.get_by_role("button", name="Delete provider").click()
    expect(page.get_by_text("Deleted Loop and 2 endpoints; the default is far")).to_be_visible()
    with served.server.client() as client:
        client.delete("/api/litellm-api/providers/other").raise_for_status()
    page.get_by_role("button", name="Delete Other").click()
    expect(page.get_by_text("other is gone already")).to_be_visible()


def test_a_key_that_was_not_touched_stays(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    literal = "sk-never-shown-anywhere-1234"
    two_endpoints(served.project, openai_server, apiKey=literal)
    page = open_page(served.server, "/providers")
    page.get_by_role("button", name="Edit Loop").click()
    expect(page.get_by_label("API key")).to_have_value("sk-…1234")
    page.get_by_label("Name *").fill("Renamed")
    page.get_by_text("Advanced settings").click()
    page.get_by_label("Timeout, seconds").fill("30")
    page.get_by_label("Further headers").fill("X-Team: research")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Renamed")).to_be_visible()
    assert literal not in page.content()
    provider = saved(served.project)["providers"][0]
    assert provider["apiKey"] == literal
    assert provider["advancedSettings"] == {
        "timeout": 30,
        "customHeaders": {"X-Team": "research"},
    }


def test_two_windows_editing_one_provider(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    two_endpoints(served.project, openai_server)
    server = served.server
    first, second, third = (open_page(server, "/providers") for _ in range(3))
    for page in (first, second, third):
        page.get_by_role("button", name="Edit Loop").click()
    first.get_by_label("Name *").fill("Mine")
    first.get_by_role("button", name="Save", exact=True).click()
    expect(first.get_by_role("heading", name="Mine")).to_be_visible()
    second.get_by_label("Name *").fill("Yours")
    second.get_by_role("button", name="Save", exact=True).click()
    both = second.get_by_role("dialog", name="Changed meanwhile")
    expect(both.get_by_role("row", name="name Mine Yours")).to_be_visible()
    both.get_by_role("button", name="Save mine").click()
    expect(second.get_by_role("heading", name="Yours")).to_be_visible()
    third.get_by_label("Name *").fill("Neither")
    third.get_by_role("button", name="Save", exact=True).click()
    third.get_by_role("button", name="Keep what is saved").click()
    expect(third.get_by_role("heading", name="Yours")).to_be_visible()
    assert saved(served.project)["providers"][0]["name"] == "Yours"


def test_a_disabled_provider_cannot_be_tested(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    two_endpoints(served.project, openai_server)
    page = open_page(served.server, "/providers")
    switch = page.get_by_role("switch", name="Loop enabled")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    expect(page.get_by_role("button", name="Test connection")).to_be_disabled()
    assert saved(served.project)["providers"][0]["enabled"] is False


def test_a_provider_that_is_deleted_while_it_is_edited(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    two_endpoints(served.project, openai_server)
    page = open_page(served.server, "/providers")
    page.get_by_role("button", name="Edit Loop").click()
    page.get_by_label("Name *").fill("Typed meanwhile")
    with served.server.client() as client:
        assert client.delete("/api/litellm-api/providers/loop").status_code == 200
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Provider not found: loop")
    expect(page.get_by_label("Name *")).to_have_value("Typed meanwhile")


def test_a_file_that_breaks_while_the_page_is_open(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    two_endpoints(served.project, openai_server)
    page = open_page(served.server, "/providers")
    (served.project / CONFIG).write_text('{"providers": [}')
    page.get_by_role("button", name="Edit Loop").click()
    expect(page.get_by_text("litellm-api-config.json").last).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="This cannot be shown now")).to_be_visible()
    assert (served.project / CONFIG).read_text() == '{"providers": [}'
