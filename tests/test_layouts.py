"""Layouts as a model meets them: what the second question sends after an edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.executing import ask
from tests.projects import write_config, write_files
from tests.servers.loopback import Server

SEPARATOR = "\n\n---\n\n"
FILES = {f"{name}.txt": f"{name} is a line of words\n" * 30 for name in "abcd"}
WINDOW = {"wide": 1_000_000, "narrow": 1400}  # tokens


def configure_layout(project: Path, server: Server, layout: str, window: str = "wide") -> None:
    models = [{"id": "m", "contextWindow": WINDOW[window]}]
    provider = {"id": "p", "name": "P", "type": "custom", "apiBase": server.base, "models": models}
    endpoint = {"id": "e", "name": "E", "providerId": "p", "model": "m"}
    write_config(
        project,
        {
            "providers": [provider],
            "endpoints": [{**endpoint, "cacheStrategy": {"layout": layout}}],
            "defaultEndpoint": "e",
        },
    )


def sent_pack(server: Server) -> str:
    content = server.posts[-1].json["messages"][-1]["content"]
    assert isinstance(content, str)
    return content.rpartition(SEPARATOR)[0]


def paths(pack: str) -> list[str]:
    return [line[3:8] for line in pack.split("\n") if line.startswith("```") and line != "```"]


@pytest.mark.parametrize(
    ("layout", "window", "expected"),
    [
        ("path", "wide", ["a.txt", "b.txt", "c.txt", "d.txt"]),
        ("stable", "wide", ["a.txt", "c.txt", "d.txt", "b.txt"]),
        ("overlay", "wide", ["a.txt", "b.txt", "c.txt", "d.txt", "b.txt"]),
        pytest.param(
            *("overlay", "narrow", ["a.txt", "c.txt", "d.txt", "b.txt"]),
            id="overlay-without-room-in-the-models-window",
        ),
    ],
)
def test_the_second_question_after_an_edit(
    project: Path, openai_server: Server, layout: str, window: str, expected: list[str]
) -> None:
    write_files(project, FILES)
    configure_layout(project, openai_server, layout, window)
    assert ask(project, "@*.txt Who?").success
    first = sent_pack(openai_server)
    (project / "b.txt").write_text("an edited line\n" * 40)
    result = ask(project, "@*.txt Why?")
    second = sent_pack(openai_server)
    assert paths(second) == expected
    assert sorted(result.cached_files) == sorted(FILES)
    if layout == "overlay" and window == "wide":
        assert second.startswith(first)
        assert second.endswith("\n```\n\nReplaced, only the last copy counts:\n- b.txt")


def test_without_the_cache_there_is_no_memory(project: Path, openai_server: Server) -> None:
    write_files(project, FILES)
    configure_layout(project, openai_server, "stable")
    ask(project, "@*.txt Who?", enable_cache=False)
    (project / "b.txt").write_text("edited\n")
    ask(project, "@*.txt Who?", enable_cache=False)
    assert paths(sent_pack(openai_server)) == ["a.txt", "b.txt", "c.txt", "d.txt"]


def test_other_standard_input_keeps_the_order(project: Path, openai_server: Server) -> None:
    write_files(project, FILES)
    configure_layout(project, openai_server, "overlay")
    ask(project, "@*.txt Why?", context_text="one diff")
    first = sent_pack(openai_server).partition("\n\n```<stdin>")[0]
    (project / "b.txt").write_text("edited\n")
    ask(project, "@*.txt Why?", context_text="another diff")
    assert sent_pack(openai_server).startswith(first)
    assert paths(sent_pack(openai_server))[-2:] == ["b.txt", "<stdi"]
