"""What an export leaves out: secrets, what the target cannot hold, what cannot be used."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ccw.exports.litellm_yaml import export_litellm
from tests.exports.configs import OPENAI, config_of, deployments, endpoint

SECRET = "sk-live-0123456789abcdef"


def test_no_literal_secret_is_written() -> None:
    provider = {
        **OPENAI,
        "id": "my-own",
        "apiKey": SECRET,
        "apiKeys": [{"id": "two", "key": SECRET}, {"key": f"${{X:-{SECRET}}}"}],
        "apiBase": f"https://api.openai.com/v1?key={SECRET}",
        "advancedSettings": {
            "customHeaders": {"Authorization": f"Bearer {SECRET}", "Cookie": "short"},
            "proxy": f"http://user:{SECRET}@localhost:1",
            "token": SECRET,
        },
        "oldKey": SECRET,
    }
    config = config_of(
        provider,
        endpoints=[
            endpoint("e", "my-own", params={"extra_body": {"api_key": SECRET}}, secret=SECRET)
        ],
    )
    made = export_litellm(config)
    assert SECRET not in made.text + repr(made)
    assert "short" not in made.text
    ((_, first), (_, second), (_, third)) = deployments(config)
    assert first == {
        "model": "openai/gpt-4o",
        "api_key": "os.environ/MY_OWN_API_KEY",
        "api_base": "os.environ/MY_OWN_API_BASE",
        "extra_headers": {
            "Authorization": "os.environ/MY_OWN_AUTHORIZATION",
            "Cookie": "os.environ/MY_OWN_COOKIE",
        },
    }
    assert second["api_key"] == "os.environ/MY_OWN_API_KEY_TWO"
    assert third["api_key"] == "os.environ/X"
    assert made.left_out == (
        "provider my-own: unknown fields oldKey, token",
        "provider my-own: apiKey is a literal and not copied; put it into MY_OWN_API_KEY",
        "provider my-own: apiKeys[0].key is a literal and not copied; "
        "put it into MY_OWN_API_KEY_TWO",
        "provider my-own: the default of X in apiKeys[1].key",
        "provider my-own: apiBase is a literal and not copied; put it into MY_OWN_API_BASE",
        "provider my-own: header Authorization is a literal and not copied; "
        "put it into MY_OWN_AUTHORIZATION",
        "provider my-own: header Cookie is a literal and not copied; put it into MY_OWN_COOKIE",
        "provider my-own: proxy is a literal and not copied; put it into MY_OWN_PROXY",
        "endpoint e: unknown fields secret",
        "endpoint e: params extra_body may hold a secret",
        "provider my-own: the proxy for its calls; set HTTPS_PROXY where this one runs",
    )


@pytest.mark.parametrize(
    "inside",
    [
        pytest.param({"api_key": SECRET}, id="object"),
        pytest.param({"mcp": [{"api_key": SECRET}]}, id="object-in-a-list"),
        pytest.param({"mcp": [[{"a": {"headers": {"X": SECRET}}}]]}, id="lists-in-lists"),
        pytest.param({"api_keys": ["a", SECRET]}, id="list-of-keys"),
        pytest.param({"Authorization": ["Bearer", SECRET]}, id="list-of-texts"),
    ],
)
def test_no_parameter_that_may_hold_a_secret_is_written(inside: dict[str, Any]) -> None:
    named = endpoint("e", "openai", params={"extra_body": inside, "temperature": 0})
    made = export_litellm(config_of(OPENAI, endpoints=[named]))
    assert SECRET not in made.text
    assert yaml.safe_load(made.text)["model_list"][0]["litellm_params"]["temperature"] == 0
    assert made.left_out == ("endpoint e: params extra_body may hold a secret",)


def test_no_two_things_go_under_one_variable() -> None:
    """Or one host would be sent the key of the other."""
    base = {"name": "P", "type": "custom", "apiBase": "http://localhost:1"}
    providers = [
        {**base, "id": "a-b", "apiKey": SECRET},
        {**base, "id": "a_b", "apiKey": "${cmd:pass show x}"},
        {**base, "id": "A.B", "apiKey": "${A_B_API_KEY}"},
        {**base, "id": "openai", "apiKey": SECRET},
    ]
    endpoints = [endpoint(f"e{number}", p["id"]) for number, p in enumerate(providers)]
    made = deployments(config_of(*providers, endpoints=endpoints))
    assert [params["api_key"] for _, params in made] == [
        "os.environ/A_B_API_KEY_2",
        "os.environ/A_B_API_KEY_3",
        "os.environ/A_B_API_KEY",
        "os.environ/CCW_OPENAI_API_KEY",
    ]


@pytest.mark.parametrize(
    "reference", ["${keyring:ccw/me}", "${file:~/key}", "${cmd:pass show x}", "a-${X}"]
)
def test_a_reference_that_no_proxy_reads_needs_a_variable(reference: str) -> None:
    config = config_of({**OPENAI, "apiKey": reference}, endpoints=[endpoint("e", "openai")])
    made = export_litellm(config)
    document = yaml.safe_load(made.text)
    assert document["model_list"][0]["litellm_params"]["api_key"] == "os.environ/CCW_OPENAI_API_KEY"
    assert document["ccw"]["providers"][0]["apiKey"] == reference
    assert made.left_out == (
        f"provider openai: put what {reference} gives into CCW_OPENAI_API_KEY",
    )


def test_a_text_that_the_proxy_would_fill_in_is_left_out() -> None:
    """An endpoint's name is shown by the proxy to whoever has a key for it."""
    named = endpoint("e", "openai", description="os.environ/AWS_SECRET_ACCESS_KEY")
    made = export_litellm(config_of(OPENAI, endpoints=[named, endpoint("f", "openai")]))
    assert made.endpoints == ("f",)
    assert "AWS_SECRET_ACCESS_KEY" not in made.text


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"enabled": False}, "it is disabled"),
        ({"providerId": "off"}, "its provider off is disabled"),
        ({"providerId": "embedded"}, "the embedded model runs inside ccw alone"),
        ({"providerId": "gone"}, "its provider gone is not configured"),
    ],
)
def test_why_an_endpoint_is_left_out(change: dict[str, Any], why: str) -> None:
    off = {**OPENAI, "id": "off", "enabled": False}
    local = {"id": "embedded", "name": "L", "type": "local"}
    config = config_of(OPENAI, off, local, endpoints=[{**endpoint("e", "openai"), **change}])
    made = export_litellm(config)
    assert (made.endpoints, made.left_out) == ((), (f"endpoint e: {why}",))


def test_a_comment_stays_a_comment() -> None:
    config = config_of(
        OPENAI, endpoints=[endpoint("e", "openai", params={"x\nmodel_list": {"key": "y"}})]
    )
    made = export_litellm(config)
    assert yaml.safe_load(made.text)["model_list"][0]["model_name"] == "e"
    assert "# - endpoint e: params x\\nmodel_list may hold a secret\n" in made.text
