"""Pages and dialogs as axe-core sees them, light and dark, on a desk and on a phone.

axe-core comes from npm: `make clients`, or CCW_AXE names its `axe.min.js`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.servers.loopback import Server
from tests.web.browser.conftest import Open, two_endpoints

pytestmark = pytest.mark.browser
INSTALLED = Path(__file__).parents[3] / ".venv/clients/node_modules/axe-core/axe.min.js"
AXE = Path(os.environ.get("CCW_AXE", INSTALLED))
SEEN = ("serious", "critical")
LOOKS = [
    pytest.param({"color_scheme": "light"}, id="light"),
    pytest.param(
        {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}}, id="dark-phone"
    ),
]


def add_provider(page: Page) -> None:
    page.get_by_role("button", name="Add provider").click()
    page.get_by_text("Several keys").click()
    page.get_by_role("button", name="Add key").click()
    page.get_by_text("Advanced settings").click()
    page.get_by_label("Name *").fill("")
    page.get_by_role("button", name="Save", exact=True).click()


def check_connection(page: Page) -> None:
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_role("option").first).to_be_visible()


def delete_provider(page: Page) -> None:
    page.get_by_role("button", name="Delete Loop").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def edit_endpoint(page: Page) -> None:
    page.get_by_role("button", name="Edit two").click()


def edit_cache(page: Page) -> None:
    page.get_by_role("button", name="60 min").first.click()


def ask(page: Page) -> None:
    page.get_by_label("Prompt").fill("@*.md What is this?")
    expect(page.get_by_role("complementary").get_by_role("row")).to_have_count(1)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".usage strong")).to_be_visible()


def open_session(page: Page) -> None:
    page.get_by_text("As numbers").first.click()
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def listed(page: Page) -> None:
    expect(page.locator("tbody tr").first).to_be_visible()


STEPS: list[tuple[str, list[Callable[[Page], None]]]] = [
    ("/providers", [add_provider, check_connection, delete_provider]),
    ("/endpoints", [edit_cache, edit_endpoint]),
    ("/playground", [ask]),
    ("/cache", [open_session]),
    ("/models", [listed]),
    ("/docs", []),
]


@pytest.mark.skipif(
    not AXE.exists() and not os.environ.get("CI"), reason="axe-core is missing: make clients"
)
@pytest.mark.parametrize("look", LOOKS)
def test_nothing_serious_is_found(
    project: Path, serve_project: Any, open_page: Open, openai_server: Server, look: dict[str, Any]
) -> None:
    two_endpoints(project, openai_server)
    (project / "a.md").write_text("# A\n")
    server = serve_project(project)
    page = open_page(server, "/providers", reduced_motion="reduce", **look)
    found = []
    for path, steps in STEPS:
        for step in [lambda page: None, *steps]:
            page.goto(f"{server.url}{path}")
            step(page)
            found += [f"{path} {step.__name__}: {line}" for line in _violations(page)]
    assert found == []


def _violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']} at {node['target']}"
        for violation in result["violations"]
        if violation["impact"] in SEEN
        for node in violation["nodes"]
    ]
