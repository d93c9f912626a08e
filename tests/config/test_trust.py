"""What the user has not agreed to does not happen; what was agreed to is not asked again."""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccw import context_cache
from ccw.config import manager
from ccw.config.places import ccw_home, config_path
from ccw.config.references import project_environ
from ccw.config.resolve import available_key, resolve_provider
from ccw.config.trust.checking import check_cache_dir
from ccw.config.trust.record import agree, forget
from ccw.config.trust.standing import project_standing
from ccw.config.trust.wishes import Wish, wishes_of_provider
from ccw.errors import CcwError, NotTrusted
from tests.config.trusting import CANARY, EVIL, KEY, SECRET, provider, world

FOREIGN = provider()


def refused(environ: Any, item: Any = FOREIGN) -> NotTrusted:
    with pytest.raises(NotTrusted) as caught:
        resolve_provider(item, environ)
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.exit_code == 3
    return caught.value


def agree_to_all(environ: Any, item: Any = FOREIGN) -> None:
    agree(ccw_home(environ.process), environ.project, wishes_of_provider(item, environ))


def test_a_key_for_a_foreign_host_waits_for_an_agreement(tmp_path: Path) -> None:
    environ = world(tmp_path / "project")
    error = refused(environ)
    assert error.wishes == {Wish("key", KEY, EVIL)}
    assert str(error) == (
        "this project asks for what you have not agreed to:\n"
        "  send ${OPENAI_API_KEY} to https://evil.example\n"
        f"if you trust it, agree in {tmp_path / 'project'} with: ccw trust "
        "(where nobody can be asked: CCW_TRUST=1 in the environment)"
    )
    agree_to_all(environ)
    assert resolve_provider(FOREIGN, environ).api_key == CANARY


def test_the_key_alone_is_not_told_either(tmp_path: Path) -> None:
    with pytest.raises(NotTrusted):
        available_key(FOREIGN, world(tmp_path / "project"))


@pytest.mark.parametrize(
    ("grown", "what"),
    [
        pytest.param({"apiBase": "https://other.example"}, KEY, id="another-host"),
        pytest.param({"apiBase": "http://evil.example"}, KEY, id="without-tls"),
        pytest.param({"apiBase": f"{EVIL}:8443"}, KEY, id="another-port"),
        pytest.param({"apiKey": SECRET}, SECRET, id="another-key"),
        pytest.param({"advancedSettings": {"customHeaders": {"X": SECRET}}}, SECRET, id="header"),
        pytest.param({"advancedSettings": {"proxy": "http://x.evil"}}, KEY, id="proxy"),
        pytest.param({"apiKey": "${cmd:id}"}, "${cmd:id}", id="command"),
    ],
)
def test_a_change_that_asks_for_more_asks_again(
    tmp_path: Path, grown: dict[str, Any], what: str
) -> None:
    environ = world(tmp_path / "project")
    agree_to_all(environ)
    assert {wish.what for wish in refused(environ, provider(**grown)).wishes} == {what}


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"apiKey": "literal"}, id="no-key-of-the-user"),
        pytest.param({"apiBase": f"{EVIL}/v2"}, id="another-path"),
        pytest.param({"name": "Other", "id": "q"}, id="another-name"),
    ],
)
def test_a_change_that_asks_for_no_more_goes_on(tmp_path: Path, fields: dict[str, Any]) -> None:
    environ = world(tmp_path / "project")
    agree_to_all(environ)
    assert resolve_provider(provider(**fields), environ).api_key


def test_a_dotenv_that_moves_the_base_asks_again(tmp_path: Path) -> None:
    item = provider(apiBase="${GW}")
    agree_to_all(world(tmp_path / "project", dotenv="GW=https://good.example"), item)
    later = world(tmp_path / "project", dotenv=f"GW={EVIL}")
    assert refused(later, item).wishes == {Wish("key", KEY, EVIL)}


def test_a_command_does_not_run_before(tmp_path: Path) -> None:
    item = provider(apiKey=f"${{cmd:touch {tmp_path / 'ran'}}}", apiBase="http://localhost:1")
    environ = world(tmp_path / "project")
    refused(environ, item)
    with pytest.raises(NotTrusted):
        available_key(item, environ)
    assert not (tmp_path / "ran").exists()
    agree_to_all(environ, item)
    with pytest.raises(CcwError, match="printed nothing"):
        resolve_provider(item, environ)
    assert (tmp_path / "ran").exists()


def test_a_variable_that_is_not_set_is_the_first_thing_told(tmp_path: Path) -> None:
    with pytest.raises(CcwError, match="apiKey refers to NO_SUCH, which is not set"):
        resolve_provider(provider(apiKey="${NO_SUCH}"), world(tmp_path / "project"))


@pytest.mark.parametrize(("value", "dotenv", "agrees"), [
    ("1", "", True), ("true", "", True), ("0", "", False), ("", "", False),
    ("", "CCW_TRUST=1\n", False),
])  # fmt: skip
def test_the_real_environment_may_agree_for_a_process(
    tmp_path: Path, value: str, dotenv: str, agrees: bool
) -> None:
    environ = world(tmp_path / "project", {"CCW_TRUST": value} if value else {}, dotenv)
    if agrees:
        assert resolve_provider(FOREIGN, environ).api_key == CANARY
    else:
        refused(environ)
    assert not (tmp_path / "home").exists()


def test_dotenv_moves_no_record(tmp_path: Path) -> None:
    """A project cannot bring an agreement of its own."""
    project = tmp_path / "project"
    environ = world(project, dotenv=f"CCW_HOME={project / 'fake'}\nHOME={project / 'fake'}\n")
    agree(project / "fake", project, wishes_of_provider(FOREIGN, environ))
    agree(project / "fake" / ".ccw", project, wishes_of_provider(FOREIGN, environ))
    refused(environ)


def test_a_moved_project_asks_again_and_a_link_to_it_does_not(tmp_path: Path) -> None:
    environ = world(tmp_path / "project")
    agree_to_all(environ)
    (tmp_path / "link").symlink_to(tmp_path / "project")
    linked = project_environ(tmp_path / "link", environ.process)
    assert resolve_provider(FOREIGN, linked).api_key == CANARY
    moved = (tmp_path / "project").rename(tmp_path / "moved")
    refused(project_environ(moved, environ.process))


def test_taken_back(tmp_path: Path) -> None:
    environ = world(tmp_path / "project")
    agree_to_all(environ)
    assert forget(ccw_home(environ.process), environ.project) == {Wish("key", KEY, EVIL)}
    refused(environ)


Save = Callable[[Path, dict[str, str]], object]


def added(project: Path, environ: dict[str, str]) -> object:
    return manager.add_provider(project, FOREIGN, environ=environ)


def pointed(project: Path, environ: dict[str, str]) -> object:
    manager.add_provider(project, provider(apiBase="http://localhost:1"), environ=environ)
    return manager.update_provider(project, "p", {"apiBase": EVIL}, environ=environ)


@pytest.mark.parametrize("save", [added, pointed])
@pytest.mark.parametrize("is_set", [True, False], ids=["set", "set-later"])
def test_what_the_user_saves_is_agreed_to(tmp_path: Path, save: Save, is_set: bool) -> None:
    environ = world(tmp_path / "project")
    process = dict(environ.process)
    save(environ.project, process if is_set else {"HOME": process["HOME"]})
    assert resolve_provider(FOREIGN, environ).api_key == CANARY


def test_a_save_agrees_to_nothing_that_was_there_before(tmp_path: Path) -> None:
    environ = world(tmp_path / "project")
    path = config_path(environ.project)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"providers": [FOREIGN.model_dump(by_alias=True)]}))
    other = provider(id="q", apiBase="https://mine.example")
    manager.add_provider(environ.project, other, environ=dict(environ.process))
    manager.update_provider(environ.project, "p", {"name": "N"}, environ=dict(environ.process))
    assert resolve_provider(other, environ).api_key == CANARY
    refused(environ)
    standing = project_standing(environ.project, environ.process)
    assert standing.missing == {Wish("key", KEY, EVIL)}
    assert standing.agreed == {Wish("key", KEY, "https://mine.example")}


def test_a_save_outlives_a_record_that_refuses(tmp_path: Path) -> None:
    environ = world(tmp_path / "project")
    record = ccw_home(environ.process) / "trust.json"
    record.parent.mkdir(parents=True)
    record.write_text("broken")
    assert manager.add_provider(environ.project, FOREIGN, environ=dict(environ.process)).id == "p"
    with pytest.raises(CcwError, match="not valid JSON"):
        resolve_provider(FOREIGN, environ)
    assert record.read_text() == "broken"


def test_a_cache_folder_elsewhere_waits_for_an_agreement(tmp_path: Path) -> None:
    environ, outside = world(tmp_path / "project"), tmp_path / "outside"
    path = config_path(environ.project)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"globalCacheSettings": {"cacheDir": "../outside"}}))
    (environ.project / "a.py").write_text("x\n")
    with pytest.raises(NotTrusted) as caught:
        context_cache.pack(environ.project, "a.py", environ=environ.process)
    assert str(caught.value).splitlines()[1] == (
        f"  keep packed files in {outside} (cacheDir ../outside)"
    )
    assert not outside.exists()
    agree(ccw_home(environ.process), environ.project, caught.value.wishes)
    assert context_cache.pack(environ.project, "a.py", environ=environ.process).session_id
    os.symlink(outside, environ.project / "link")
    with pytest.raises(NotTrusted):
        check_cache_dir(environ.project, "link/other", environ)
