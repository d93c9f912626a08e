"""Requests made from the OpenAPI document: no crash, no answer that the document lacks, no key.

Whatever a request changes is undone before the next one, and no connection leaves the machine.
CCW_TEST_EXAMPLES=400 makes so many of each operation, at random.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, checks
from schemathesis.specs.openapi import checks as openapi

from ccw import context_cache
from ccw.web.app import create_app
from ccw.web.serving import listen
from ccw.web.settings import ServeSettings
from tests.canary import CANARY, HEADER, assert_nowhere, configure
from tests.projects import write_files
from tests.servers.openai_wire import openai_server
from tests.web.apis import environ
from tests.web.threads import served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
USUAL = "CCW_TEST_EXAMPLES" not in os.environ
EXAMPLES = 8 if USUAL else int(os.environ["CCW_TEST_EXAMPLES"])
DOCUMENT = create_app(ServeSettings(project=Path("nowhere"))).openapi()
CHECKS = [
    checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
    openapi.unsupported_method,
    openapi.allow_header_conformance,
]
THERE = {
    "provider_id": "p",
    "endpoint_id": "ask",
    "defaultEndpoint": "ask",
    "providerId": "p",
    "model": "ask",
    "endpointId": "ask",
    "mode": "analysis",
    "cd": ".",
    "includeDirs": ["src"],
    "fallbacks": [],
    "patterns": ["README.md"],
}
schema = schemathesis.openapi.from_dict(DOCUMENT)


@schema.parametrize()
@settings(max_examples=EXAMPLES, derandomize=USUAL, suppress_health_check=list(HealthCheck))
def test_every_answer_is_documented(case: Case, send: Callable[[Case], None]) -> None:
    send(case)


@pytest.fixture(scope="module")
def send(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Case], None]]:
    """Send a case to a server whose one provider is on loopback, and check the answer."""
    project, home = (tmp_path_factory.mktemp(name) for name in ("fuzzed", "home"))
    write_files(project)
    variables = {**environ(), "HOME": str(home), "CANARY_HEADER": HEADER}
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with (
        pytest.MonkeyPatch.context() as patched,
        openai_server() as provider,
        served(project, listener, environ=variables),
    ):
        patched.setattr(socket, "getaddrinfo", at_home(socket.getaddrinfo))
        patched.setattr(socket.socket, "connect", near(socket.socket.connect))

        def start_afresh() -> None:
            for folder in (project, home):
                shutil.rmtree(folder / ".ccw", ignore_errors=True)
            configure(project, provider.base, CANARY, defaultEndpoint="ask")

        def send_one(case: Case) -> None:
            start_afresh()
            there: dict[str, Any] = {"baseUrl": provider.root}
            if "session_id" in case.path_parameters:
                kept = context_cache.pack(project, "README.md", environ=variables)
                there["session_id"] = str(kept.session_id)
            aim(case, there)
            answer = case.call_and_validate(base_url=url, checks=CHECKS)
            assert_nowhere(f"{answer.headers}{answer.text}")

        start_afresh()
        asked = httpx.post(
            f"{url}/api/cli/execute", json={"prompt": "hi"}, trust_env=False, timeout=60
        )
        assert "event: done" in asked.text  # else no call would be tried below
        yield send_one


def aim(case: Case, there: dict[str, Any]) -> None:
    """Let every other name in *case*, those of even length, be of something that is there."""
    known = THERE | there
    for part in (case.path_parameters, case.body):
        if isinstance(part, dict):
            for name in known.keys() & part.keys():
                if isinstance(part[name], str | list) and len(part[name]) % 2 == 0:
                    part[name] = known[name]


def at_home(lookup: Callable[..., Any]) -> Callable[..., Any]:
    """Return *lookup* of the names of this machine alone."""

    def guarded(host: Any, *more: Any, **options: Any) -> Any:
        if host not in ("127.0.0.1", "localhost", "::1", None):
            raise socket.gaierror(socket.EAI_NONAME, "no name beyond this machine")
        return lookup(host, *more, **options)

    return guarded


def near(connect: Callable[..., Any]) -> Callable[..., Any]:
    """Return *connect* to the addresses of this machine alone."""

    def guarded(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and not ip_address(address[0]).is_loopback:
            raise ConnectionRefusedError("no address beyond this machine")
        return connect(self, address)

    return guarded
