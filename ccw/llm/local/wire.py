"""Plain requests to a server of the embedded model on loopback."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from typing import Any

from ccw.errors import KeyRefused, ProviderError, TimedOut, Unreachable
from ccw.llm.local.model import LocalServer


def ask(
    server: LocalServer, method: str, path: str, body: object = None, *, timeout: float = 60.0
) -> Any:
    """Send one authenticated request and return the answer's JSON; *timeout* in seconds."""
    where = f"the embedded model's server at port {server.port}"
    try:
        status, text = _exchange(server, method, path, body, timeout)
    except TimeoutError:
        raise TimedOut(f"{where} did not answer in {timeout:g} s; type: ccw local status") from None
    except (OSError, HTTPException):
        raise Unreachable(f"{where} does not answer; type: ccw local status") from None
    if status == 401:
        raise KeyRefused(f"{where} is not ours: it refuses our key; type: ccw local status")
    if status != 200:
        raise ProviderError(f"{where} answered {status} to {path}")
    return json.loads(text)


def _exchange(
    server: LocalServer, method: str, path: str, body: object, timeout: float
) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=timeout)
    headers = {"Authorization": f"Bearer {server.api_key}", "Content-Type": "application/json"}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
