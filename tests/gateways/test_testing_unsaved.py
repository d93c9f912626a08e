"""A gateway is tested before anything of it is saved."""

from __future__ import annotations

import pytest

from ccw.gateways.testing import check_connection
from tests.canary import CANARY, assert_nowhere
from tests.servers.by_path import Gateway, models


def test_before_anything_is_saved(by_path: Gateway) -> None:
    server = by_path({"/v1/models": models("m"), "/models": models("m")})
    result = check_connection(f"{server.root}/", CANARY)
    assert (result.success, result.provider, result.keys, result.kept) == (
        True,
        "litellm",
        (),
        False,
    )
    assert [model.id for model in result.models] == ["m"]
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "must begin with http"),
        ("ftp://h", "must begin with http"),
        ("localhost:4000", "must begin with http"),
        ("http://", "names no usable host"),
        (f"http://user:{CANARY}@h", "must not hold a user name or password"),
        ("http://h:port", "is malformed"),
        ("http://[::1", "is malformed"),
        ("http://a b", "must not hold white space"),
    ],
)
def test_a_bad_address_is_told_without_repeating_it(url: str, says: str) -> None:
    result = check_connection(url, CANARY)
    assert (result.success, result.kind) == (False, "url")
    assert says in (result.error or "")
    assert_nowhere(repr(result))


def test_a_metadata_service_is_no_gateway() -> None:
    result = check_connection("http://169.254.169.254/v1")
    assert (result.success, result.kind) == (False, "url")
