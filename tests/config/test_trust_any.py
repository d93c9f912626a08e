"""Whatever a configuration holds: more of it never asks for less, and no value shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ccw.config.references import project_environ
from ccw.config.trust.showing import described, harmless
from ccw.config.trust.wishes import Wish, wishes, wishes_of_provider
from tests.config.trusting import CANARY, KEY, SECRET, config_of, provider

PARTS = st.sampled_from([KEY, SECRET, "${A:-b}", "${file:/etc/x}", "${cmd:id}", "k", "", "${"])
BASES = st.sampled_from(
    [
        "https://evil.example",
        "http://localhost:1",
        "${GW}",
        "https://${A}.x",
        "${A:-http://b}",
        None,
    ]
)
PROVIDERS = st.builds(
    lambda kind, key, base, proxy, header: provider(
        type=kind,
        apiKey=key,
        apiBase=base,
        advancedSettings={"proxy": proxy, "customHeaders": {"X": header}},
    ),
    st.sampled_from(["openai", "custom", "litellm", "azure", "bedrock", "foo"]),
    PARTS,
    BASES,
    BASES,
    PARTS,
)


@given(st.lists(PROVIDERS, max_size=4), PROVIDERS)
def test_a_further_provider_takes_no_wish_away(before: list[Any], further: Any) -> None:
    environ = project_environ(Path("/nonexistent/project"), {"OPENAI_API_KEY": CANARY, "A": CANARY})
    old, new = wishes(config_of(*before), environ), wishes(config_of(*before, further), environ)
    assert old <= new
    assert new - old <= wishes_of_provider(further, environ)
    assert CANARY not in repr(new)


@given(st.text(), st.text())
def test_a_wish_is_one_line_that_no_terminal_obeys(what: str, where: str) -> None:
    line = described(Wish("command", what, where))
    assert line.isprintable()
    assert harmless(line) == line
