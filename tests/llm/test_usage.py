"""Usage as litellm gives it, for each provider's habits, in parts that never overlap."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.llm.usage import Usage, normalise

ANTHROPIC = {
    "prompt_tokens": 105,
    "completion_tokens": 7,
    "cache_read_input_tokens": 60,
    "cache_creation_input_tokens": 40,
    "prompt_tokens_details": {
        "cached_tokens": 60,
        "cache_creation_tokens": 40,
        "cache_write_tokens": 40,
        "cache_creation_token_details": {
            "ephemeral_5m_input_tokens": 30,
            "ephemeral_1h_input_tokens": 10,
        },
    },
}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(None, None, id="none"),
        pytest.param({}, Usage(), id="empty"),
        pytest.param({"prompt_tokens": 10**400}, None, id="over-all-floats"),
        pytest.param({"prompt_tokens": 5, "completion_tokens": 2**63}, None, id="over-all-tokens"),
        pytest.param(
            {"prompt_tokens": 120, "completion_tokens": 7}, Usage(input=120, output=7), id="plain"
        ),
        pytest.param(
            {
                "prompt_tokens": 120,
                "completion_tokens": 7,
                "prompt_tokens_details": {"cached_tokens": 100},
            },
            Usage(input=20, cache_read=100, output=7),
            id="openai",
        ),
        pytest.param(
            ANTHROPIC,
            Usage(input=5, cache_read=60, cache_write_5m=30, cache_write_1h=10, output=7),
            id="anthropic",
        ),
        pytest.param(
            {"prompt_tokens": 50, "cache_creation_input_tokens": 40, "completion_tokens": None},
            Usage(input=10, cache_write_5m=40),
            id="write-without-lifetime",
        ),
        pytest.param(
            {"prompt_tokens": 120, "cache_read_input_tokens": 100, "prompt_tokens_details": None},
            Usage(input=20, cache_read=100),
            id="gemini-top-level",
        ),
        pytest.param(
            {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 100}},
            Usage(input=0, cache_read=100),
            id="more-cached-than-sent",
        ),
        pytest.param({"prompt_tokens": "many", "completion_tokens": -3}, Usage(), id="nonsense"),
    ],
)
def test_normalise(raw: Any, expected: Usage | None) -> None:
    assert normalise(raw) == expected


def test_objects_count_like_dicts() -> None:
    details = SimpleNamespace(cached_tokens=100)
    raw = SimpleNamespace(prompt_tokens=120, completion_tokens=7, prompt_tokens_details=details)
    assert normalise(raw) == Usage(input=20, cache_read=100, output=7)


@given(fresh=st.integers(0, 10**7), read=st.integers(0, 10**7), written=st.integers(0, 10**7))
def test_parts_make_up_the_whole(fresh: int, read: int, written: int) -> None:
    usage = normalise(
        {
            "prompt_tokens": fresh + read + written,
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": written,
        }
    )
    assert usage == Usage(input=fresh, cache_read=read, cache_write_5m=written)
    assert usage.total_input == fresh + read + written
