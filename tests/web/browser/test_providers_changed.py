"""Providers that are there: deleted, edited, edited in two windows, switched off."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.projects import CONFIG, write_config
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


def test_what_nobody_has_agreed_to_is_listed_and_not_used(served: Served, open_page: Open) -> None:
    provider = {"id": "far", "name": "Far", "type": "custom", "apiKey": "${LOOP_KEY}"}
    write_config(served.project, {"providers": [{**provider, "apiBase": "https://far.example"}]})
    page = open_page(served.server, "/providers")
    page.get_by_role("button", name="Test connection").click()
    outcome = page.locator("[data-part=outcome]")
    expect(outcome).to_contain_text("you have not agreed to")
    lines = outcome.inner_text().splitlines()
    assert lines[1] == "send ${LOOP_KEY} to https://far.example"
    expect(page.get_by_role("button", name="Use this model")).to_be_hidden()
    expect(page.get_by_role("combobox", name="Model")).to_be_hidden()
    expect(page.get_by_role("button", name="Test again")).to_be_focused()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_name_without_an_end_leaves_the_buttons_in_sight(
    served: Served, open_page: Open, openai_server: Server, width: int
) -> None:
    two_endpoints(served.project, openai_server, name="n" * 240)
    page = open_page(served.server, "/providers", viewport={"width": width, "height": 800})
    dialog = page.get_by_role("dialog")
    for opener, ways_out in (
        ("Edit nnn", ("Close", "Cancel")),
        ("Test connection", ("Close",)),
        ("Delete nnn", ("Cancel",)),
    ):
        page.get_by_role("button", name=opener).click()
        for name in ways_out:
            expect(dialog.get_by_role("button", name=name).first).to_be_in_viewport(ratio=1)
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
    for path in ("providers", "endpoints", "playground", "models"):
        page.goto(f"{served.server.url}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.goto(f"{served.server.url}/endpoints")
    page.get_by_role("button", name="Add endpoint").click()
    expect(dialog.get_by_role("button", name="Save")).to_be_in_viewport(ratio=1)
    assert dialog.evaluate("it => it.scrollWidth <= it.clientWidth")


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
