"""The pages of the cache and of the models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from ccw import context_cache
from tests.servers import openai_wire
from tests.servers.loopback import Exchange, Server
from tests.web.apis import Running, environ
from tests.web.browser.conftest import Open, Served, saved, two_endpoints

pytestmark = pytest.mark.browser


def test_sessions_are_opened_released_and_cleared(
    shop: Path, shop_server: Running, open_page: Open
) -> None:
    (shop / "<b>bold.md").write_text("<script>alert(1)</script>\n" * 4000)
    for pattern in ("src/**", "README.md", "*.md"):
        context_cache.pack(shop, pattern, environ=environ())
    page = open_page(shop_server, "/cache")
    row = page.get_by_role("row", name="@*.md")
    expect(row.locator("time").last).to_have_text("60 min")
    row.get_by_role("button", name="Open").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("pre")).to_contain_text("<script>alert(1)</script>")
    dialog.get_by_text("2 files, in the order of the pack").click()
    expect(dialog.get_by_text("<b>bold.md", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="Show more (").click()
    expect(dialog.get_by_role("button", name="Show more (")).to_have_count(0)
    dialog.get_by_role("button", name="Close").last.click()
    row.get_by_role("button", name="Release").click()
    page.get_by_role("dialog").get_by_role("button", name="Release").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Clear all").click()
    page.get_by_role("dialog").get_by_role("button", name="Clear all").click()
    expect(page.get_by_text("Removed 2 sessions")).to_be_visible()
    expect(page.get_by_text("Nothing is kept now")).to_be_visible()
    assert context_cache.status(shop, environ=environ()).entries == 0
    page.get_by_label("Largest size in all, MB").fill("200")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("of 200 MB")).to_be_visible()
    config = saved(shop)
    assert config["globalCacheSettings"]["maxTotalSizeMB"] == 200


def many(exchange: Exchange) -> None:
    data = [{"id": f"maker/model-{n}-<i>", "object": "model"} for n in range(5000)]
    exchange.whole(200, json.dumps({"object": "list", "data": data}).encode(), openai_wire.JSON)


def test_five_thousand_models_sorted_filtered_and_asked_for_anew(
    project: Path, serve_project: Any, open_page: Open, openai_server: Server
) -> None:
    two_endpoints(project, openai_server, name="<b>Loop</b>")
    openai_server.default = many
    page = open_page(serve_project(project), "/models")
    expect(page.get_by_text("5,000 models, asked just now")).to_be_visible()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(100)
    page.get_by_role("button", name="Show 100 more of 5000").click()
    expect(rows).to_have_count(200)
    page.get_by_label("Filter models").fill("model-4999")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("maker/model-4999-<i>")
    page.get_by_label("Filter models").fill("")
    model = page.get_by_role("button", name="Model", exact=True)
    model.click()
    model.click()
    expect(rows.first).to_contain_text("maker/model-4999-<i>")
    openai_server.default = openai_wire.status(500)
    page.get_by_role("button", name="Refresh all").click()
    expect(page.get_by_text("Could not fetch models")).to_be_visible()
    expect(page.get_by_text("5,000 models, old: asked")).to_be_visible()


def test_a_phone_shows_the_prices_and_leads_to_the_api(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    two_endpoints(served.project, openai_server, type="openai", apiKey="${LOOP_KEY}")
    page = open_page(served.server, "/models", viewport={"width": 390, "height": 844})
    expect(page.get_by_text("$2.50").first).to_be_in_viewport(ratio=1)
    page.get_by_role("link", name="HTTP API").click()
    expect(page.get_by_role("heading", name="HTTP API")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
