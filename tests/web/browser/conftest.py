"""A real Chromium on a real server; every page is watched for what must not happen."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.projects import CONFIG, write_config
from tests.servers.loopback import Server
from tests.web.apis import Running, running

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TIMEOUT = 10_000  # milliseconds
EXPECTED = "Failed to load resource: "  # the browser's own words for an answer that was refused
expect.set_options(timeout=TIMEOUT)
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a file; Playwright's event loop must not outlive them."""
    if CHROMIUM is None and not os.environ.get("CI"):
        pytest.skip("there is no chromium on this machine")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


class Served(NamedTuple):
    """A server and the project that it serves."""

    server: Running
    project: Path


class Watch:
    """What a page must not do: fail, break the policy, or talk to another host."""

    def __init__(self, page: Page, port: int) -> None:
        self.problems: list[str] = []
        self.own = f"127.0.0.1:{port}"
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("console", self.console)
        page.on("request", self.request)

    def console(self, message: Any) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(EXPECTED):
            self.problems.append(f"{message.type}: {message.text}")

    def request(self, request: Any) -> None:
        if urlsplit(request.url).netloc != self.own:
            self.problems.append(f"request: {request.url}")


@pytest.fixture
def serve_project() -> Iterator[Callable[..., Running]]:
    """Run `ccw serve` on a project until the test ends."""
    open_ones = []

    def start(project: Path, *arguments: str, **variables: str) -> Running:
        context = running(project, *arguments, **variables)
        server = context.__enter__()
        open_ones.append(context)
        return server

    yield start
    for context in open_ones:
        context.__exit__(None, None, None)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Open a page of a server; what it must not do is looked at when the test has ended."""
    contexts, watches = [], []

    def open_at(server: Running, path: str, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(TIMEOUT)
        page = context.new_page()
        contexts.append(context)
        watches.append(Watch(page, server.port))
        page.goto(f"{server.url}{path}")
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert [problem for watch in watches for problem in watch.problems] == []


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One `ccw serve` for the tests of a file: what it imports for calls takes seconds each."""
    project = tmp_path_factory.mktemp("shared")
    home = str(tmp_path_factory.mktemp("home"))  # tests have a home of their own, modules none
    with running(project, HOME=home, LOOP_KEY="sk-loop-0123456789") as server:
        yield Served(server, project)


@pytest.fixture
def served(shared: Served) -> Served:
    """A server on a project without configuration and history; its environment has a key."""
    shutil.rmtree(shared.project / ".ccw", ignore_errors=True)
    (shared.project / CONFIG).parent.mkdir(parents=True)
    return shared


@pytest.fixture
def shop_server(shop: Path, serve_project: Callable[..., Running]) -> Running:
    """`ccw serve` on a project whose endpoint `ask` is on loopback."""
    return serve_project(shop)


def two_endpoints(project: Path, server: Server, **provider: Any) -> None:
    """Configure the endpoints `one` and `two` (falls back to `one`) of the provider `loop`."""
    given = {"id": "loop", "name": "Loop", "type": "custom", "apiBase": server.base, **provider}
    one = {"id": "one", "name": "One", "providerId": "loop", "model": "gpt-4o"}
    two = {"id": "two", "name": "Two", "providerId": "loop", "model": "gpt-4o-mini"}
    endpoints = [one, {**two, "fallbacks": ["one"]}]
    config = {"providers": [given], "endpoints": endpoints, "defaultEndpoint": "one"}
    write_config(project, config)


def saved(project: Path) -> Any:
    """The configuration as it is on disk."""
    return json.loads((project / CONFIG).read_text())
