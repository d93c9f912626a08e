"""Pictures of every page on a project made up for that: light and dark, desk and phone.

python -m tests.web.browser.screenshots FOLDER
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from ccw import context_cache
from ccw.history.log import Run, record
from ccw.llm.usage import Usage
from tests.projects import write_config, write_files
from tests.servers import openai_wire
from tests.web.apis import environ, running
from tests.web.browser.conftest import CHROMIUM

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
ANSWER = """The module has **two** weak spots, both in `src/auth/login.ts`:

1. The token never expires.
2. A failed attempt is not counted.

```ts
export const login = (user: User) => issue(user, { expiresIn: "15m" })
```

| file | lines | finding |
| --- | ---: | --- |
| login.ts | 12 | no expiry |
| token.ts | 40 | none |
"""
SOURCE = "export const step = (user: User) => check(user) && issue(user)\n"


def add_provider(page: Page) -> None:
    page.get_by_role("button", name="Add provider").first.click()


def check_connection(page: Page) -> None:
    page.locator("[data-provider=loop]").get_by_role("button", name="Test connection").click()
    page.get_by_role("option").first.wait_for()


def ask(page: Page) -> None:
    page.get_by_label("Prompt").fill("@src/auth/** What are the weak spots?")
    page.locator(".preview tr").first.wait_for()
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator(".usage strong").wait_for()


def listed(page: Page) -> None:
    page.locator("tbody tr").first.wait_for()


def nothing(page: Page) -> None:
    page.wait_for_load_state()


PICTURES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "playground": ("/playground", ask),
    "providers": ("/providers", nothing),
    "provider-dialog": ("/providers", add_provider),
    "connection-dialog": ("/providers", check_connection),
    "endpoints": ("/endpoints", nothing),
    "models": ("/models", listed),
    "cache": ("/cache", nothing),
}


def make_project(project: Path, base: str) -> None:
    """Write files, a configuration and a month of calls."""
    write_files(project, {f"src/auth/{n}.ts": SOURCE * 60 for n in ("login", "token", "audit")})
    loop = {"id": "loop", "name": "House gateway", "type": "litellm", "apiBase": base}
    claude = {"id": "claude", "name": "Anthropic", "type": "anthropic"}
    openai = {"id": "openai", "name": "OpenAI", "type": "openai", "apiKey": "${OPENAI_API_KEY}"}
    endpoints = [
        _endpoint("fast", "loop", "gpt-4o-mini", fallbacks=["careful"]),
        _endpoint("careful", "claude", "claude-sonnet-4-5", description="Reviews and audits"),
        _endpoint("embed", "openai", "text-embedding-3-small", purpose="embedding"),
    ]
    providers = [loop, claude, openai]
    config = {"providers": providers, "endpoints": endpoints, "defaultEndpoint": "fast"}
    write_config(project, config)
    chance = random.Random(3)
    today = datetime.now(UTC)
    for days in range(26):
        for _ in range(chance.randint(0, 6)):
            record(project, _run(today - timedelta(days=days), chance))
    context_cache.pack(project, "@src/**/*.ts", environ=environ())


def _endpoint(name: str, provider: str, model: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "providerId": provider, "model": model, **fields}


def _run(day: datetime, chance: random.Random) -> Run:
    hit = chance.random() < 0.7
    tokens = chance.randint(20_000, 60_000)
    usage = Usage(
        input=chance.randint(500, 4_000),
        cache_read=tokens if hit else 0,
        cache_write_5m=0 if hit else tokens,
        output=chance.randint(100, 900),
    )
    return Run(
        time=day.strftime("%Y-%m-%dT10:00:00.000Z"),
        endpoint="careful",
        provider="anthropic",
        model="claude-sonnet-4-5",
        usage=usage,
        cost=tokens * (3e-7 if hit else 3.75e-6) + usage.output * 15e-6,
        saved=tokens * (2.7e-6 if hit else -0.75e-6),
        local_hit=hit,
        first_difference=None,
        exit_code=0,
        duration_ms=2_000,
        session=None,
    )


def take(browser: Browser, url: str, folder: Path) -> None:
    """Take every picture: on a desk in both colours, on a phone in the light."""
    looks = {"light": ("light", DESK), "dark": ("dark", DESK), "phone": ("light", PHONE)}
    for look, (scheme, viewport) in looks.items():
        for name, (path, step) in PICTURES.items():
            page = browser.new_page(color_scheme=scheme, viewport=viewport, reduced_motion="reduce")
            page.goto(url + path)
            step(page)
            page.wait_for_timeout(200)
            page.screenshot(path=folder / f"{name}-{look}.png")
            page.close()


def main(folder: Path) -> None:
    """Serve the made-up project and write the pictures into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, openai_wire.openai_server() as models:
        os.environ["HOME"] = str(Path(place) / "home")
        project = Path(place) / "shop"
        models.default = openai_wire.say(ANSWER)
        make_project(project, models.base)
        with running(project) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            take(browser, server.url, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
