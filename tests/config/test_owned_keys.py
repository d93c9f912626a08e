"""Whose keyring entries are ccw's: names by folder and provider, what nobody refers to any more."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ccw.config.models import LiteLLMApiConfig
from ccw.config.owned_keys import (
    Entry,
    abandoned_entries,
    entry_for,
    own_service,
    owned_entries,
    with_stored_key,
)
from ccw.config.references import keyring_entry, references
from ccw.errors import InvalidValue, NotFound

NOW = datetime(2026, 1, 2, tzinfo=UTC)
OWN = "ccw:shop-0123456789ab"


def config(**providers: dict[str, Any]) -> LiteLLMApiConfig:
    items = [{"id": i, "name": i, "type": "openai", **fields} for i, fields in providers.items()]
    return LiteLLMApiConfig.model_validate({"providers": items})


def test_a_service_belongs_to_one_folder(tmp_path: Path) -> None:
    names = ("a/shop", "b/shop", "b/my shop {x}", "b/é")
    services = [own_service(tmp_path / name) for name in names]
    assert len(set(services)) == 4
    assert [service.rpartition("-")[0] for service in services] == [
        "ccw:shop",
        "ccw:shop",
        "ccw:my-shop-x",
        "ccw:project",
    ]
    assert own_service(tmp_path / "a" / ".." / "b" / "shop") == services[1]


def test_a_linked_folder_is_the_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert own_service(tmp_path / "link") == own_service(tmp_path / "real")


def test_an_entry_and_its_reference() -> None:
    assert entry_for(OWN, "p") == Entry(OWN, "p")
    assert entry_for(OWN, "p", "two") == Entry(OWN, "p:two")
    assert entry_for("https://host/x", "p", user="me") == Entry("https://host/x", "me")
    found = references(entry_for("https://host/x", "p", user="me").reference)
    assert [keyring_entry(item.argument) for item in found] == [("https://host/x", "me")]


@pytest.mark.parametrize(
    ("service", "user"), [("a}", "u"), ("a", "u/v"), ("a", "{"), ("", "u"), ("a\n", "u")]
)
def test_names_that_no_reference_can_bear(service: str, user: str) -> None:
    with pytest.raises(InvalidValue, match="no reference can name"):
        entry_for(service, "p", user=user)


def test_entries_are_found_in_every_field_but_only_those_of_the_service() -> None:
    found = owned_entries(
        config(
            a={
                "apiKey": f"${{keyring:{OWN}/a}}",
                "apiKeys": [{"key": f"x${{keyring:{OWN}/pool}}"}, {"key": "${keyring:other/a}"}],
                "advancedSettings": {
                    "customHeaders": {"X": f"Bearer ${{keyring:{OWN}/header}}"},
                    "proxy": f"http://u:${{keyring:{OWN}/proxy}}@h",
                },
            },
            b={"apiBase": f"${{keyring:{OWN}/base}}", "apiKey": f"${{keyring:{OWN}x/b}}"},
        ),
        OWN,
    )
    assert found == {Entry(OWN, name) for name in ("a", "pool", "header", "proxy", "base")}


def test_an_entry_that_another_provider_uses_is_not_abandoned() -> None:
    key, other = f"${{keyring:{OWN}/a}}", f"${{keyring:{OWN}/b}}"
    old = config(a={"apiKey": key}, b={"apiKey": other}, c={"apiKey": key})
    assert abandoned_entries(old, config(c={"apiKey": key}), OWN) == (Entry(OWN, "b"),)
    assert abandoned_entries(old, config(), OWN) == (Entry(OWN, "a"), Entry(OWN, "b"))
    assert abandoned_entries(old, config(), "ccw:elsewhere-0") == ()


def pool(before: LiteLLMApiConfig, key_id: str, **more: Any) -> list[dict[str, Any]]:
    _, provider = with_stored_key(before, "p", "R", NOW, key_id=key_id, **more)
    return [entry.model_dump(exclude_unset=True) for entry in provider.api_keys]


def test_a_key_is_written_for_the_provider() -> None:
    new, provider = with_stored_key(config(p={"apiKey": "old"}), "p", "R", NOW)
    assert (provider.api_key, provider.updated_at) == ("R", "2026-01-02T00:00:00.000Z")
    assert new.providers == (provider,)


def test_a_key_is_written_into_the_pool() -> None:
    keys = [{"id": "one", "key": "1", "weight": 2}, {"label": "second", "key": "2", "extra": 1}]
    before = config(p={"apiKeys": keys})
    assert pool(before, "one") == [{**keys[0], "key": "R"}, keys[1]]
    assert pool(before, "second", label="Two") == [keys[0], {**keys[1], "key": "R", "label": "Two"}]
    assert pool(before, "new", label="New") == [*keys, {"id": "new", "key": "R", "label": "New"}]


def test_what_cannot_be_written() -> None:
    with pytest.raises(NotFound, match="Provider not found: q"):
        with_stored_key(config(p={}), "q", "R", NOW)
    with pytest.raises(InvalidValue, match="--key-id: expected letters"):
        with_stored_key(config(p={}), "p", "R", NOW, key_id="a/b")
