"""A project in the place of the user's own provider: asked about, key or no key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ccw.config.keys import enabled_keys, with_key
from ccw.config.resolve import resolve_provider
from ccw.config.trust.standing import project_standing
from ccw.config.trust.wishes import Wish
from ccw.errors import InvalidValue, NotTrusted
from tests.config.trusting import (
    CANARY,
    EVIL,
    KEY,
    SECRET,
    provider,
    world,
    write_project_config,
    write_user_config,
)

GOOD = "https://good.example"
LITERAL = "sk-literal-of-the-user"


def instead(where: str) -> Wish:
    return Wish("instead", "provider p", where)


def refused(item: Any, environ: Any) -> set[Wish]:
    with pytest.raises(NotTrusted) as caught:
        resolve_provider(item, environ)
    return set(caught.value.wishes)


def test_the_users_own_configuration_is_agreed_to_everywhere(tmp_path: Path) -> None:
    environ = world(tmp_path / "project")
    write_user_config(environ, provider())
    assert resolve_provider(provider(), environ).api_key == CANARY
    assert resolve_provider(provider(id="q"), environ).api_key == CANARY
    other = provider(id="q", apiKey=SECRET)
    assert refused(other, environ) == {Wish("key", SECRET, EVIL)}


def test_a_single_key_of_the_users_pool_is_the_users(tmp_path: Path) -> None:
    environ = world(tmp_path / "project")
    pool = provider(apiKeys=[{"key": KEY}, {"key": SECRET}, {"key": LITERAL}])
    write_user_config(environ, pool)
    for key in enabled_keys(pool):
        assert resolve_provider(with_key(pool, key), environ).api_base == f"{EVIL}/v1"


@pytest.mark.parametrize(
    ("own", "fields", "where"),
    [
        pytest.param({}, {"apiBase": EVIL, "apiKey": "theirs"}, EVIL, id="another-host"),
        pytest.param({}, {"apiBase": GOOD, "apiKey": "theirs"}, GOOD, id="another-key"),
        pytest.param({}, {"apiBase": "http://localhost:1"}, "http://localhost:1", id="loopback"),
        pytest.param(
            {}, {"apiBase": GOOD, "advancedSettings": {"proxy": EVIL}}, EVIL, id="a-proxy"
        ),
        pytest.param(
            {"type": "anthropic", "apiBase": None},
            {"type": "openai", "apiBase": None},
            "https://api.openai.com",
            id="another-type",
        ),
        pytest.param(
            {"type": "fireworks_ai", "apiBase": None},
            {"type": "together_ai", "apiBase": None, "apiKey": "theirs"},
            "together_ai's own address",
            id="a-type-of-litellms",
        ),
    ],
)
def test_a_provider_in_place_of_the_users(
    tmp_path: Path, own: dict[str, Any], fields: dict[str, Any], where: str
) -> None:
    environ = world(tmp_path / "project")
    write_user_config(environ, provider(**{"apiBase": GOOD, "apiKey": LITERAL, **own}))
    shadow = provider(**{"apiKey": LITERAL, **fields})
    assert instead(where) in refused(shadow, environ)
    write_project_config(environ, shadow)
    assert instead(where) in project_standing(environ.project, environ.process).missing


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"apiKey": LITERAL}, id="a-key"),
        pytest.param({"apiKey": "", "apiKeys": [{"key": LITERAL}]}, id="a-pool"),
        pytest.param(
            {"apiKey": "", "advancedSettings": {"customHeaders": {"X": LITERAL}}}, id="a-header"
        ),
        pytest.param({"apiKey": ""}, id="nothing-but-the-prompt"),
    ],
)
def test_dotenv_does_not_move_what_the_user_configured(
    tmp_path: Path, fields: dict[str, Any]
) -> None:
    own = provider(apiBase="${GW:-https://good.example}", **fields)
    environ = world(tmp_path / "project")
    write_user_config(environ, own)
    assert resolve_provider(own, environ).api_base == GOOD
    moved = world(tmp_path / "project", dotenv=f"GW={EVIL}")
    assert refused(own, moved) == {instead(EVIL)}
    assert project_standing(moved.project, moved.process).missing == {instead(EVIL)}


def test_a_file_of_the_project_does_not_say_where_the_users_key_goes(tmp_path: Path) -> None:
    own = provider(apiBase="${file:base.txt}")
    environ = world(tmp_path / "project")
    write_user_config(environ, own)
    (environ.project / "base.txt").write_text(EVIL)
    assert refused(own, environ) == {Wish("key", KEY, EVIL), instead(EVIL)}


def test_a_file_of_the_users_is_the_users(tmp_path: Path) -> None:
    environ = world(tmp_path / "project")
    own = provider(apiKey="${file:~/.ccw/key}")
    write_user_config(environ, own)
    (tmp_path / "home" / ".ccw" / "key").write_text("k")
    assert resolve_provider(own, environ).api_key == "k"


def test_dotenv_does_not_move_the_users_proxy(tmp_path: Path) -> None:
    own = provider(apiBase=GOOD, apiKey=LITERAL, advancedSettings={"proxy": "${P:-http://u:p@px}"})
    environ = world(tmp_path / "project", dotenv=f"P={EVIL}")
    write_user_config(environ, own)
    assert refused(own, environ) == {instead(EVIL)}


def test_a_key_reference_of_the_users_is_named_as_well(tmp_path: Path) -> None:
    own = provider(apiBase="${GW:-https://good.example}")
    environ = world(tmp_path / "project", dotenv=f"GW={EVIL}")
    write_user_config(environ, own)
    assert refused(own, environ) == {Wish("key", KEY, EVIL), instead(EVIL)}


@pytest.mark.parametrize(
    ("command", "is_asked"),
    [
        ("./key", True),
        ("'my tools/key' --now", True),
        ("~/key", True),
        ("/bin/echo k", False),
        ("'", None),
        ("echo k", False),
    ],
)
def test_a_command_of_the_users_that_the_project_would_bring(
    tmp_path: Path, command: str, is_asked: bool | None
) -> None:
    """It is looked for in the project's folder, so it is the project's."""
    environ = world(tmp_path / "project", {"PATH": "/bin:/usr/bin"})
    own = provider(apiKey=f"${{cmd:{command}}}")
    write_user_config(environ, own)
    if is_asked:
        assert refused(own, environ) == {Wish("command", f"${{cmd:{command}}}", EVIL)}
    elif is_asked is None:
        with pytest.raises(InvalidValue, match="without its end"):
            resolve_provider(own, environ)
    else:
        assert resolve_provider(own, environ).api_key == "k"


def endpoint(provider_id: str, **fields: Any) -> dict[str, Any]:
    return {"id": "sonnet", "name": "S", "providerId": provider_id, "model": "m", **fields}


@pytest.mark.parametrize(
    ("item", "ends_at", "expected"),
    [
        pytest.param(
            provider(id="q", apiKey="theirs"),
            "q",
            {Wish("instead", "endpoint sonnet", EVIL)},
            id="their-provider",
        ),
        pytest.param(provider(id="q", apiKey="theirs"), "p", set(), id="the-users-provider"),
        pytest.param(
            provider(id="q", apiBase=GOOD, apiKey=LITERAL), "q", set(), id="the-same-by-another-id"
        ),
    ],
)
def test_an_endpoint_in_place_of_the_users(
    tmp_path: Path, item: Any, ends_at: str, expected: set[Wish]
) -> None:
    environ = world(tmp_path / "project")
    own = provider(apiBase=GOOD, apiKey=LITERAL)
    write_user_config(environ, own, endpoints=[endpoint("p")])
    write_project_config(environ, item, endpoints=[endpoint(ends_at)])
    assert project_standing(environ.project, environ.process).missing == expected
    if expected:
        assert refused(item, environ) == expected
    else:
        assert resolve_provider(item, environ).api_key in ("theirs", LITERAL)
    assert resolve_provider(own, environ).api_key == LITERAL
