"""What is remembered of a project's wishes is never less than what it asks for now."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccw.config.kept import seen_in
from ccw.config.models import ProviderCredential
from ccw.config.references import ProjectEnviron, project_environ
from ccw.config.trust.checking import check_provider
from ccw.config.trust.wishes import Wish
from ccw.errors import NotTrusted
from tests.config.test_trust_any import PROVIDERS
from tests.config.trusting import (
    CANARY,
    EVIL,
    KEY,
    provider,
    write_project_config,
    write_user_config,
)

PROCESSES = st.lists(
    st.sampled_from(["OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "LITELLM_BASE_URL", "A", "GW"]),
    unique=True,
)
DOTENVS = st.sampled_from(["", "OPENAI_API_KEY=own\n", "A=evil.example\n", "GW=http://localhost\n"])
VALUES = {"LITELLM_BASE_URL": "https://evil.example", "GW": "https://evil.example", "A": "b"}


def refused(provider: ProviderCredential, environ: ProjectEnviron) -> frozenset[Wish]:
    """What a call is refused for."""
    try:
        check_provider(provider, environ)
    except NotTrusted as error:
        return frozenset(error.wishes)
    return frozenset()


def environ_of(project: Path, process: Mapping[str, str]) -> ProjectEnviron:
    return project_environ(project, {"HOME": str(project / "home"), **process})


def write(project: Path, asking: ProviderCredential) -> None:
    write_project_config(environ_of(project, {}), asking)


def call(project: Path, process: Mapping[str, str], *, kept: bool) -> frozenset[Wish]:
    """What the project's provider is refused for in a call, which may go by what is remembered."""
    environ = environ_of(project, process)
    effective = seen_in(project, environ, time.time() + 3600 if kept else None)
    return refused(effective.config.providers[0], environ)


@settings(max_examples=40)
@given(PROVIDERS, st.lists(st.tuples(PROCESSES, DOTENVS), min_size=1, max_size=4))
def test_no_environment_gets_the_answer_of_another(
    asking: ProviderCredential, calls: list[tuple[list[str], str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        write(project, asking)
        for names, dotenv in calls:
            process = {name: VALUES.get(name, CANARY) for name in names}
            (project / ".env").write_text(dotenv)
            assert call(project, process, kept=True) == call(project, process, kept=False)


def test_another_provider_of_the_same_id_is_asked_about(project: Path) -> None:
    """As one that is tried before it is saved."""
    write(project, provider(apiBase="http://127.0.0.1:9/v1"))
    process = {"OPENAI_API_KEY": CANARY}
    assert call(project, process, kept=True) == frozenset()
    environ = environ_of(project, process)
    seen_in(project, environ, time.time() + 3600)
    assert {wish.what for wish in refused(provider(), environ)} == {KEY}


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="foreign-address"),
        pytest.param({"type": "litellm"}, id="gateway"),
        pytest.param({"apiKey": "${cmd:id}", "apiBase": "http://127.0.0.1:9/v1"}, id="command"),
    ],
)
def test_what_is_refused_is_refused_again(project: Path, fields: dict[str, Any]) -> None:
    write(project, provider(**fields))
    found = [call(project, {"OPENAI_API_KEY": CANARY}, kept=True) for _ in range(3)]
    assert len(set(found)) == 1
    assert found[0]


def test_a_users_own_file_that_appears_counts(project: Path) -> None:
    write(project, provider(apiBase="http://127.0.0.1:9/v1"))
    assert call(project, {}, kept=True) == frozenset()
    write_user_config(environ_of(project, {}), provider(apiBase="http://127.0.0.1:8/v1"))
    assert {wish.kind for wish in call(project, {}, kept=True)} == {"instead"}


def test_a_dotenv_that_goes_away_takes_its_answer_along(project: Path) -> None:
    """The key was the project's own; the next is the user's."""
    write(project, provider())
    (project / ".env").write_text("OPENAI_API_KEY=own\n")
    assert call(project, {}, kept=True) == frozenset()
    (project / ".env").unlink()
    found = call(project, {"OPENAI_API_KEY": CANARY}, kept=True)
    assert {wish.what for wish in found} == {KEY}


def test_a_gateway_that_is_the_users_no_longer_is_asked_about(project: Path) -> None:
    write(project, provider(type="litellm", apiBase=EVIL))
    process = {"OPENAI_API_KEY": CANARY}
    assert call(project, {**process, "LITELLM_BASE_URL": EVIL}, kept=True) == frozenset()
    assert {wish.what for wish in call(project, process, kept=True)} == {KEY}


def test_a_file_that_becomes_a_link_out_is_asked_about(project: Path, tmp_path: Path) -> None:
    write(project, provider(apiKey="${file:key.txt}"))
    key, outside = project / "key.txt", tmp_path / "outside.txt"
    key.write_text("own")
    assert call(project, {}, kept=True) == frozenset()
    outside.write_text(CANARY)
    key.unlink()
    key.symlink_to(outside)
    found = call(project, {}, kept=True)
    assert {(wish.kind, wish.what) for wish in found} == {("file", f"${{file:{outside}}}")}
