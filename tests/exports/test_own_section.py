"""What an export wrote for the way back, in a file that was edited since."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ccw.exports.litellm_yaml import export_litellm
from tests.exports.configs import OPENAI, config_of, endpoint, imported, plan_of


@pytest.fixture
def exported() -> dict[str, Any]:
    """An export as plain values, to be edited."""
    config = config_of(
        OPENAI,
        {**OPENAI, "id": "spare", "apiKey": "${SPARE}"},
        endpoints=[
            endpoint("a", "openai", description="mine", fallbacks=["b"]),
            endpoint("b", "spare"),
            endpoint("off", "spare", enabled=False),
        ],
        defaultEndpoint="a",
    )
    document: dict[str, Any] = yaml.safe_load(export_litellm(config).text)
    return document


def test_an_edited_entry_wins_over_what_was_exported(exported: dict[str, Any]) -> None:
    exported["model_list"][0]["litellm_params"]["model"] = "openai/gpt-5"
    made, _ = imported(yaml.safe_dump(exported))
    assert [(e.id, e.model, e.description) for e in made.endpoints] == [
        ("b", "gpt-4o", None),
        ("off", "gpt-4o", None),
        ("a", "gpt-5", None),
    ]


def test_edited_fallbacks_win_over_what_was_exported(exported: dict[str, Any]) -> None:
    exported["router_settings"]["fallbacks"] = [{"b": ["a"]}]
    made, _ = imported(yaml.safe_dump(exported))
    assert {e.id: e.fallbacks for e in made.endpoints} == {"a": (), "b": ("a",), "off": ()}


def test_an_endpoint_that_stood_in_for_itself_does_so_no_more() -> None:
    itself = endpoint("a", "openai", fallbacks=["a", "off"])
    off = endpoint("off", "openai", enabled=False, fallbacks=["off"])
    made, _ = imported(export_litellm(config_of(OPENAI, endpoints=[itself, off])).text)
    assert {e.id: e.fallbacks for e in made.endpoints} == {"a": ("off",), "off": ()}


def test_without_its_own_section_an_export_is_read_like_any_file(exported: dict[str, Any]) -> None:
    del exported["ccw"]
    made, _ = imported(yaml.safe_dump(exported))
    assert [(p.id, p.type, p.api_key) for p in made.providers] == [
        ("openai", "openai", "${OPENAI_API_KEY}"),
        ("openai-2", "openai", "${SPARE}"),
    ]
    assert {e.id: (e.provider_id, e.fallbacks) for e in made.endpoints} == {
        "a": ("openai", ("b",)),
        "b": ("openai-2", ()),
    }


def test_only_some_models_come_without_what_has_no_entry(exported: dict[str, Any]) -> None:
    made, merged = imported(yaml.safe_dump(exported), only="a")
    assert [provider.id for provider in made.providers] == ["openai"]
    assert [(e.id, e.fallbacks) for e in made.endpoints] == [("a", ())]
    assert merged.notes == ("a: its fallbacks b are not imported",)


def test_a_key_that_was_written_into_an_export_is_not_copied(exported: dict[str, Any]) -> None:
    secret = "sk-live-0123456789abcdef"
    for provider in exported["ccw"]["providers"]:
        provider["apiKey"] = provider["someToken"] = secret
        provider["advancedSettings"] = {"customHeaders": {"Authorization": secret}}
    made, _ = imported(yaml.safe_dump(exported))
    assert secret not in made.model_dump_json()
    assert plan_of(yaml.safe_dump(exported)).notes[2] == (
        "provider openai: apiKey is a literal and not copied; put it into CCW_OPENAI_API_KEY"
    )


def test_a_secret_among_the_parameters_of_an_export_is_not_copied(exported: dict[str, Any]) -> None:
    secret = {"mcp": [{"api_key": "sk-live-0123456789abcdef"}]}
    entry = exported["model_list"][0]
    entry["litellm_params"]["extra_body"] = secret
    entry["model_info"]["ccw"]["endpoint"]["params"] = {"extra_body": secret}
    (off,) = exported["ccw"]["endpoints"]
    off["params"] = {"extra_body": secret, "temperature": 0}
    text = yaml.safe_dump(exported)
    made, _ = imported(text)
    assert {e.id: e.params for e in made.endpoints} == {
        "a": {},
        "b": {},
        "off": {"temperature": 0},
    }
    assert "endpoint off: params extra_body may hold a secret" in plan_of(text).notes
