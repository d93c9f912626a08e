"""Parameters, headers and addresses that every call would be refused for: never saved, flagged."""

from __future__ import annotations

from typing import Any

import pytest

from ccw.config.checks import findings
from ccw.config.edit import add_endpoint, add_provider, update_endpoint, update_provider
from ccw.config.findings import Finding
from ccw.config.models import LiteLLMApiConfig
from ccw.config.resolve import resolve_provider
from ccw.config.steering import check_params
from ccw.errors import InvalidValue
from tests.config.editing import LATER, NOW, config, endpoint

MOVES = "would change where the call goes or with which key, which belongs to the provider"
SWITCH = "is a switch of the library that makes the call, and no parameter of a model"
PARAMS = [
    ("api_base", MOVES),
    ("apiKey", MOVES),
    ("aws_secret_access_key", MOVES),
    ("extra_query", MOVES),
    ("model", "would change which model is asked, which the endpoint's model says"),
    ("messages", "would change what is asked, which the prompt says"),
    ("promptId", "would change what is asked, which the prompt says"),
    ("num_retries", "belongs to the provider (maxRetries), or to a call (--max-retries)"),
    ("maxRetries", "belongs to the provider (maxRetries), or to a call (--max-retries)"),
    ("fallbacks", "belongs to the endpoint's fallbacks (--fallback)"),
    ("mock_response", "would answer in place of the model"),
    ("organization", "belongs to the provider (--organization)"),
    ("extra_headers", "belongs to the provider's customHeaders (--header)"),
    ("headers", "belongs to the provider's customHeaders (--header)"),
    ("streamOptions", "is ccw's own, which asks each stream for its tokens"),
    ("caching", SWITCH),
    ("verbose", SWITCH),
]
VALUES: list[tuple[str, Any, str]] = [
    ("stream", "no", "is true or false"),
    ("aws_region_name", "x.evil.example/#", "may hold letters, digits and hyphens"),
    ("extra_body", {"model": "x"}, f"{MOVES}; remove it"),
]
REFUSED = [*((name, "canary", f"{why}; remove it") for name, why in PARAMS), *VALUES]
CARRIED = "holds characters that a header cannot carry"
HEADERS = [
    ("Host", "canary", "belongs to the connection, which ccw makes; remove it"),
    ("content-length", "3", "belongs to the connection, which ccw makes; remove it"),
    ("X-U", "canary-ü", CARRIED),
    ("X-U", "canary\r\nX-V: 1", CARRIED),
    ("X-U", " canary", CARRIED),
    ("X U", "canary", CARRIED),
    ("X-U\n", "canary", CARRIED),
]


@pytest.mark.parametrize(("name", "value", "why"), REFUSED, ids=[name for name, *_ in REFUSED])
def test_a_parameter(name: str, value: object, why: str) -> None:
    given = endpoint("e", params={"temperature": 0, name: value})
    for refused in (
        lambda: add_endpoint(config(), given, NOW),
        lambda: update_endpoint(config(endpoint("e")), "e", {"params": {name: value}}, LATER),
    ):
        with pytest.raises(InvalidValue) as saved:
            refused()
        assert str(saved.value) == f"e: params.{name} {why}"
    with pytest.raises(InvalidValue) as called:
        check_params("e", {name: value})
    assert str(called.value).startswith(f"params.{name} of endpoint e {why}")
    (flagged,) = [f for f in findings(config(given), {}) if f.field.startswith("endpoints")]
    assert flagged == Finding("error", f"endpoints[0].params.{name}", why)


def test_a_parameter_that_is_there_already() -> None:
    """Other things may be changed beside it, and it may be taken away."""
    before = config(endpoint("e", params={"api_base": "http://x", "seed": 1}))
    named, _ = update_endpoint(before, "e", {"name": "E"}, LATER)
    mended, _ = update_endpoint(named, "e", {"params": {"api_base": None}}, LATER)
    assert (mended.endpoints[0].name, mended.endpoints[0].params) == ("E", {"seed": 1})
    with pytest.raises(InvalidValue, match=r"^e: params\.api_base would"):
        update_endpoint(named, "e", {"params": {"api_base": "http://y"}}, LATER)


def with_headers(**headers: str) -> LiteLLMApiConfig:
    provider = {"id": "p", "name": "P", "type": "custom", "apiBase": "http://h"}
    provider |= {"advancedSettings": {"customHeaders": headers}}
    return LiteLLMApiConfig.model_validate({"providers": [provider]})


@pytest.mark.parametrize(("name", "value", "why"), HEADERS)
def test_a_header(name: str, value: str, why: str) -> None:
    before = with_headers()
    patch = {"advancedSettings": {"customHeaders": {name: value}}}
    data = {"id": "q", "type": "custom", "apiBase": "http://h", **patch}
    for id_, refused in (
        ("q", lambda: add_provider(before, data, NOW)),
        ("p", lambda: update_provider(before, "p", patch, LATER)),
    ):
        with pytest.raises(InvalidValue) as saved:
            refused()
        assert str(saved.value) == f"{id_}: advancedSettings.customHeaders.{name} {why}"
    by_hand = with_headers(**{name: value})
    with pytest.raises(InvalidValue) as called:
        resolve_provider(by_hand.providers[0], {})
    said = f"advancedSettings.customHeaders.{name} of provider p {why}"
    assert str(called.value) == said
    assert Finding("warning", "providers[0]", said) in findings(by_hand, {})


def test_a_header_that_a_variable_fills_in() -> None:
    before = with_headers(Host="x")
    patch = {"advancedSettings": {"customHeaders": {"X-Team": "${TEAM}"}}}
    after, provider = update_provider(before, "p", patch, LATER)
    assert provider.advanced_settings.custom_headers == {"Host": "x", "X-Team": "${TEAM}"}
    with pytest.raises(InvalidValue, match="TE belongs to the connection"):
        update_provider(after, "p", {"advancedSettings": {"customHeaders": {"TE": "${T}"}}}, LATER)
