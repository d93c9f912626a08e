"""Where models are listed, for every shape of a base."""

from __future__ import annotations

import pytest

from ccw.llm.gateway.addresses import has_version, models_url, other_bases, root_of, with_query


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("http://h:4000", "http://h:4000/v1/models"),
        ("http://h:4000/", "http://h:4000/v1/models"),
        ("http://h:4000/v1", "http://h:4000/v1/models"),
        ("http://h:4000/v1///", "http://h:4000/v1/models"),
        ("http://H.Example/V1", "http://H.Example/V1/models"),
        ("https://h/v2", "https://h/v2/models"),
        ("https://api.z.ai/api/paas/v4", "https://api.z.ai/api/paas/v4/models"),
        ("https://api.groq.com/openai/v1", "https://api.groq.com/openai/v1/models"),
        ("https://g/v1beta/openai", "https://g/v1beta/openai/models"),
        ("https://api.deepseek.com/beta", "https://api.deepseek.com/models"),
        ("http://h/team/gateway", "http://h/team/gateway/v1/models"),
        ("http://h/v1?tenant=7", "http://h/v1/models?tenant=7"),
        ("http://h?tenant=7", "http://h/v1/models?tenant=7"),
        ("http://h/v1#part", "http://h/v1/models"),
        ("http://[::1]:4000", "http://[::1]:4000/v1/models"),
        ("http://h/visual", "http://h/visual/v1/models"),
    ],
)
def test_models_url(base: str, expected: str) -> None:
    assert models_url(base) == expected


@pytest.mark.parametrize(
    ("base", "root", "versioned"),
    [
        ("http://h/v1", "http://h", True),
        ("http://h/a/v1beta/?x=1", "http://h/a", True),
        ("http://[::1]:1/", "http://[::1]:1", False),
    ],
)
def test_root(base: str, root: str, versioned: bool) -> None:
    assert (root_of(base), has_version(base)) == (root, versioned)


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("http://h", ("http://h/api/v1", "http://h/openai/v1")),
        ("http://h/v1", ("http://h/api/v1", "http://h/openai/v1")),
        ("http://h/v1/v1", ("http://h/v1", "http://h/api/v1", "http://h/openai/v1")),
        ("http://h/a/v1", ("http://h/v1", "http://h/api/v1", "http://h/openai/v1")),
        ("http://h/v1/chat", ("http://h/v1", "http://h/api/v1", "http://h/openai/v1")),
    ],
)
def test_other_bases_are_asked_elsewhere(base: str, expected: tuple[str, ...]) -> None:
    assert other_bases(base) == expected


def test_with_query() -> None:
    assert with_query("http://h/m?a=1", after="x&y", n=2) == "http://h/m?a=1&after=x%26y&n=2"
