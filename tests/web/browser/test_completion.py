"""Paths offered in the prompt: quoted where that is needed, closed when the caret moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.projects import write_files
from tests.web.apis import Running
from tests.web.browser.conftest import Open

pytestmark = pytest.mark.browser


def test_a_path_with_spaces_is_quoted(shop: Path, shop_server: Running, open_page: Open) -> None:
    write_files(shop, {"my notes/a b.md": "# Notes"})
    page = open_page(shop_server, "/playground")
    prompt = page.get_by_label("Prompt")
    for typed in ("Read (@my", "a"):
        prompt.press_sequentially(typed)
        expect(page.get_by_role("listbox", name="Paths").get_by_role("option")).to_have_count(1)
        prompt.press("Enter")
    expect(prompt).to_have_value('Read (@"my notes/a b.md" ')
    expect(page.locator(".preview")).to_contain_text("my notes/a b.md")
    prompt.fill("")
    expect(page.locator(".preview")).to_contain_text("Type a prompt")
    expect(page.locator(".preview .state")).to_have_count(0)


def test_names_with_signs_of_patterns_are_completed(
    shop: Path, shop_server: Running, open_page: Open
) -> None:
    names = ["app/[slug]/page.tsx", 'q/we"ird.txt', "r/we'x\"y.txt"]
    write_files(shop, dict.fromkeys(names, "text"))
    page = open_page(shop_server, "/playground")
    prompt = page.get_by_label("Prompt")
    options = page.get_by_role("listbox", name="Paths").get_by_role("option")
    for name in names:
        prompt.press_sequentially(f"@{name[:2]}")
        for shown in ["app/", "app/[slug]/", name] if name.startswith("app") else [name]:
            expect(options.first).to_contain_text(shown)
            prompt.press("Enter")
    expect(prompt).to_have_value("@app/[slug]/page.tsx @'q/we\"ird.txt' @\"r/we'x?y.txt\" ")
    expect(page.locator(".preview").get_by_role("row")).to_have_count(3)


def test_moving_the_caret_closes_what_is_offered(shop_server: Running, open_page: Open) -> None:
    page = open_page(shop_server, "/playground")
    prompt = page.get_by_label("Prompt")
    options = page.get_by_role("listbox", name="Paths").get_by_role("option")
    for key in ("Home", "ArrowLeft"):
        prompt.fill("")
        prompt.press_sequentially("@sr")
        expect(options).to_have_count(1)
        prompt.press(key)
        expect(options).to_have_count(0)
    prompt.press("Enter")
    expect(prompt).to_have_value("@s\nr")
    prompt.fill("")
    prompt.press_sequentially("@sr")
    expect(options).to_have_count(1)
    prompt.press("Shift+Tab")
    expect(page.get_by_label("Endpoint")).to_be_focused()
    expect(prompt).to_have_value("@sr")
