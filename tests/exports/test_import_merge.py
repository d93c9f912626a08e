"""What a plan does to a configuration that is there, and to secrets in the file."""

from __future__ import annotations

import pytest

from ccw.errors import AlreadyExists, ImportRefused
from ccw.exports.litellm_import import refuse_commands
from tests.exports.configs import (
    OPENAI,
    config_of,
    endpoint,
    endpoints_of,
    entry,
    imported,
    listed,
    plan_of,
)

SECRET = "sk-live-0123456789abcdef"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(
            "router_settings: {fallbacks: [{a: [b, c]}, {b: [a]}]}",
            {"a": ("b", "c"), "b": ("a",), "c": ()},
            id="router",
        ),
        pytest.param(
            "litellm_settings: {fallbacks: [{a: [b]}]}",
            {"a": ("b",), "b": (), "c": ()},
            id="litellm",
        ),
        pytest.param(
            "litellm_settings: {fallbacks: [{a: [b]}], default_fallbacks: [c]}",
            {"a": ("b",), "b": ("c",), "c": ()},
            id="defaults-for-those-without",
        ),
        pytest.param(
            "router_settings: {fallbacks: [{'*': [a]}]}",
            {"a": (), "b": ("a",), "c": ("a",)},
            id="for-all",
        ),
        pytest.param(
            "router_settings: {fallbacks: [{a: [gone, b, a]}]}",
            {"a": ("b",), "b": (), "c": ()},
            id="unknown-and-itself",
        ),
    ],
)
def test_fallbacks(settings: str, expected: dict[str, tuple[str, ...]]) -> None:
    entries = [entry(name, f"model: openai/{name}") for name in "abc"]
    made, _ = imported(listed(*entries, more=f"{settings}\n"))
    assert {e.id: e.fallbacks for e in made.endpoints} == expected


def test_a_key_that_is_written_out_is_not_copied() -> None:
    text = listed(
        entry("a", "model: openai/a", f"api_key: {SECRET}"),
        entry("b", "model: openai/b", f"api_key: {SECRET}"),
        entry("c", "model: openai/c", f"api_key: {SECRET}2"),
        entry("d", "model: openai/d", "api_key: os.environ/OPENAI_API_KEY_2"),
        entry(
            "e",
            "model: openai/e",
            f"api_base: https://llm.example/v1?key={SECRET}",
            f"extra_headers: {{Authorization: Bearer {SECRET}}}",
        ),
    )
    plan = plan_of(text)
    made, merged = imported(text)
    assert SECRET not in repr((plan, merged)) + made.model_dump_json()
    assert [p.api_key for p in made.providers] == [
        "${OPENAI_API_KEY}",
        "${OPENAI_API_KEY_3}",
        "${OPENAI_API_KEY_2}",
        "",
    ]
    assert made.providers[3].api_base == "${CUSTOM_API_BASE}"
    assert made.providers[3].advanced_settings.custom_headers == {
        "Authorization": "${CUSTOM_AUTHORIZATION}"
    }
    assert plan.notes[0] == (
        "line 5: a: api_key is written out there and was not copied; put it into OPENAI_API_KEY"
    )


def test_what_is_not_read_is_told() -> None:
    text = listed(
        entry("m", "model: openai/m"),
        more="general_settings: {master_key: sk-x, database_url: y}\n"
        "litellm_settings: {drop_params: true, num_retries: 1}\n"
        "environment_variables: {A: b}\n",
    )
    assert plan_of(text).notes == (
        "general_settings: master_key, database_url not imported",
        "litellm_settings: drop_params not imported",
        "environment_variables: not imported",
    )


def test_anchors_aliases_and_merges_are_read() -> None:
    text = """\
base: &base {api_key: os.environ/K, rpm: 5}
model_list:
  - model_name: a
    litellm_params: {<<: *base, model: openai/a}
  - model_name: b
    litellm_params: {<<: *base, model: openai/b, rpm: 5}
"""
    made, _ = imported(text)
    assert endpoints_of(made) == {"a": ("openai", "a"), "b": ("openai", "b")}
    assert made.providers[0].advanced_settings.rpm == 5


def test_what_is_there_stays_and_what_is_new_is_added() -> None:
    made, _ = imported(listed(entry("a", "model: openai/a", "api_key: os.environ/K")))
    more = listed(
        entry("a", "model: openai/a", "api_key: os.environ/K"),
        entry("b", "model: openai/b", "api_key: os.environ/K"),
        entry("c", "model: openai/c", "api_key: os.environ/L"),
    )
    again, merged = imported(more, made)
    assert [(one.item.id, one.is_new) for one in merged.imported] == [
        ("openai", False),
        ("openai-2", True),
        ("a", False),
        ("b", True),
        ("c", True),
    ]
    assert again.endpoints[0] is made.endpoints[0]
    assert again.default_endpoint == "a"


def test_a_provider_of_the_users_is_used_whatever_its_id() -> None:
    mine = {**OPENAI, "id": "my-own", "apiKey": "${K}"}
    config = config_of(mine, endpoints=[])
    made, _ = imported(listed(entry("a", "model: openai/a", "api_key: os.environ/K")), config)
    assert [p.id for p in made.providers] == ["my-own"]
    assert endpoints_of(made) == {"a": ("my-own", "a")}


def test_other_settings_under_a_taken_id_stop_everything() -> None:
    config = config_of(
        OPENAI, endpoints=[endpoint("a", "openai", "x"), endpoint("b", "openai", "y")]
    )
    text = listed(*(entry(name, f"model: openai/{name}") for name in "abc"))
    with pytest.raises(AlreadyExists) as error:
        imported(text, config)
    assert str(error.value) == (
        "Endpoint ID already exists: a; Endpoint ID already exists: b (with other settings); "
        "nothing was imported; take some models with --only REGEX, or remove what is there first"
    )
    made, _ = imported(text, config, only="c")
    assert [e.id for e in made.endpoints] == ["a", "b", "c"]


def test_only_with_no_match_lists_the_names() -> None:
    text = listed(entry("a", "model: openai/a"), entry("b", "model: openai/b"))
    with pytest.raises(ImportRefused, match="no model_name matches 'x'; there are: a, b"):
        plan_of(text, only="x")


@pytest.mark.parametrize("reference", ["${cmd:rm -rf /}", "${file:/etc/passwd}"])
def test_a_command_is_taken_as_text_or_kept_out_of_the_users_own(reference: str) -> None:
    plain = listed(entry("a", "model: openai/a", f"api_key: '{reference}'"))
    assert [p.api_key for p in plan_of(plain).providers] == ["${OPENAI_API_KEY}"]
    provider = f"{{id: p, name: p, type: openai, apiKey: '{reference}'}}"
    marked = f"model_list: []\nccw: {{providers: [{provider}]}}\n"
    plan = plan_of(marked)
    assert [p.api_key for p in plan.providers] == [reference]
    with pytest.raises(ImportRefused, match="takes from nobody"):
        refuse_commands(plan)
