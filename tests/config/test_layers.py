"""What holds in a project whose user has a configuration of his own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.config import manager
from ccw.config.layers import laid_over, load_effective
from ccw.config.models import LiteLLMApiConfig
from ccw.config.places import config_path, user_config_path
from ccw.config.references import project_environ
from ccw.errors import AlreadyExists, ConfigFileError, InvalidValue, NotFound
from tests.config.storing import CANARY, NOW
from tests.nobody import open_to_all, run_as_nobody

P = {"id": "p", "name": "P", "type": "ollama"}
Q = {"id": "q", "name": "Q", "type": "ollama"}
E = {"id": "e", "name": "E", "providerId": "p", "model": "m"}
F = {"id": "f", "name": "F", "providerId": "q", "model": "m"}


def config(**content: Any) -> LiteLLMApiConfig:
    return LiteLLMApiConfig.model_validate(content)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"CCW_HOME": str(tmp_path / "own")}


@pytest.fixture
def public_project(project: Path) -> Path:
    """A project that every user may read."""
    open_to_all(project)
    return project


def write(path: Path, **content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def ids(project: LiteLLMApiConfig, user: LiteLLMApiConfig) -> tuple[list[str], list[str]]:
    whole = laid_over(project, user)
    return [p.name for p in whole.providers], [e.name for e in whole.endpoints]


def test_the_project_wins_by_id_and_comes_first() -> None:
    user = config(providers=[P, Q], endpoints=[E, F])
    mine = config(providers=[{**Q, "name": "mine"}], endpoints=[{**F, "name": "mine"}])
    assert ids(mine, user) == (["mine", "P"], ["mine", "E"])


def test_a_disabled_copy_hides_it() -> None:
    user = config(providers=[P], endpoints=[E], defaultEndpoint="e")
    whole = laid_over(config(endpoints=[{**E, "enabled": False}]), user)
    assert [(e.id, e.enabled) for e in whole.endpoints] == [("e", False)]
    assert whole.default_endpoint is None


@pytest.mark.parametrize(
    ("project", "user", "expected"),
    [
        pytest.param("a", "b", "a", id="the-projects"),
        pytest.param(None, "b", "b", id="the-users"),
        pytest.param("a", None, "a", id="only-the-projects"),
        pytest.param(None, None, None, id="none"),
    ],
)
def test_default_endpoint(project: str | None, user: str | None, expected: str | None) -> None:
    whole = laid_over(config(defaultEndpoint=project), config(defaultEndpoint=user))
    assert whole.default_endpoint == expected


def test_cache_settings_field_by_field() -> None:
    mine = config(globalCacheSettings={"enabled": True, "own": 1})
    user = config(globalCacheSettings={"enabled": False, "maxTotalSizeMB": 7})
    settings = laid_over(mine, user).global_cache_settings
    assert settings.model_dump(by_alias=True) == {
        "enabled": True,
        "cacheDir": "~/.ccw/cache/context",
        "maxTotalSizeMB": 7,
        "own": 1,
    }


def test_without_a_users_file_the_project_is_all(project: Path, environ: dict[str, str]) -> None:
    write(config_path(project), providers=[P])
    effective = load_effective(project, environ)
    assert effective.config is effective.project
    assert effective.user == LiteLLMApiConfig()


def test_the_users_file_alone_is_enough(tmp_path: Path, environ: dict[str, str]) -> None:
    write(user_config_path(environ), providers=[P], endpoints=[E], defaultEndpoint="e")
    whole = load_effective(tmp_path, environ).config
    assert (whole.providers[0].id, whole.default_endpoint) == ("p", "e")
    assert [e.id for e in manager.get_all_endpoints(tmp_path, environ=environ)] == ["e"]
    assert not (tmp_path / ".ccw").exists()


def test_a_broken_users_file_is_named(project: Path, environ: dict[str, str]) -> None:
    path = user_config_path(environ)
    path.parent.mkdir(parents=True)
    path.write_text(f'{{"providers": "{CANARY}"')
    before = path.read_bytes()
    for call in (
        lambda: load_effective(project, environ),
        lambda: manager.add_provider(project, P, environ=environ),
        lambda: manager.add_provider(project, P, user=True, environ=environ),
    ):
        with pytest.raises(ConfigFileError) as caught:
            call()
        assert str(caught.value).startswith(f"{path} is not valid JSON")
        assert CANARY not in str(caught.value)
    assert path.read_bytes() == before
    assert not config_path(project).exists()


def test_a_home_that_is_no_folder_has_no_file(project: Path) -> None:
    write(config_path(project), providers=[P])
    nowhere = {"HOME": "/dev/null"}
    assert [p.id for p in load_effective(project, nowhere).config.providers] == ["p"]
    manager.add_provider(project, Q, environ=nowhere)
    with pytest.raises(ConfigFileError, match=r"cannot create /dev/null/\.ccw/config: Not a dir"):
        manager.add_provider(project, Q, user=True, environ=nowhere)


def test_a_closed_home_has_no_file(public_project: Path) -> None:
    write(config_path(public_project), providers=[P]).chmod(0o644)
    home = public_project / "home"
    write(user_config_path({"HOME": str(home)}), providers=[Q])
    home.chmod(0)
    code = (
        "from ccw.config.layers import load_config\n"
        "config = load_config(Path(sys.argv[1]), {'HOME': sys.argv[2]})\n"
        "print([p.id for p in config.providers])"
    )
    done = run_as_nobody(code, str(public_project), str(home))
    home.chmod(0o755)
    assert (done.stdout, done.stderr) == ("['p']\n", "")


def test_the_dotenv_does_not_say_where_the_users_file_is(project: Path, tmp_path: Path) -> None:
    evil = {"CCW_HOME": str(tmp_path / "evil")}
    write(user_config_path(evil), providers=[P])
    (project / ".env").write_text(f"CCW_HOME={evil['CCW_HOME']}\nHOME={tmp_path / 'evil'}\n")
    environ = project_environ(project, {"HOME": str(tmp_path)})
    assert environ["CCW_HOME"] == evil["CCW_HOME"]
    assert load_effective(project, environ).config.providers == ()


def test_each_change_stays_in_its_file(project: Path, environ: dict[str, str]) -> None:
    manager.add_provider(project, P, user=True, environ=environ, clock=lambda: NOW)
    manager.add_endpoint(project, E, user=True, environ=environ, clock=lambda: NOW)
    assert not config_path(project).exists()
    mine = {**E, "id": "mine"}
    manager.add_endpoint(project, mine, environ=environ, clock=lambda: NOW)
    own, user = (
        json.loads(p.read_text()) for p in (config_path(project), user_config_path(environ))
    )
    assert ([e["id"] for e in own["endpoints"]], own["defaultEndpoint"]) == (["mine"], "mine")
    assert ([e["id"] for e in user["endpoints"]], user["defaultEndpoint"]) == (["e"], "e")
    assert own["providers"] == []
    manager.remove_provider(project, "p", user=True, environ=environ)
    left = manager.get_all_endpoints(project, environ=environ)
    assert [e.id for e in left] == ["mine"]
    assert user_config_path(environ).stat().st_mode & 0o777 == 0o600


def test_a_users_endpoint_needs_a_users_provider(project: Path, environ: dict[str, str]) -> None:
    manager.add_provider(project, P, environ=environ)
    with pytest.raises(
        InvalidValue, match=r"Provider not found: p \(only this project has it; leave"
    ):
        manager.add_endpoint(project, E, user=True, environ=environ)


NEW = {"name": "x"}
ONLY_USER = r"it is in the user's own configuration; to change it there, add --user"
ONLY_PROJECT = "only this project has it; leave --user out"


@pytest.mark.parametrize("user", [False, True], ids=["project", "user"])
@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda *a, **k: manager.update_provider(*a, "p", NEW, **k), "Provider not found: p"),
        (lambda *a, **k: manager.remove_provider(*a, "p", **k), "Provider not found: p"),
        (lambda *a, **k: manager.update_endpoint(*a, "e", NEW, **k), "Endpoint not found: e"),
        (lambda *a, **k: manager.remove_endpoint(*a, "e", **k), "Endpoint not found: e"),
    ],
    ids=["update-provider", "remove-provider", "update-endpoint", "remove-endpoint"],
)  # fmt: skip
def test_what_only_the_other_file_has(
    project: Path, environ: dict[str, str], call: Any, what: str, user: bool
) -> None:
    path = config_path(project) if user else user_config_path(environ)
    before = write(path, providers=[P], endpoints=[E]).read_bytes()
    with pytest.raises(NotFound) as caught:
        call(project, user=user, environ=environ)
    assert str(caught.value) == f"{what} ({ONLY_PROJECT if user else ONLY_USER})"
    assert path.read_bytes() == before


def test_an_id_may_be_in_both_files_but_once_in_each(
    project: Path, environ: dict[str, str]
) -> None:
    for user in (True, False):
        manager.add_provider(project, P, user=user, environ=environ)
        with pytest.raises(AlreadyExists, match="Provider ID already exists: p"):
            manager.add_provider(project, P, user=user, environ=environ)
    manager.update_provider(project, "p", {"name": "mine"}, environ=environ)
    assert [p.name for p in manager.get_all_providers(project, environ=environ)] == ["mine"]


def test_a_project_may_default_to_a_users_endpoint(project: Path, environ: dict[str, str]) -> None:
    write(user_config_path(environ), providers=[P], endpoints=[E, {**E, "id": "e2"}])
    write(config_path(project), endpoints=[{**E, "id": "mine"}])
    manager.set_default_endpoint(project, "e2", environ=environ)
    manager.remove_endpoint(project, "mine", environ=environ)
    assert manager.get_default_endpoint(project, environ=environ) == "e2"
    with pytest.raises(NotFound, match=r"^Endpoint not found: no$"):
        manager.set_default_endpoint(project, "no", environ=environ)
    with pytest.raises(NotFound):
        manager.set_default_endpoint(project, "mine", user=True, environ=environ)


NAMES = st.lists(st.sampled_from("abcdef"), unique=True)


@given(NAMES, NAMES)
def test_every_id_is_there_once(mine: list[str], users: list[str]) -> None:
    def providers(names: list[str], layer: str) -> list[dict[str, str]]:
        return [{"id": name, "name": layer, "type": "x"} for name in names]

    whole = laid_over(
        config(providers=providers(mine, "p")), config(providers=providers(users, "u"))
    )
    found = {p.id: p.name for p in whole.providers}
    assert len(found) == len(whole.providers)
    assert found == {**dict.fromkeys(users, "u"), **dict.fromkeys(mine, "p")}
