"""Which keys of a provider there are to choose from."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccw.config.keys import enabled_keys, usable_keys
from ccw.config.models import ProviderCredential
from ccw.errors import KeyNotConfigured
from tests.pools.worlds import ask, hits, keys, pool
from tests.servers.loopback import Server


def test_disabled_keys_are_never_used(project: Path, openai_server: Server) -> None:
    pool(project, openai_server.base, [*keys("a", "b"), *keys("c", "d", enabled=False)])
    assert all(ask(project).success for _ in range(20))
    assert set(hits(openai_server)) == {"a", "b"}


def test_an_unset_key_is_left_out_with_a_note(project: Path, openai_server: Server) -> None:
    unset = {"id": "b", "label": "team b", "key": "${TEAM_B}"}
    pool(project, openai_server.base, [*keys("a"), unset, *keys("c")])
    result = ask(project)
    assert result.notes == ("key team b of provider p is left out: TEAM_B is not set",)
    assert result.success


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        pytest.param(
            [{"id": "a", "key": "${TEAM_A}"}, {"id": "b", "key": "$TEAM_B"}],
            "TEAM_A and TEAM_B, not set",
            id="all-unset",
        ),
        pytest.param(keys("a", "b", enabled=False), "disabled or empty", id="all-disabled"),
        pytest.param([{"id": "a", "key": " "}], "disabled or empty", id="all-empty"),
    ],
)
def test_no_usable_key_at_all(project: Path, openai_server: Server, entries, said: str) -> None:
    pool(project, openai_server.base, entries)
    result = ask(project, environ={"OPENAI_API_KEY": "sk-usual"})
    assert (result.error_type, result.exit_code) == ("key_not_configured", 3)
    assert result.error is not None
    assert result.error.startswith("API key not configured for provider: p (")
    assert said in result.error
    assert openai_server.posts == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"apiKey": "sk-own"}, (), id="no-pool"),
        pytest.param(
            {"apiKey": "sk-own", "apiKeys": [{"key": "sk-own"}, {"key": "sk-2", "weight": 3}]},
            (("key-1", "key-1", 1), ("key-2", "key-2", 3)),
            id="own-key-twice",
        ),
        pytest.param(
            {"apiKeys": [{"id": "a", "label": "A", "key": "${A}"}, {"id": "b", "enabled": False}]},
            (("a", "A", 1),),
            id="labels",
        ),
    ],
)
def test_enabled_keys(fields, expected) -> None:
    made = ProviderCredential.model_validate({"id": "p", "name": "P", "type": "openai", **fields})
    assert tuple((key.id, key.name, key.weight) for key in enabled_keys(made)) == expected


def test_no_repr_shows_a_key() -> None:
    fields = {"id": "p", "name": "P", "type": "openai", "apiKeys": [{"key": "sk-canary-1"}]}
    made = ProviderCredential.model_validate(fields)
    assert "canary" not in repr(usable_keys(made, {}))


def test_usable_keys_of_a_provider_without_any_set() -> None:
    fields = {"id": "p", "name": "P", "type": "openai", "apiKeys": [{"key": "${NOPE}"}]}
    with pytest.raises(KeyNotConfigured, match="NOPE"):
        usable_keys(ProviderCredential.model_validate(fields), {})
