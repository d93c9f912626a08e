"""The playground: from an `@` to a streamed answer, stopped, repeated, failed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.projects import write_config
from tests.servers import openai_wire
from tests.servers.loopback import Server
from tests.web.apis import Running
from tests.web.browser.conftest import Open, Served, saved, two_endpoints

pytestmark = pytest.mark.browser
MARKDOWN = """## Title

Some **bold**, `code` and <img src=x onerror=alert(1)>

- first
- [second](javascript:alert(1)) and [third](https://example.org/x)

```html
<script>alert(1)</script>
```

| a | b |
| --- | --: |
| 1 | 2 |
"""


def test_from_an_at_sign_to_a_streamed_answer(
    shop_server: Running, open_page: Open, openai_server: Server, shop: Path
) -> None:
    openai_server.default = openai_wire.say(MARKDOWN)
    page = open_page(shop_server, "/playground")
    prompt = page.get_by_label("Prompt")
    prompt.press_sequentially("@sr")
    expect(page.get_by_role("option", name="src/")).to_be_visible()
    prompt.press("Enter")
    offered = page.get_by_role("listbox", name="Paths").get_by_role("option")
    expect(offered).to_have_text(["src/auth/folder", "src/middleware/folder"])
    prompt.press("ArrowDown")
    prompt.press("Tab")
    expect(page.get_by_role("option", name="src/middleware/auth.ts")).to_be_visible()
    prompt.press("Enter")
    expect(prompt).to_have_value("@src/middleware/auth.ts ")
    prompt.press_sequentially("Is it safe?")
    preview = page.get_by_role("complementary", name="What goes out")
    expect(preview.get_by_role("row")).to_have_count(1)
    expect(preview.get_by_role("row")).to_contain_text("src/middleware/auth.ts")
    expect(preview).to_contain_text("window of 128,000 tokens")
    expect(preview).to_contain_text("at most $0.17 in all")  # 0.164, rounded up
    assert openai_server.posts == []
    prompt.press("Control+Enter")
    answer = page.locator(".answer").first
    expect(answer.locator(".usage")).to_contain_text("120 tokens in")
    expect(answer.locator(".usage")).to_contain_text("100 from the provider's cache")
    expect(answer.get_by_role("heading", name="Title")).to_be_visible()
    expect(answer.locator("strong", has_text="bold")).to_be_visible()
    expect(answer.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    expect(answer.get_by_text("[second](javascript:alert(1))")).to_be_visible()
    expect(answer.get_by_role("link")).to_have_attribute("href", "https://example.org/x")
    expect(answer.locator("pre")).to_have_text("<script>alert(1)</script>")
    expect(answer.get_by_role("cell", name="2")).to_have_class("right")
    assert page.locator(".answer :is(img, script)").count() == 0
    sent = openai_server.posts[0].json["messages"][0]["content"]
    assert "export const check = true" in str(sent)
    answer.get_by_role("button", name="Repeat").click()
    expect(page.locator(".answer")).to_have_count(2)
    expect(page.locator(".answer .usage").first).to_contain_text("1 file reused")
    page.goto(f"{shop_server.url}/cache")
    expect(page.get_by_role("row", name="@src/middleware/auth.ts")).to_be_visible()
    expect(page.get_by_role("img", name="Input tokens")).to_be_visible()
    page.get_by_text("As numbers").first.click()
    expect(page.get_by_role("row", name="200 0 40")).to_be_visible()


def test_a_call_can_be_stopped(
    shop_server: Running, open_page: Open, openai_server: Server
) -> None:
    openai_server.default = openai_wire.stall("It began ", 20)
    page = open_page(shop_server, "/playground")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.get_by_label("Prompt").fill("Go on for ever")
    page.get_by_role("button", name="Ask", exact=True).click()
    answer = page.locator(".answer")
    expect(answer.get_by_text("It began")).to_be_visible()
    expect(answer.get_by_role("button", name="Copy")).to_be_hidden()  # as without HTTPS
    page.get_by_role("button", name="Stop").click()
    expect(answer.locator(".usage")).to_have_text("Stopped. What had arrived is above.")
    assert openai_server.posts[0].client_left.wait(5)
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_enabled()
    openai_server.default = openai_wire.slow_headers(20)
    page.get_by_role("button", name="Repeat").click()
    page.get_by_role("button", name="Stop").click()
    expect(answer.first.locator(".usage")).to_have_text("Stopped before anything arrived.")


def test_a_fallback_that_answers_is_told_with_its_reason(
    served: Served, open_page: Open, openai_server: Server
) -> None:
    openai_server.models["gpt-4o-mini"] = openai_wire.status(401)
    two_endpoints(served.project, openai_server)
    config = saved(served.project)
    config["providers"].append({**config["providers"][0], "id": "other", "name": "Other"})
    config["endpoints"][1]["providerId"] = "other"
    write_config(served.project, config)
    page = open_page(served.server, "/playground")
    page.get_by_label("Endpoint").select_option("two")
    page.get_by_label("Prompt").fill("Hello?")
    page.get_by_role("button", name="Ask", exact=True).click()
    usage = page.locator(".answer .usage")
    expect(usage).to_contain_text("via one (fallback: other was refused)")
    page.get_by_role("button", name="Repeat").click()
    expect(page.locator(".answer")).to_have_count(2)
    expect(usage.first).to_contain_text("via one (fallback")
    expect(page.locator(".answer .note")).to_contain_text("endpoint two is passed over")
    page.get_by_role("link", name="Providers").click()
    expect(page.get_by_role("heading", name="Providers")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Prompt")).to_have_value("Hello?")
    expect(page.locator(".preview")).to_contain_text("the prompt goes out alone")


def test_a_server_that_ends_while_it_answers(
    shop_server: Running, open_page: Open, openai_server: Server
) -> None:
    openai_server.default = openai_wire.stall("It began ", 20)
    page = open_page(shop_server, "/playground")
    page.get_by_label("Prompt").fill("Go on for ever")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".answer").get_by_text("It began")).to_be_visible()
    shop_server.process.kill()
    expect(page.locator(".answer").get_by_role("alert")).to_contain_text("The server broke off")
    page.get_by_role("button", name="Repeat").click()
    expect(page.locator(".answer").first).to_contain_text("The server does not answer")


@pytest.mark.model
def test_the_embedded_model_answers(
    project: Path, local_home: Path, serve_project: Callable[..., Running], open_page: Open
) -> None:
    provider = {"id": "own", "name": "Embedded", "type": "local"}
    endpoint = {"id": "small", "name": "Small", "providerId": "own", "model": "smollm2"}
    params = {"maxTokens": 8, "temperature": 0}
    write_config(
        project,
        {
            "providers": [provider],
            "endpoints": [{**endpoint, "params": params}],
            "defaultEndpoint": "small",
        },
    )
    (project / "a.md").write_text("The answer is 42.\n")
    server = serve_project(project, CCW_HOME=str(local_home), CCW_LOCAL_THREADS="1")
    page = open_page(server, "/playground")
    page.get_by_label("Prompt").fill("@a.md What is the answer?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".answer .usage")).to_contain_text("smollm2", timeout=60_000)
    expect(page.locator(".answer .usage")).to_contain_text("$0")
    assert page.locator(".answer .markdown").inner_text().strip()


@pytest.mark.parametrize(
    ("prompt", "preview", "failure"),
    [
        pytest.param("@nowhere/*.py what?", "matches no file", "matches no file", id="no-file"),
        pytest.param("@/etc/passwd", "outside the project", "outside the project", id="out"),
        pytest.param("Hello?", "the prompt goes out alone", "the server says no", id="refused"),
    ],
)
def test_what_cannot_be_asked_says_why(
    shop_server: Running,
    open_page: Open,
    openai_server: Server,
    prompt: str,
    preview: str,
    failure: str,
) -> None:
    openai_server.default = openai_wire.status(400)
    page = open_page(shop_server, "/playground")
    page.get_by_label("Prompt").fill(prompt)
    expect(page.locator(".preview")).to_contain_text(preview)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".answer").get_by_role("alert")).to_contain_text(failure)


@pytest.mark.parametrize("path", ["/playground", "/providers", "/endpoints", "/cache", "/models"])
def test_an_empty_project_says_what_to_do_next(served: Served, open_page: Open, path: str) -> None:
    page = open_page(
        served.server, path, viewport={"width": 390, "height": 844}, color_scheme="dark"
    )
    expect(page.locator(".empty :is(a, button).primary")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_token_is_taken_from_the_address_once(
    shop: Path, serve_project: Callable[..., Running], open_page: Open
) -> None:
    token = "a-token-long-enough"
    server = serve_project(shop, CCW_TOKEN=token)
    page = open_page(server, f"/#token={token}")
    expect(page.get_by_role("heading", name="Playground")).to_be_visible()
    assert token not in page.url
    other = open_page(server, "/endpoints")
    other.get_by_label("Token").fill("wrong")
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_text("this is not the token of this server")).to_be_visible()
    other.get_by_label("Token").fill(token)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", name="Endpoints")).to_be_visible()
    other.wait_for_load_state()
    other.context.clear_cookies()  # as when the server has started anew
    other.get_by_role("button", name="Edit ask").click()
    expect(other.get_by_label("Token", exact=True)).to_be_visible()
