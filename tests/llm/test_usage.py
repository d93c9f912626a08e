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
        pytest.param({}, None, id="empty"),
        pytest.param({"prompt_tokens": 0, "completion_tokens": 0}, None, id="zeros"),
        pytest.param({"completion_tokens": 7}, None, id="no-input"),
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
        pytest.param({"prompt_tokens": "many", "completion_tokens": -3}, None, id="nonsense"),
    ],
)
def test_normalise(raw: Any, expected: Usage | None) -> None:
    assert normalise(raw) == expected


WRITTEN = {"prompt_tokens": 50, "cache_creation_input_tokens": 40}


def split(minutes: int | None, hour: int | None) -> dict[str, Any]:
    """A write of 40 tokens with how many of them live how long, as far as the provider says it."""
    by_lifetime = {"ephemeral_5m_input_tokens": minutes, "ephemeral_1h_input_tokens": hour}
    return {**WRITTEN, "prompt_tokens_details": {"cache_creation_token_details": by_lifetime}}


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        pytest.param(WRITTEN, (0, 40), id="not-split"),
        pytest.param(split(0, 0), (0, 40), id="split-into-nothing"),
        pytest.param(split(None, 40), (0, 40), id="all-of-it"),
        pytest.param(split(40, 0), (40, 0), id="none-of-it"),
        pytest.param(split(30, 10), (30, 10), id="some-of-it"),
        pytest.param(split(None, 10), (0, 40), id="told-in-part"),
        pytest.param(
            {"prompt_tokens": 50, "prompt_tokens_details": {"cache_write_tokens": 40}},
            (0, 40),
            id="openrouter",
        ),
    ],
)
def test_writes_live_for_the_hour_that_was_asked_for(
    raw: dict[str, Any], written: tuple[int, int]
) -> None:
    minutes, hour = written
    expected = Usage(input=10, cache_write_5m=minutes, cache_write_1h=hour)
    assert normalise(raw, "1h") == expected


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
    whole = Usage(input=fresh, cache_read=read, cache_write_5m=written)
    assert whole.total_input == fresh + read + written
    assert usage == (whole if whole.total_input else None)
