"""A key goes to the keyring and its reference to the config, or nothing happens at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ccw.config.key_storing import place_of_key, store_key
from ccw.config.manager import update_provider
from ccw.config.owned_keys import own_service
from ccw.config.places import config_path, user_config_path
from ccw.config.store import load, load_file
from ccw.errors import AlreadyExists, CcwError, ConfigFileError, NotFound, SecretUnavailable
from tests.projects import write_config

KEY = "sk-canary-0123456789"
PROVIDER = {"id": "p", "name": "P", "type": "openai", "apiKey": "${OLD}"}


@dataclass
class Memory:
    """A keyring in memory; `broken` drops what it is given, `locked` refuses it."""

    entries: dict[tuple[str, str], str] = field(default_factory=dict)
    broken: bool = False
    locked: bool = False

    def get(self, service: str, user: str) -> str | None:
        return self.entries.get((service, user))

    def set(self, service: str, user: str, value: str) -> None:
        if self.locked:
            raise SecretUnavailable("locked")
        if not self.broken:
            self.entries[service, user] = value

    def delete(self, service: str, user: str) -> None:
        if self.entries.pop((service, user), None) is None:
            raise SecretUnavailable("no such entry")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path / "home")}


@pytest.fixture
def shop(project: Path) -> Path:
    write_config(project, {"providers": [PROVIDER]})
    return project


def store(
    project: Path, environ: dict[str, str], keyring: Memory, value: str = KEY, **options: Any
) -> list[str]:
    said: list[str] = []
    place = place_of_key(project, "p", environ, **options)
    store_key(place, value, keyring, environ, warn=said.append)
    return said


def test_a_key_is_stored(shop: Path, environ: dict[str, str]) -> None:
    keyring, service = Memory(), own_service(shop)
    assert store(shop, environ, keyring, f" {KEY}\n") == []
    assert keyring.entries == {(service, "p"): KEY}
    assert load(shop).providers[0].api_key == f"${{keyring:{service}/p}}"
    assert KEY not in config_path(shop).read_text()
    store(shop, environ, keyring, "sk-another")
    assert keyring.entries == {(service, "p"): "sk-another"}


def test_a_key_of_the_pool_beside_the_key(shop: Path, environ: dict[str, str]) -> None:
    keyring, service = Memory(), own_service(shop)
    store(shop, environ, keyring)
    store(shop, environ, keyring, "sk-two", key_id="two")
    assert keyring.entries == {(service, "p"): KEY, (service, "p:two"): "sk-two"}
    assert load(shop).providers[0].api_keys[0].key == f"${{keyring:{service}/p:two}}"


def test_the_user_s_own_provider(project: Path, environ: dict[str, str]) -> None:
    path = user_config_path(environ)
    path.parent.mkdir(parents=True)
    path.write_text('{"providers": [{"id": "p", "name": "P", "type": "openai"}]}')
    with pytest.raises(NotFound, match="add --user"):
        place_of_key(project, "p", environ)
    keyring, service = Memory(), own_service(Path(environ["HOME"]) / ".ccw")
    store(project, environ, keyring, user=True)
    changed = load_file(path)
    assert changed is not None
    assert changed.providers[0].api_key == f"${{keyring:{service}/p}}"
    assert keyring.entries == {(service, "p"): KEY}
    assert not config_path(project).exists()


@pytest.mark.parametrize(
    ("before", "keyring", "error"),
    [
        pytest.param({}, Memory(broken=True), SecretUnavailable, id="keeps-nothing"),
        pytest.param({}, Memory(locked=True), SecretUnavailable, id="refuses"),
        pytest.param({"p": "old"}, Memory(broken=True), SecretUnavailable, id="keeps-the-old-one"),
    ],
)
def test_a_keyring_that_fails_leaves_all_as_it_was(
    shop: Path,
    environ: dict[str, str],
    before: dict[str, str],
    keyring: Memory,
    error: type[CcwError],
) -> None:
    entries = {(own_service(shop), user): value for user, value in before.items()}
    keyring.entries = dict(entries)
    text = config_path(shop).read_text()
    with pytest.raises(error) as caught:
        store(shop, environ, keyring)
    assert KEY not in str(caught.value)
    assert (keyring.entries, config_path(shop).read_text()) == (entries, text)


@pytest.mark.parametrize("before", [{}, {"p": "old"}], ids=["new", "replaced"])
def test_a_config_that_cannot_be_saved_leaves_the_keyring_as_it_was(
    shop: Path, environ: dict[str, str], before: dict[str, str]
) -> None:
    keyring = Memory({(own_service(shop), user): value for user, value in before.items()})
    entries = dict(keyring.entries)
    place = place_of_key(shop, "p", environ)
    config_path(shop).write_text("{broken")
    with pytest.raises(ConfigFileError):
        store_key(place, KEY, keyring, environ, warn=print)
    assert keyring.entries == entries
    assert config_path(shop).read_text() == "{broken"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "no key was given"),
        (" \n", "no key was given"),
        (f"{KEY}\n{KEY}", "the key holds characters"),
        (f"{KEY}”", "the key holds characters"),
    ],
)
def test_what_is_no_key(shop: Path, environ: dict[str, str], value: str, why: str) -> None:
    keyring = Memory()
    with pytest.raises(CcwError, match=why) as caught:
        store(shop, environ, keyring, value)
    assert (caught.value.exit_code, KEY in str(caught.value), keyring.entries) == (3, False, {})


def test_a_secret_of_another_program_is_not_overwritten(
    shop: Path, environ: dict[str, str]
) -> None:
    keyring = Memory({("github", "me"): "theirs"})
    with pytest.raises(AlreadyExists, match=r"--api-key '\$\{keyring:github/me\}'"):
        store(shop, environ, keyring, service="github", account="me")
    assert keyring.entries == {("github", "me"): "theirs"}
    store(shop, environ, keyring, "theirs", service="github", account="me")  # it is that secret
    store(shop, environ, keyring, KEY, service="github", account="me")  # now the config's own
    assert keyring.entries == {("github", "me"): KEY}


def test_a_key_that_nothing_refers_to_any_more_is_told(shop: Path, environ: dict[str, str]) -> None:
    keyring, name = Memory(), f"{own_service(shop)} p"
    store(shop, environ, keyring)
    said: list[str] = []
    for patch in ({"name": "New"}, {"api_key": "${NEW}"}, {"api_key": "${NEWER}"}):
        update_provider(shop, "p", patch, environ=environ, warn=said.append)
    assert said == [
        f"note: the keyring still holds {name.replace(' ', '/')}, which nothing here refers to "
        f"any more; to take it out: keyring del {name}"
    ]
