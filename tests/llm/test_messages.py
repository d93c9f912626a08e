"""Pack, separator and prompt as the model gets them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.llm.marks import Caching
from ccw.llm.messages import build_messages, user_content

SYSTEM = {"role": "system", "content": "Be brief."}
FIVE = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}
ASKED = "\n\n---\n\nHi"


def part(text: str, control: dict[str, str] | None = None) -> dict[str, Any]:
    return {"type": "text", "text": text} | ({"cache_control": control} if control else {})


def user(content: object) -> list[dict[str, Any]]:
    return [{"role": "user", "content": content}]


@pytest.mark.parametrize(
    ("pack", "prompt", "system", "expected"),
    [
        pytest.param(None, "Hi", None, user("Hi"), id="prompt-alone"),
        pytest.param("", "Hi", None, user("Hi"), id="empty-pack"),
        pytest.param("FILES", "Hi", None, user("FILES\n\n---\n\nHi"), id="pack"),
        pytest.param(
            "FILES", "Hi", "Be brief.", [SYSTEM, *user("FILES\n\n---\n\nHi")], id="system"
        ),
    ],
)
def test_without_marks(
    pack: str | None, prompt: str, system: str | None, expected: list[dict[str, Any]]
) -> None:
    assert build_messages(pack, prompt, system) == expected


@pytest.mark.parametrize(
    ("caching", "expected"),
    [
        pytest.param(Caching((10,)), [part("ONE\n\nTWÖ\n", FIVE), part(ASKED)], id="end"),
        pytest.param(
            Caching((5, 10)), [part("ONE\n\n", FIVE), part("TWÖ\n", FIVE), part(ASKED)], id="two"
        ),
        pytest.param(Caching((5,)), [part("ONE\n\n", FIVE), part(f"TWÖ\n{ASKED}")], id="prefix"),
        pytest.param(Caching((10,), "1h"), [part("ONE\n\nTWÖ\n", HOUR), part(ASKED)], id="an-hour"),
        pytest.param(
            Caching((0, 5, 5, 99)), [part("ONE\n\n", FIVE), part(f"TWÖ\n{ASKED}")], id="no-empty"
        ),
        pytest.param(
            Caching((10,), cuts=(5, 10)),
            [part("ONE\n\n"), part("TWÖ\n", FIVE), part(ASKED)],
            id="cut-without-a-mark",
        ),
        pytest.param(Caching((0, 99)), f"ONE\n\nTWÖ\n{ASKED}", id="none-left"),
        pytest.param(Caching(key="ccw-1"), f"ONE\n\nTWÖ\n{ASKED}", id="key-alone"),
    ],
)
def test_marks_cut_the_pack(caching: Caching, expected: object) -> None:
    assert build_messages("ONE\n\nTWÖ\n", "Hi", None, caching) == user(expected)


def test_a_prompt_without_files_has_nothing_to_mark() -> None:
    assert build_messages(None, "Hi", None, Caching((5,))) == user("Hi")


@given(pack=st.text(min_size=1), prompt=st.text(), cuts=st.sets(st.integers(0, 60), max_size=4))
def test_the_parts_add_up_to_the_plain_string(pack: str, prompt: str, cuts: set[int]) -> None:
    marks = tuple(sorted(len(pack[:cut].encode()) for cut in cuts))
    (message,) = build_messages(pack, prompt, None, Caching(marks))
    content = message["content"]
    parts = [part(content)] if isinstance(content, str) else content
    assert "".join(piece["text"] for piece in parts) == user_content(pack, prompt)
    assert all(piece["text"] for piece in parts)
