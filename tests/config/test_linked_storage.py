"""A clone's `.ccw` that leads elsewhere, or to what never ends: it is not read or written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ccw.config import manager
from ccw.config.places import CONFIG_FILE, config_path, user_config_path
from ccw.config.references import project_environ
from ccw.config.state import ProviderState, read_state, state_path, update_state, with_provider
from ccw.config.store import load, load_file
from ccw.errors import ConfigFileError, HistoryUnusable
from ccw.history.calls import last_call
from ccw.history.log import HISTORY_FILE, record, totals
from tests.config.trusting import provider
from tests.logged import RUN

OTHERS = '{"providers": [{"id": "x", "name": "X", "type": "openai", "apiKey": "sk-of-another"}]}'
LINKS = [".ccw", ".ccw/storage", ".ccw/storage/config", str(CONFIG_FILE)]


def content(folder: Path) -> dict[str, bytes]:
    """What is in a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another project, with a configuration, a state and a log."""
    path = config_path(tmp_path / "other")
    path.parent.mkdir(parents=True)
    path.write_text(OTHERS)
    state_path(tmp_path / "other").write_text('{"providers": {"x": {"ok": true}}}')
    return tmp_path / "other"


@pytest.fixture(params=LINKS)
def linked(request: pytest.FixtureRequest, tmp_path: Path, other: Path) -> Path:
    """A project of which a part is a link to that of the other."""
    link = tmp_path / "project" / request.param
    link.parent.mkdir(parents=True)
    link.symlink_to(other / request.param)
    return tmp_path / "project"


def test_another_projects_configuration_is_not_used(linked: Path, other: Path) -> None:
    before = content(other)
    with pytest.raises(ConfigFileError, match="leads out of the project") as caught:
        load(linked)
    assert "sk-of" not in str(caught.value)
    with pytest.raises(ConfigFileError, match="leads out of the project"):
        manager.add_provider(linked, provider(), environ={"HOME": str(other.parent)})
    assert content(other) == before


def test_nothing_is_made_where_a_link_leads_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "project" / ".ccw").mkdir(parents=True)
    (tmp_path / "project" / ".ccw" / "storage").symlink_to(tmp_path / "made")
    assert load(tmp_path / "project").providers == ()
    with pytest.raises(ConfigFileError, match="leads out of the project"):
        manager.add_provider(tmp_path / "project", provider(), environ={"HOME": str(tmp_path)})
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("link", LINKS[:3])
def test_another_projects_state_and_log_are_left_alone(
    tmp_path: Path, other: Path, link: str
) -> None:
    record(other, RUN)
    before, project = content(other), tmp_path / "project"
    (project / link).parent.mkdir(parents=True)
    (project / link).symlink_to(other / link)
    assert read_state(project).providers == {}
    assert not update_state(project, lambda state: with_provider(state, "x", ProviderState()))
    if link != LINKS[2]:
        for read in (totals, last_call, lambda where: record(where, RUN)):
            with pytest.raises(HistoryUnusable, match="leads out of the project"):
                read(project)
    assert content(other) == before


def test_a_state_that_is_a_link_is_replaced_by_nothing(tmp_path: Path, other: Path) -> None:
    project = tmp_path / "project"
    state_path(project).parent.mkdir(parents=True)
    state_path(project).symlink_to(state_path(other))
    before = content(other)
    assert not update_state(project, lambda state: with_provider(state, "y", ProviderState()))
    assert (read_state(project).providers, content(other)) == ({}, before)


@pytest.mark.parametrize("kind", ["device", "pipe", "large"])
def test_what_never_ends_is_not_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "own.json"
    if kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.touch()
        os.truncate(path, 2**40)
    with pytest.raises(ConfigFileError, match=r"not a regular file|larger than 16 MB"):
        load_file(path)


def test_a_dotenv_has_a_bound(tmp_path: Path) -> None:
    (tmp_path / ".env").touch()
    os.truncate(tmp_path / ".env", 2**40)
    with pytest.raises(ConfigFileError, match="larger than 16 MB"):
        project_environ(tmp_path, {})


def test_the_users_own_file_may_be_a_link(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path / "home")}
    own, dotfiles = user_config_path(environ), tmp_path / "dotfiles.json"
    own.parent.mkdir(parents=True)
    dotfiles.write_text("{}")
    own.symlink_to(dotfiles)
    manager.add_provider(tmp_path, provider(), user=True, environ=environ)
    assert (own.is_symlink(), "evil.example" in dotfiles.read_text()) == (True, True)
    assert not (tmp_path / HISTORY_FILE).exists()
