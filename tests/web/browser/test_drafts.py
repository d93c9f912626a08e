"""What was typed into a dialog is not thrown away unasked."""

from __future__ import annotations

import pytest
from playwright.sync_api import Dialog, expect

from tests.servers.loopback import Server
from tests.web.browser.conftest import Open, Served, saved, two_endpoints

pytestmark = pytest.mark.browser


def test_escape_asks_about_what_was_typed(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    two_endpoints(served.project, openai_server)
    before = saved(served.project)
    page = open_page(served.server, "/endpoints")
    page.get_by_role("button", name="Edit two").click()
    form = page.locator("#endpoint-dialog")
    form.get_by_label("Name").fill("half a na")
    page.keyboard.press("Escape")
    question = page.get_by_role("dialog", name="Discard what you typed?")
    question.get_by_role("button", name="Cancel").click()
    expect(form.get_by_label("Name")).to_have_value("half a na")
    form.get_by_label("Name").press("Escape")
    question.get_by_role("button", name="Discard").click()
    expect(form).to_be_hidden()
    page.get_by_role("button", name="Edit two").click()
    expect(form).to_be_visible()
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()
    assert saved(served.project) == before


def test_leaving_the_page_asks_about_what_was_typed(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    two_endpoints(served.project, openai_server)
    page = open_page(served.server, "/endpoints")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("button", name="Edit two").click()
    form = page.locator("#endpoint-dialog")
    form.get_by_label("Name").fill("Twox")
    page.evaluate("location.assign('/providers')")
    expect(form.get_by_label("Name")).to_have_value("Twox")
    form.get_by_role("button", name="Cancel").click()
    page.evaluate("location.assign('/providers')")
    page.wait_for_url("**/providers")
    assert asked == ["beforeunload"]
