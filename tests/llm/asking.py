"""A request in one line, and the error that it ends in."""

from __future__ import annotations

from typing import Any

import pytest

from ccw.errors import CcwError
from ccw.llm.client import Request, Route, complete

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


def failure(asked: Request) -> CcwError:
    """Return the error that *asked* ends in."""
    with pytest.raises(CcwError) as caught:
        complete(asked)
    return caught.value
