"""Edits are pure: the old value stays, the new one is whole."""

from __future__ import annotations

from typing import Any

import pytest

from ccw.config import edit
from ccw.config.models import CustomEndpoint, LiteLLMApiConfig, ProviderCredential
from ccw.config.views import masked, written
from ccw.errors import AlreadyExists, CcwError, InvalidValue, NotFound
from tests.config.editing import KEY, LATER, LATER_TEXT, NOW, NOW_TEXT, config, endpoint


def test_add_provider_makes_an_id_and_stamps() -> None:
    data = {"name": "My OpenAI", "type": "openai", "apiKey": "${OPENAI_API_KEY}"}
    changed, added = edit.add_provider(LiteLLMApiConfig(), data, NOW)
    assert written(added) == {
        "id": "openai-1735689600000",
        "name": "My OpenAI",
        "type": "openai",
        "apiKey": "${OPENAI_API_KEY}",
        "enabled": True,
        "createdAt": NOW_TEXT,
        "updatedAt": NOW_TEXT,
    }
    assert changed.providers == (added,)


def test_made_ids_are_unique() -> None:
    current, ids = LiteLLMApiConfig(), []
    for _ in range(3):
        current, added = edit.add_provider(current, {"type": "openai"}, NOW)
        ids.append(added.id)
    assert ids == ["openai-1735689600000", "openai-1735689600001", "openai-1735689600002"]


def test_an_impossible_type_can_be_added() -> None:
    _, added = edit.add_provider(LiteLLMApiConfig(), {"type": "no such/type!"}, NOW)
    assert (added.id, added.type) == ("no-such-type-1735689600000", "no such/type!")


SAME_PROVIDER = [
    pytest.param({"id": "x", "type": "openai", "apiKey": "${K}", "apiBase": "https://h/v1/",
                  "advancedSettings": {"maxRetries": 1, "customHeaders": {"X_y": "z"}}},
                 id="camel"),
    pytest.param({"id": "x", "type": "openai", "api_key": "${K}", "api_base": "https://h/v1",
                  "advanced_settings": {"max_retries": 1, "custom_headers": {"X_y": "z"}}},
                 id="snake"),
    pytest.param(ProviderCredential.model_validate(
        {"id": "x", "name": "openai", "type": "openai", "api_key": "${K}",
         "api_base": "https://h/v1",
         "advanced_settings": {"max_retries": 1, "custom_headers": {"X_y": "z"}}}),
                 id="model"),
]  # fmt: skip


@pytest.mark.parametrize("data", SAME_PROVIDER)
def test_camel_snake_and_models_mean_the_same(data: edit.Data) -> None:
    _, added = edit.add_provider(LiteLLMApiConfig(), data, NOW)
    assert written(added) == {
        "id": "x",
        "name": "openai",
        "type": "openai",
        "apiKey": "${K}",
        "apiBase": "https://h/v1",
        "enabled": True,
        "advancedSettings": {"maxRetries": 1, "customHeaders": {"X_y": "z"}},
        "createdAt": NOW_TEXT,
        "updatedAt": NOW_TEXT,
    }


def test_null_means_the_default() -> None:
    data = {"id": None, "type": "ollama", "apiBase": None, "enabled": None}
    _, added = edit.add_provider(LiteLLMApiConfig(), data, NOW)
    assert (added.id, added.api_base, added.enabled) == ("ollama-1735689600000", None, True)


@pytest.mark.parametrize(
    ("data", "error", "text"),
    [
        ({"id": "p", "type": "openai"}, AlreadyExists, "Provider ID already exists: p"),
        ({"id": "a/b", "type": "openai"}, InvalidValue, "provider: id: expected an id of letters"),
        ({"id": "a b", "type": "openai"}, InvalidValue, "provider: id: expected an id of letters"),
        ({"id": "a\n", "type": "openai"}, InvalidValue, "provider: id: expected an id of letters"),
        ({"id": "a" * 65, "type": "o"}, InvalidValue, "provider: id: expected an id of letters"),
        ({"name": "x"}, InvalidValue, "provider: type: is missing"),
        ({"name": "x", "type": 3}, InvalidValue, "provider: type: expected a text, got a number"),
        ({"type": "o", "enabled": "yes"}, InvalidValue, "provider: enabled: expected true or fal"),
        ({"type": "o", "apiBase": "ftp://h"}, InvalidValue, "provider: apiBase: must begin with h"),
        ({"type": "o", "apiBase": f"http://u:{KEY}@h"}, InvalidValue, "provider: apiBase: must no"),
        ({"type": "o", "apiKey": [KEY]}, InvalidValue, "provider: apiKey: expected a text, got a "),
        ({"type": "o", "apiKey": "sk-…mnop"}, InvalidValue, "apiKey is masked"),
        ({"type": "o", "routingStrategy": "x"}, InvalidValue, "provider: routingStrategy: expecte"),
        ("text", InvalidValue, "expected an object, got str"),
    ],
)
def test_add_provider_refuses(data: Any, error: type[CcwError], text: str) -> None:
    with pytest.raises(error) as caught:
        edit.add_provider(config(), data, NOW)
    assert str(caught.value).startswith(text)
    assert KEY not in str(caught.value)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_update_provider_is_a_merge_patch() -> None:
    advanced = {"timeout": 5, "maxRetries": 1, "customHeaders": {"A": "1"}}
    data = {"type": "openai", "id": "x", "extra": {"a": 1}, "advancedSettings": advanced}
    before, _ = edit.add_provider(LiteLLMApiConfig(), data, NOW)
    patch = {"advanced_settings": {"timeout": None, "custom_headers": {"A": None, "B": "2"}},
             "extra": {"b": 2}, "createdAt": "forged", "id": "x"}  # fmt: skip
    after, changed = edit.update_provider(before, "x", patch, LATER)
    assert written(changed) == {
        "id": "x",
        "name": "openai",
        "type": "openai",
        "apiKey": "",
        "enabled": True,
        "advancedSettings": {"maxRetries": 1, "customHeaders": {"B": "2"}},
        "createdAt": NOW_TEXT,
        "updatedAt": LATER_TEXT,
        "extra": {"a": 1, "b": 2},
    }
    assert after.providers == (changed,)
    assert before.providers[0].advanced_settings.timeout == 5


def test_masked_values_sent_back_mean_unchanged() -> None:
    secrets = {
        "id": "x", "type": "o", "apiKey": KEY,
        "advancedSettings": {"customHeaders": {"A": KEY}, "proxy": f"http://u:{KEY}@h"},
        "apiKeys": [{"id": "1", "key": KEY + "1"}, {"id": "2", "key": KEY + "2"}],
    }  # fmt: skip
    before, added = edit.add_provider(LiteLLMApiConfig(), secrets, NOW)
    shown = masked(added)
    shown["name"] = "renamed"
    shown["apiKeys"].reverse()
    assert KEY not in str(shown)
    _, changed = edit.update_provider(before, "x", shown, LATER)
    assert changed.name == "renamed"
    assert changed.api_key == KEY
    assert changed.advanced_settings == added.advanced_settings
    assert changed.api_keys == tuple(reversed(added.api_keys))


@pytest.mark.parametrize(
    ("patch", "text"),
    [
        ({"apiKey": "sk-…zzzz"}, "apiKey is masked"),
        ({"id": "other"}, "id: p cannot be changed"),
        ({"name": None}, "p: name: is missing"),
        ({"enabled": 1}, "p: enabled: expected true or false, got a number"),
    ],
)
def test_update_provider_refuses(patch: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        edit.update_provider(config(), "p", patch, LATER)
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize(
    ("patch", "refused"),
    [
        pytest.param({"apiBase": None}, True, id="null"),
        pytest.param({"apiBase": ""}, True, id="empty"),
        pytest.param({"apiBase": None, "type": "openai"}, False, id="type-has-its-own"),
        pytest.param({"apiBase": None, "type": "azure"}, True, id="type-needs-it-as-well"),
        pytest.param({"name": "other"}, False, id="untouched"),
    ],
)
def test_an_address_that_is_needed_stays(patch: dict[str, Any], refused: bool) -> None:
    data = {"id": "c", "type": "custom", "apiBase": "http://h:1"}
    before, _ = edit.add_provider(config(), data, NOW)
    if not refused:
        edit.update_provider(before, "c", patch, LATER)
        return
    with pytest.raises(InvalidValue) as caught:
        edit.update_provider(before, "c", patch, LATER)
    needy = patch.get("type", "custom")
    assert str(caught.value) == (
        f"c: apiBase: type {needy} needs an address: ccw provider update c --api-base https://…"
    )


def test_an_address_that_was_never_there_keeps_nobody_from_editing() -> None:
    before, _ = edit.add_provider(config(), {"id": "c", "type": "custom"}, NOW)
    _, changed = edit.update_provider(before, "c", {"name": "new"}, LATER)
    assert changed.name == "new"


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda c: edit.update_provider(c, "no", {}, NOW), id="update-provider"),
        pytest.param(lambda c: edit.remove_provider(c, "no"), id="remove-provider"),
    ],
)
def test_provider_not_found(call: Any) -> None:
    with pytest.raises(NotFound, match=r"^Provider not found: no$"):
        call(config())


def test_removing_a_provider_removes_its_endpoints() -> None:
    other = {"id": "q", "name": "Q", "type": "openai"}
    before = config(endpoint("a"), endpoint("b"), default="a")
    before, _ = edit.add_provider(before, other, NOW)
    before, kept = edit.add_endpoint(
        before, endpoint("c", providerId="q", fallbacks=["a", "b"]), NOW
    )
    after, gone = edit.remove_provider(before, "p")
    assert gone == ("a", "b")
    assert [p.id for p in after.providers] == ["q"]
    assert after.endpoints == (kept.model_copy(update={"fallbacks": ()}),)
    assert after.default_endpoint == "c"


def test_update_cache_settings() -> None:
    after = edit.update_cache_settings(config(), {"max_total_size_mb": 5})
    assert written(after.global_cache_settings) == {"maxTotalSizeMB": 5}
    with pytest.raises(InvalidValue, match="globalCacheSettings: maxTotalSizeMB: should be great"):
        edit.update_cache_settings(config(), {"maxTotalSizeMB": 0})


def test_models_are_frozen() -> None:
    item = CustomEndpoint.model_validate(endpoint("a"))
    with pytest.raises(ValueError, match="frozen"):
        item.model = "other"  # type: ignore[misc]
