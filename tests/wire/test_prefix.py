"""The prefix on the wire stays as it is from call to call, and what it saved is read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers.any_wire import joined, sent
from tests.servers.loopback import Server
from tests.servers.openai_wire import say
from tests.wire.endpoints import OPENAI_USAGE, USAGE, ask, configure


@pytest.mark.parametrize("kind", ["anthropic", "openai", "google", "bedrock", "custom"])
def test_another_question_is_the_same_bytes_up_to_it(
    project: Path, server: Server, kind: str
) -> None:
    configure(project, server, kind)
    for question in ("@*.txt Who?", "@*.txt Why?"):
        ask(project, question, stream=False)
    first, second = (sent(request) for request in server.posts)
    assert first[:-1] == second[:-1]
    assert joined(first).removesuffix("Who?") == joined(second).removesuffix("Why?")
    keys = {request.json.get("prompt_cache_key") for request in server.posts}
    assert len(keys) == 1
    bodies = [request.body.partition(b"@*.txt") for request in server.posts]
    assert bodies[0][0] == bodies[1][0], "byte for byte, as it is sent"


@pytest.mark.parametrize("layout", ["path", "stable", "overlay"])
@pytest.mark.parametrize("kind", ["anthropic", "openai", "google"])
def test_an_edit_leaves_the_bytes_before_it(
    project: Path, server: Server, kind: str, layout: str
) -> None:
    configure(project, server, kind, layout=layout)
    ask(project, stream=False)
    (project / "f13.txt").write_text("edited\n")
    ask(project, stream=False)
    first, second = (joined(sent(request)) for request in server.posts)
    place = first.index("```f13.txt")
    assert first != second
    assert first[:place] == second[:place]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("kind", ["anthropic", "google", "openai"])
def test_usage_is_read_back(project: Path, server: Server, kind: str, stream: bool) -> None:
    configure(project, server, kind)
    assert ask(project, stream=stream).usage == USAGE.get(kind, OPENAI_USAGE)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    "usage",
    [
        pytest.param({}, id="empty"),
        pytest.param({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, id="zeros"),
        pytest.param(None, id="none"),
    ],
)
def test_a_usage_that_says_nothing_is_unknown(
    project: Path, server: Server, stream: bool, usage: dict[str, int] | None
) -> None:
    configure(project, server, "openai")
    server.will(say(usage=usage))
    result = ask(project, stream=stream)
    assert (result.usage, result.cost, result.saved) == (None, None, None)
