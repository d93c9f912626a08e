"""The playground tells of the superseded copies that an overlay sends along."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.executing import ask
from tests.projects import configure, write_files
from tests.servers.loopback import Server
from tests.web.apis import Running
from tests.web.browser.conftest import Open

pytestmark = pytest.mark.browser


def test_earlier_copies_are_told_before_and_after(
    shop_server: Running, open_page: Open, openai_server: Server, shop: Path
) -> None:
    configure(shop, openai_server.base, cacheStrategy={"layout": "overlay"})
    write_files(shop, {f"lib/{name}.py": f"{name} = 1\n" * 100 for name in "abcdefgh"})
    assert ask(shop, "@lib/ Is it safe?").success
    (shop / "lib/c.py").write_text("c = 2\n")
    page = open_page(shop_server, "/playground")
    page.get_by_label("Prompt").fill("@lib/ And now?")
    preview = page.get_by_role("complementary", name="What goes out")
    expect(preview).to_contain_text("Earlier copies sent along: 1")
    expect(preview.get_by_role("listitem").filter(has_text="lib/c.py")).to_have_count(1)
    page.get_by_label("Prompt").press("Control+Enter")
    usage = page.locator(".answer").first.locator(".usage")
    expect(usage).to_contain_text("1 earlier copy sent along")
