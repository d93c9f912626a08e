"""The page of the endpoints: default, cache strategy in place, order of fallbacks, table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.projects import write_config
from tests.servers.loopback import Server
from tests.web.browser.conftest import Open, Served, saved, two_endpoints

pytestmark = pytest.mark.browser


def endpoints(project: Path) -> dict[str, Any]:
    return {endpoint["id"]: endpoint for endpoint in saved(project)["endpoints"]}


def test_cache_strategy_and_default_are_changed_in_place(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    two_endpoints(served.project, openai_server)
    page = open_page(served.server, "/endpoints")
    row = page.locator("#e-two")
    row.get_by_role("button", name="60 min · 512 KB · stable · 5m").click()
    editor = page.locator("#c-two")
    editor.get_by_label("Kept for, minutes").fill("0")
    editor.get_by_role("button", name="Save").click()
    expect(editor.get_by_role("alert")).to_have_text("Both numbers have to be over 0.")
    editor.get_by_label("Kept for, minutes").fill("15")
    editor.get_by_label("Order of files").select_option("overlay")
    editor.get_by_label("Only files like").fill("*.md *.ts")
    editor.get_by_role("button", name="Save").click()
    expect(row.get_by_role("button", name="15 min · 512 KB · overlay · 5m")).to_be_visible()
    page.get_by_role("button", name="make default: two").click()
    expect(row.get_by_text("default", exact=True)).to_be_visible()
    config = saved(served.project)
    assert config["defaultEndpoint"] == "two"
    strategy = endpoints(served.project)["two"]["cacheStrategy"]
    assert strategy["ttlMinutes"] == 15
    assert (strategy["layout"], strategy["filePatterns"]) == ("overlay", ["*.md", "*.ts"])
    row.get_by_role("button", name="15 min").click()
    editor.get_by_label("Only files like").fill("")
    editor.get_by_role("button", name="Save").click()
    expect(editor).to_be_hidden()
    assert endpoints(served.project)["two"]["cacheStrategy"]["filePatterns"] == []
    row.get_by_role("button", name="15 min").click()
    editor.get_by_label("Kept for, minutes").fill("7")
    page.keyboard.press("Escape")
    expect(editor).to_be_hidden()
    expect(row.get_by_role("button", name="15 min")).to_be_focused()
    expect(editor.get_by_label("Kept for, minutes")).to_have_value("15")


def test_what_is_typed_filtered_and_sorted_stays_when_something_is_saved(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    two_endpoints(served.project, openai_server)
    page = open_page(served.server, "/endpoints")
    ids = page.locator("tbody tr:visible strong")
    for _ in range(2):
        page.get_by_role("button", name="Endpoint", exact=True).click()
    expect(ids).to_have_text(["two", "one"])
    page.get_by_label("Filter endpoints").fill("o")
    page.locator("#e-two").get_by_role("button", name="60 min").click()
    editor = page.locator("#c-two")
    editor.get_by_label("Kept for, minutes").fill("45")
    for name in ("one", "two"):
        switch = page.get_by_role("switch", name=f"{name} enabled")
        switch.click()
        expect(switch).to_have_attribute("aria-checked", "false")
        expect(switch).to_be_focused()
    expect(ids).to_have_text(["two", "one"])
    expect(page.get_by_label("Filter endpoints")).to_have_value("o")
    expect(editor.get_by_label("Kept for, minutes")).to_have_value("45")
    editor.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Cache strategy of two saved")).to_be_visible()
    two = endpoints(served.project)["two"]
    assert (two["cacheStrategy"]["ttlMinutes"], two["enabled"]) == (45, False)


def test_an_editor_left_open_does_not_save_over_what_another_window_saved(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    two_endpoints(served.project, openai_server)
    page = open_page(served.server, "/endpoints")
    page.locator("#e-two").get_by_role("button", name="60 min").click()
    with served.server.client() as client:
        change = {"cacheStrategy": {"layout": "path"}}
        client.put("/api/litellm-api/endpoints/two", json=change).raise_for_status()
    page.get_by_role("switch", name="one enabled").click()
    expect(page.get_by_text("one disabled")).to_be_visible()
    page.locator("#c-two").get_by_role("button", name="Save").click()
    both = page.get_by_role("dialog", name="Changed meanwhile")
    expect(both.get_by_role("row", name="cacheStrategy.layout path stable")).to_be_visible()
    both.get_by_role("button", name="Keep what is saved").click()
    expect(page.locator("#e-two").get_by_role("button", name="· path ·")).to_be_visible()


def test_an_endpoint_without_a_provider_is_edited(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    two_endpoints(served.project, openai_server)
    config = saved(served.project)
    config["endpoints"][1] |= {"providerId": "gone", "fallbacks": ["one", "nowhere"]}
    write_config(served.project, config)
    page = open_page(served.server, "/endpoints")
    expect(page.locator("#e-two .chain")).to_have_text("onenowhere missing")
    page.get_by_role("button", name="Edit two").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Provider")).to_have_value("gone")
    dialog.get_by_label("Name").fill("")
    dialog.get_by_role("button", name="Remove: nowhere").click()
    dialog.get_by_role("button", name="Remove: one").click()
    expect(dialog.get_by_role("button", name="Add", exact=True)).to_be_focused()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    two = endpoints(served.project)["two"]
    assert (two["name"], two["providerId"], two["fallbacks"]) == ("two", "gone", [])


def test_adding_one_with_ordered_fallbacks(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    two_endpoints(served.project, openai_server)
    page = open_page(served.server, "/endpoints")
    page.get_by_role("button", name="Add endpoint").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("ID *").fill("one")
    dialog.get_by_label("Model *").fill("gpt-4o")
    for name in ("one", "two"):
        dialog.get_by_label("Endpoint to add").select_option(name)
        dialog.get_by_role("button", name="Add", exact=True).click()
    dialog.get_by_role("button", name="Earlier: two").click()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_have_text("Endpoint ID already exists: one")
    dialog.get_by_label("ID *").fill("")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("Needed")).to_be_visible()
    expect(dialog.get_by_role("alert")).to_have_count(0)
    dialog.get_by_label("ID *").fill("three")
    dialog.get_by_text("Parameters of the call").click()
    dialog.get_by_label("Temperature").fill("0.2")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#e-three .chain")).to_have_text("twoone")
    made = endpoints(served.project)["three"]
    assert (made["fallbacks"], made["params"]) == (["two", "one"], {"temperature": 0.2})


def test_deleting_the_default_says_so_and_moves_it(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    two_endpoints(served.project, openai_server)
    page = open_page(served.server, "/endpoints")
    page.get_by_role("button", name="Delete one").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("no longer a fallback of two")
    expect(question).to_contain_text("the default moves to the next enabled chat endpoint")
    question.get_by_role("button", name="Delete endpoint").click()
    expect(page.get_by_text("Deleted one; the default is two")).to_be_visible()
    assert endpoints(served.project)["two"]["fallbacks"] == []


def test_the_table_sorts_and_filters_and_a_phone_shows_all_of_it(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    provider = {"id": "loop", "name": "<b>Loop</b>", "type": "custom", "apiBase": "http://h/v1"}
    names = ["m-10", "m-9", "a-1"]
    made = [{"id": n, "name": n, "providerId": "loop", "model": f"<i>{n}</i>"} for n in names]
    write_config(served.project, {"providers": [provider], "endpoints": made})
    server = served.server
    page = open_page(server, "/endpoints")
    ids = page.locator("tbody tr:visible strong")
    page.get_by_role("button", name="Endpoint", exact=True).click()
    expect(ids).to_have_text(["a-1", "m-9", "m-10"])
    page.get_by_role("button", name="Endpoint", exact=True).click()
    expect(ids).to_have_text(["m-10", "m-9", "a-1"])
    page.get_by_label("Filter endpoints").fill("m- 10")
    expect(ids).to_have_text(["m-10"])
    expect(page.get_by_text("<i>m-10</i>")).to_be_visible()
    page.get_by_label("Filter endpoints").fill("nothing like it")
    expect(page.get_by_text("No endpoint matches the filter.")).to_be_visible()
    phone = open_page(server, "/endpoints", viewport={"width": 390, "height": 844})
    expect(phone.get_by_role("button", name="Edit m-9")).to_be_in_viewport(ratio=1)
