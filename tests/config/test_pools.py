"""The keys of a pool: added, taken away, switched."""

from __future__ import annotations

from typing import Any

import pytest

from ccw.config.models import ApiKeyEntry, ProviderCredential
from ccw.config.pools import changed_keys, key_id_for, key_names
from ccw.errors import AlreadyExists, InvalidValue, NotFound

ONE = {"id": "one", "key": "${A}", "label": "team a"}
TWO = {"id": "two", "key": "${B}", "weight": 2, "enabled": False, "own": 1}
BARE = {"key": "${C}"}
PROVIDER = ProviderCredential.model_validate(
    {"id": "p", "name": "P", "type": "openai", "apiKeys": [ONE, TWO, BARE]}
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, [ONE, TWO, BARE], id="nothing"),
        pytest.param({"removed": ["one"]}, [TWO, BARE], id="by-id"),
        pytest.param({"removed": ["team a", "C"]}, [TWO], id="by-label-and-variable"),
        pytest.param(
            {"enabled": ["two"], "disabled": ["C"]},
            [ONE, {**TWO, "enabled": True}, {**BARE, "enabled": False}],
            id="switched",
        ),
        pytest.param(
            {"added": ApiKeyEntry(id="new", key="${D}"), "removed": ["two"]},
            [ONE, BARE, {"id": "new", "key": "${D}"}],
            id="added",
        ),
        pytest.param(
            {"added": ApiKeyEntry(id="one", key="${D}"), "removed": ["one"]},
            [TWO, BARE, {"id": "one", "key": "${D}"}],
            id="exchanged",
        ),
    ],
)
def test_changed_keys(change: dict[str, Any], expected: list[dict[str, Any]]) -> None:
    assert changed_keys(PROVIDER, **change) == expected


def test_an_id_that_is_taken() -> None:
    with pytest.raises(AlreadyExists, match=r"API key ID already exists: one; .*--remove-key one"):
        changed_keys(PROVIDER, added=ApiKeyEntry(id="one", key="${D}"))


@pytest.mark.parametrize(
    ("name", "hint"),
    [("tow", "did you mean two?"), ("zzzzz", "there are: one, two, key-3")],
    ids=["near", "far"],
)
def test_a_key_that_is_not_there(name: str, hint: str) -> None:
    with pytest.raises(NotFound) as caught:
        changed_keys(PROVIDER, removed=[name])
    assert str(caught.value) == f"API key not found: {name} of provider p; {hint}"


@pytest.mark.parametrize("change", ["removed", "enabled", "disabled"])
@pytest.mark.parametrize("name", ["apiKey", "OWN"])
def test_the_key_of_the_provider_itself_is_not_of_the_pool(change: str, name: str) -> None:
    provider = PROVIDER.model_copy(update={"api_key": "${OWN}"})
    with pytest.raises(InvalidValue) as caught:
        changed_keys(provider, **{change: [name]})
    assert str(caught.value) == (
        f"{name} is the own key of provider p, not one of its pool; to take it away: "
        'ccw provider update p --api-key "", and --add-key-env NAME makes it one of the pool'
    )


@pytest.mark.parametrize(
    ("label", "expected"),
    [(None, "KEY_2"), ("Team B (new)", "Team-B-new"), ("***", "KEY_2")],
)
def test_ids(label: str | None, expected: str) -> None:
    assert key_id_for("KEY_2", label) == expected


def test_names() -> None:
    assert key_names(0, ApiKeyEntry(id="a", key="sk-literal", label="b")) == ("a", "b")
    assert key_names(1, ApiKeyEntry(key="${A}")) == ("key-2", "A")
