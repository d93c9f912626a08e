"""Whether a call was sent is known for each type of provider."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ccw.execution.planning import make_plan
from ccw.execution.routes import open_route
from ccw.execution.sending import request_of
from ccw.llm.call.attempt import WATCHED
from ccw.llm.client import complete
from tests.servers.loopback import Server
from tests.wire.endpoints import MODELS, configure, options


@pytest.mark.parametrize("kind", MODELS)
def test_it_is_told_before_it_comes(project: Path, server: Server, kind: str) -> None:
    """Twice where it is not known before that the library calls through the client it is given."""
    configure(project, server, kind)
    environ, told = {"HOME": os.environ["HOME"]}, []
    asked = options(project, stream=kind == "groq")
    plan = make_plan(asked, environ, 0.0)
    with open_route(plan, plan.key.key, environ) as route:
        request = request_of(plan, asked, route)
        complete(replace(request, on_send=lambda: told.append(len(server.posts))))
    known = route.model.partition("/")[0] in WATCHED
    assert told[:2] == ([0] if known else [0, 0])
