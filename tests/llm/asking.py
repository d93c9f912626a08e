"""A request in one line."""

from __future__ import annotations

from typing import Any

from ccw.llm.client import Request, Route

KEY = "sk-canary-5f3a9c1e7b"
QUESTION = [{"role": "user", "content": "Hi"}]


def request(base: str | None, **options: Any) -> Request:
    """Return a request to *base*; fields of Route and Request may be given by name."""
    route = {"model": "openai/gpt-4o", "provider_name": "my-server", "api_key": KEY}
    for name in (
        "model",
        "provider_name",
        "api_key",
        "api_version",
        "organization",
        "headers",
        "proxy",
    ):
        if name in options:
            route[name] = options.pop(name)
    return Request(
        Route(api_base=base, **route), **{"messages": QUESTION, "max_retries": 0, **options}
    )
