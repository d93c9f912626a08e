"""Pack, separator and prompt as the model gets them."""

from __future__ import annotations

from typing import Any

import pytest

from ccw.llm.messages import build_messages


@pytest.mark.parametrize(
    ("pack", "prompt", "system", "expected"),
    [
        pytest.param(None, "Hi", None, [{"role": "user", "content": "Hi"}], id="prompt-alone"),
        pytest.param("", "Hi", None, [{"role": "user", "content": "Hi"}], id="empty-pack"),
        pytest.param(
            "FILES", "Hi", None, [{"role": "user", "content": "FILES\n\n---\n\nHi"}], id="pack"
        ),
        pytest.param(
            "FILES",
            "Hi",
            "Be brief.",
            [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "FILES\n\n---\n\nHi"},
            ],
            id="system",
        ),
    ],
)
def test_build_messages(
    pack: str | None, prompt: str, system: str | None, expected: list[dict[str, Any]]
) -> None:
    assert build_messages(pack, prompt, system) == expected
