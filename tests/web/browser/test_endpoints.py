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
