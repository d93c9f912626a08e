"""What an edit agrees to: what the user wrote, and nothing that a clone had there before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ccw.config import manager
from ccw.config.trust.standing import project_standing
from ccw.config.trust.wishes import Wish
from tests.config.trusting import (
    EVIL,
    KEY,
    SECRET,
    headers,
    provider,
    world,
    write_project_config,
    write_user_config,
)

COMMAND = "${cmd:./steal}"
MINE = "https://mine.example"
POOL = {"apiKey": "", "apiKeys": [{"id": "k", "key": SECRET, "enabled": False}]}


def key(what: str, where: str = EVIL) -> Wish:
    return Wish("key", what, where)


def missing(environ: Any) -> set[Wish]:
    return set(project_standing(environ.project, environ.process).missing)


def update(environ: Any, **patch: Any) -> None:
    manager.update_provider(environ.project, "p", patch, environ=dict(environ.process))


@pytest.mark.parametrize(
    ("cloned", "edit", "expected"),
    [
        pytest.param(
            {"enabled": False, "apiKey": COMMAND},
            {"enabled": True},
            {Wish("command", COMMAND, EVIL)},
            id="enabled",
        ),
        pytest.param({"apiKey": ""}, {"apiKey": SECRET}, {key(SECRET)}, id="a-key-for-its-host"),
        pytest.param(
            {"apiKey": "theirs"},
            {"apiKeys": [{"id": "k", "key": SECRET}]},
            {key(SECRET)},
            id="a-further-key-for-its-host",
        ),
        pytest.param(
            POOL, {"apiKeys": [{"id": "k", "key": SECRET}]}, {key(SECRET)}, id="its-key-enabled"
        ),
        pytest.param(
            {"apiKey": COMMAND, "apiBase": "http://localhost:1"},
            {"apiBase": MINE},
            {Wish("command", COMMAND, MINE)},
            id="its-command-for-ones-own-host",
        ),
        pytest.param(
            {**headers(X=SECRET), "apiBase": "http://localhost:1"},
            {"apiBase": MINE, "apiKey": KEY},
            {key(SECRET, MINE), key(KEY, MINE)},
            id="its-header-for-ones-own-host",
        ),
        pytest.param(
            {"advancedSettings": {"proxy": EVIL}, "type": "openai", "apiBase": None, "apiKey": ""},
            {"apiKey": SECRET},
            {Wish("proxy", SECRET, EVIL)},
            id="a-key-through-its-proxy",
        ),
        pytest.param(
            {"apiKey": "", "type": "custom"},
            {"type": "litellm"},
            {key("${LITELLM_API_KEY}")},
            id="a-type-with-a-usual-key",
        ),
    ],
)
def test_a_clones_part_in_an_edit_is_still_asked_about(
    tmp_path: Path, cloned: dict[str, Any], edit: dict[str, Any], expected: set[Wish]
) -> None:
    environ = world(tmp_path / "project")
    write_project_config(environ, provider(**cloned))
    update(environ, **edit)
    assert missing(environ) == expected


@pytest.mark.parametrize(
    ("first", "edit"),
    [
        pytest.param({"apiKey": ""}, {"apiKey": SECRET}, id="the-key-later"),
        pytest.param({"enabled": False, "apiKey": COMMAND}, {"enabled": True}, id="enabled-later"),
        pytest.param({"apiBase": "http://localhost:1"}, {"apiBase": EVIL}, id="moved-later"),
        pytest.param(POOL, {"apiKeys": [{"id": "k", "key": SECRET}]}, id="a-key-enabled"),
    ],
)
def test_what_the_user_wrote_in_steps_is_agreed_to(
    tmp_path: Path, first: dict[str, Any], edit: dict[str, Any]
) -> None:
    environ = world(tmp_path / "project")
    data = provider(**first).model_dump(by_alias=True, exclude_unset=True)
    manager.add_provider(environ.project, data, environ=dict(environ.process))
    assert missing(environ) == set()
    update(environ, **edit)
    assert missing(environ) == set()


def test_a_pull_after_that_is_asked_about(tmp_path: Path) -> None:
    """What the user wrote once does not come together anew without the user."""
    environ = world(tmp_path / "project")
    for item in (provider(apiBase=MINE), provider(id="q", apiKey=SECRET)):
        manager.add_provider(environ.project, item, environ=dict(environ.process))
    assert missing(environ) == set()
    write_project_config(environ, provider(apiBase=MINE, apiKey=SECRET))
    assert missing(environ) == {key(SECRET, MINE)}
    update(environ, name="N")
    assert missing(environ) == {key(SECRET, MINE)}


def test_what_was_agreed_to_counts_for_a_later_edit(tmp_path: Path) -> None:
    from ccw.config.places import ccw_home
    from ccw.config.trust.record import agree, agreed, forget

    environ = world(tmp_path / "project")
    write_project_config(environ, provider())
    home = ccw_home(environ.process)
    agree(home, environ.project, frozenset(missing(environ)))
    update(environ, apiKey=SECRET)
    assert missing(environ) == set()
    assert agreed(home, environ.project) == {key(KEY), key(SECRET)}
    assert forget(home, environ.project) == {key(KEY), key(SECRET)}
    update(environ, apiKeys=[{"key": KEY}])
    assert missing(environ) == {key(KEY), key(SECRET)}


def test_in_place_of_ones_own_by_ones_own_hand(tmp_path: Path) -> None:
    environ = world(tmp_path / "project")
    write_user_config(environ, provider(apiBase=MINE))
    literal = provider(apiKey="literal")
    manager.add_provider(environ.project, literal, environ=dict(environ.process))
    assert missing(environ) == set()
    write_project_config(environ, provider(apiKey="literal", apiBase="https://third.example"))
    update(environ, apiKey="other")
    assert missing(environ) == {Wish("instead", "provider p", "https://third.example")}


def test_an_endpoint_in_place_of_ones_own(tmp_path: Path) -> None:
    environ = world(tmp_path / "project")
    process = dict(environ.process)
    shared = {"id": "sonnet", "name": "S", "model": "m"}
    users = [{**shared, "providerId": "own"}]
    write_user_config(environ, provider(id="own", apiBase=MINE), endpoints=users)
    cloned = [{**shared, "providerId": "p", "enabled": False}]
    write_project_config(environ, provider(apiKey="theirs"), endpoints=cloned)
    wish = Wish("instead", "endpoint sonnet", EVIL)
    assert missing(environ) == {wish}
    manager.update_endpoint(environ.project, "sonnet", {"enabled": True}, environ=process)
    assert missing(environ) == {wish}
    manager.remove_endpoint(environ.project, "sonnet", environ=process)
    assert missing(environ) == set()
    added = {**shared, "providerId": "p"}
    manager.add_endpoint(environ.project, added, environ=process)
    assert missing(environ) == set()


def test_a_cache_folder_that_the_user_names(tmp_path: Path) -> None:
    environ = world(tmp_path / "project")
    outside = str(tmp_path / "outside")
    (environ.project / "cache").symlink_to(outside)
    for place, expected in ((outside, set()), ("cache", {outside})):
        settings = {"cacheDir": place}
        process = dict(environ.process)
        manager.update_global_cache_settings(environ.project, settings, environ=process)
        assert {wish.what for wish in missing(environ)} == expected
