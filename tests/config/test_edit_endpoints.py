"""Edits of endpoints, and where the default endpoint goes when they are made."""

from __future__ import annotations

from typing import Any

import pytest

from ccw.config import edit
from ccw.config.models import LiteLLMApiConfig
from ccw.config.views import written
from ccw.errors import AlreadyExists, CcwError, InvalidValue, NotFound
from tests.config.editing import LATER, LATER_TEXT, NOW, NOW_TEXT, config, endpoint


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda c: edit.update_endpoint(c, "no", {}, NOW), id="update"),
        pytest.param(lambda c: edit.remove_endpoint(c, "no"), id="remove"),
        pytest.param(lambda c: edit.set_default_endpoint(c, "no"), id="default"),
    ],
)
def test_endpoint_not_found(call: Any) -> None:
    with pytest.raises(NotFound, match=r"^Endpoint not found: no$"):
        call(config())


def test_add_endpoint() -> None:
    data = {"id": "e", "provider_id": "p", "model": "m", "cache_strategy": {"ttl_minutes": 5}}
    after, added = edit.add_endpoint(config(), data, NOW)
    assert written(added) == {
        "id": "e",
        "name": "e",
        "providerId": "p",
        "model": "m",
        "cacheStrategy": {"ttlMinutes": 5},
        "enabled": True,
        "createdAt": NOW_TEXT,
        "updatedAt": NOW_TEXT,
    }
    assert after.default_endpoint == "e"


@pytest.mark.parametrize(
    ("data", "error", "text"),
    [
        (endpoint("a"), AlreadyExists, "Endpoint ID already exists: a"),
        (endpoint("b", providerId="q"), InvalidValue, "Provider not found: q (configured: p)"),
        (endpoint("a/b"), InvalidValue, "endpoint: id: expected an id of letters"),
        (endpoint("a b"), InvalidValue, "endpoint: id: expected an id of letters"),
        (endpoint(".a"), InvalidValue, "endpoint: id: expected an id of letters"),
        (endpoint("b", purpose="talk"), InvalidValue, "endpoint: purpose: expected one of 'chat'"),
        (endpoint("b", cacheStrategy={"ttlMinutes": 0}), InvalidValue,
         "endpoint: cacheStrategy.ttlMinutes: should be greater than 0"),
        (endpoint("b", cacheStrategy={"maxSizeKB": float("inf")}), InvalidValue,
         "endpoint: cacheStrategy.maxSizeKB: expected a finite number"),
        (endpoint("b", cacheStrategy=5), InvalidValue,
         "endpoint: cacheStrategy: expected an object, got a number"),
        (endpoint("b", model=""), InvalidValue, "endpoint: model: "),
        (endpoint("b", fallbacks=["a", "b"]), InvalidValue,
         "b: fallbacks: an endpoint cannot stand in for itself"),
    ],
)  # fmt: skip
def test_add_endpoint_refuses(data: dict[str, Any], error: type[CcwError], text: str) -> None:
    with pytest.raises(error) as caught:
        edit.add_endpoint(config(endpoint("a")), data, NOW)
    assert str(caught.value).startswith(text)


def test_update_endpoint_keeps_what_is_not_named() -> None:
    strategy = {"ttlMinutes": 5, "filePatterns": ["*.md"]}
    before = config(endpoint("a", cacheStrategy=strategy, params={"temperature": 1, "seed": 2}))
    patch = {"cacheStrategy": {"max_size_kb": 9}, "params": {"temperature": None, "max_tokens": 3}}
    _, changed = edit.update_endpoint(before, "a", patch, LATER)
    assert written(changed) == {
        **endpoint("a"),
        "cacheStrategy": {"ttlMinutes": 5, "maxSizeKB": 9, "filePatterns": ["*.md"]},
        "params": {"seed": 2, "max_tokens": 3},
        "updatedAt": LATER_TEXT,
    }


def test_moving_to_an_unknown_provider_is_refused() -> None:
    with pytest.raises(InvalidValue, match="Provider not found: q"):
        edit.update_endpoint(config(endpoint("a")), "a", {"providerId": "q"}, NOW)


def test_an_endpoint_does_not_become_its_own_fallback() -> None:
    with pytest.raises(InvalidValue, match="cannot stand in for itself"):
        edit.update_endpoint(config(endpoint("a")), "a", {"fallbacks": ["a"]}, NOW)
    before = config(endpoint("a", fallbacks=["a"]))  # as an editor has written it
    _, changed = edit.update_endpoint(before, "a", {"name": "new"}, NOW)
    assert (changed.name, changed.fallbacks) == ("new", ("a",))


A, B, C = endpoint("a"), endpoint("b"), endpoint("c")


OFF, VECTORS = endpoint("off", enabled=False), endpoint("v", purpose="embedding")


@pytest.mark.parametrize(
    ("before", "change", "default"),
    [
        pytest.param(config(A, B, C, default="b"), ("remove", "b"), "c", id="deleted-next"),
        pytest.param(config(A, B, C, default="c"), ("remove", "c"), "a", id="deleted-last"),
        pytest.param(config(A, B, default="a"), ("remove", "b"), "a", id="another-deleted"),
        pytest.param(config(A, default="a"), ("remove", "a"), None, id="nothing-left"),
        pytest.param(config(A, OFF, VECTORS, default="a"), ("remove", "a"), None, id="none-usable"),
        pytest.param(config(A, OFF, B, default="a"), ("disable", "a"), "b", id="disabled"),
        pytest.param(config(A, B, default="a"), ("embed", "a"), "b", id="not-for-chat"),
        pytest.param(config(A, B), ("disable", "a"), None, id="cleared-stays-cleared"),
        pytest.param(config(OFF), ("enable", "off"), "off", id="first-usable"),
        pytest.param(config(A, default="lost"), ("rename", "a"), "a", id="dangling"),
    ],
)
def test_the_default_endpoint_moves(
    before: LiteLLMApiConfig, change: tuple[str, str], default: str | None
) -> None:
    how, name = change
    patches: dict[str, dict[str, Any]] = {
        "disable": {"enabled": False},
        "enable": {"enabled": True},
        "embed": {"purpose": "embedding"},
        "rename": {"name": "new"},
    }
    if how == "remove":
        after = edit.remove_endpoint(before, name)
    else:
        after, _ = edit.update_endpoint(before, name, patches[how], LATER)
    assert after.default_endpoint == default


@pytest.mark.parametrize(
    ("data", "default"),
    [
        pytest.param(A, "a", id="chat"),
        pytest.param(OFF, None, id="disabled"),
        pytest.param(VECTORS, None, id="not-for-chat"),
    ],
)
def test_the_first_chat_endpoint_becomes_the_default(
    data: dict[str, Any], default: str | None
) -> None:
    after, _ = edit.add_endpoint(config(), data, NOW)
    assert after.default_endpoint == default


def test_set_default_endpoint() -> None:
    before = config(A, B, OFF, VECTORS, default="a")
    assert edit.set_default_endpoint(before, "b").default_endpoint == "b"
    assert edit.set_default_endpoint(before, None).default_endpoint is None
    with pytest.raises(InvalidValue, match="endpoint off is disabled: it cannot be the default"):
        edit.set_default_endpoint(before, "off")
    with pytest.raises(InvalidValue, match="endpoint v is for embedding, not for chat"):
        edit.set_default_endpoint(before, "v")
