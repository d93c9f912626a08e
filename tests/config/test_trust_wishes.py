"""What a project asks for: every way to the user's keys is a wish, everything harmless is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ccw.config.trust.wishes import Wish, wishes
from tests.config.trusting import (
    EVIL,
    KEY,
    SECRET,
    asked,
    config_of,
    headers,
    provider,
    world,
)


def key(where: str, what: str = KEY) -> Wish:
    return Wish("key", what, where)


@pytest.mark.parametrize(
    ("fields", "process", "dotenv", "expected"),
    [
        pytest.param({}, {}, "", {key(EVIL)}, id="key-to-a-foreign-host"),
        pytest.param({"apiKey": "$OPENAI_API_KEY"}, {}, "", {key(EVIL)}, id="whole-value"),
        pytest.param(
            {"apiKey": "${OPENAI_API_KEY:-sk-default}"}, {}, "", {key(EVIL)}, id="default-hidden"
        ),
        pytest.param(
            {"apiKey": "x${OPENAI_API_KEY}y" + SECRET},
            {},
            "",
            {key(EVIL), key(EVIL, SECRET)},
            id="inside-text",
        ),
        pytest.param(
            {"apiKey": "${keyring:ccw/openai}"},
            {},
            "",
            {key(EVIL, "${keyring:ccw/openai}")},
            id="keyring",
        ),
        pytest.param({"apiKey": "", "apiKeys": [{"key": KEY}]}, {}, "", {key(EVIL)}, id="pool"),
        pytest.param(
            {"apiKey": "", **headers(X=f"Bearer {KEY}")}, {}, "", {key(EVIL)}, id="header"
        ),
        pytest.param({"type": "openai"}, {}, "", {key(EVIL)}, id="known-type-elsewhere"),
        pytest.param(
            {"type": "openai", "apiBase": "https://api.openai.com.evil.example/v1"},
            {},
            "",
            {key("https://api.openai.com.evil.example")},
            id="own-host-as-a-label",
        ),
        pytest.param(
            {"type": "openai", "apiBase": "http://api.openai.com/v1"},
            {},
            "",
            {key("http://api.openai.com")},
            id="own-host-without-tls",
        ),
        pytest.param(
            {"type": "openai", "apiBase": "https://evil.example:443/api.openai.com"},
            {},
            "",
            {key(EVIL)},
            id="own-host-in-the-path",
        ),
        pytest.param(
            {"apiBase": "https://EVIL.example.:8443/v1"},
            {},
            "",
            {key("https://evil.example:8443")},
            id="port-case-and-dot",
        ),
        pytest.param(
            {"apiBase": "http://0.0.0.0:4000"},
            {},
            "",
            {key("http://0.0.0.0:4000")},
            id="unspecified",
        ),
        pytest.param(
            {"apiBase": "http://10.0.0.7:4000"},
            {},
            "",
            {key("http://10.0.0.7:4000")},
            id="private-network",
        ),
        pytest.param(
            {"apiBase": "https://аpi.openai.com/v1", "type": "openai"},
            {},
            "",
            {key("https://аpi.openai.com")},
            id="homograph",
        ),
        pytest.param(
            {"apiBase": f"https://{SECRET}.evil.example/v1", "apiKey": "x"},
            {},
            "",
            {key(f"https://{SECRET}.evil.example", SECRET)},
            id="secret-in-the-host",
        ),
        pytest.param(
            {"apiBase": f"{EVIL}/{SECRET}/v1", "apiKey": "x"},
            {},
            "",
            {key(EVIL, SECRET)},
            id="secret-in-the-path",
        ),
        pytest.param(
            {"apiBase": f"{EVIL}?k={SECRET}", "apiKey": "x"},
            {},
            "",
            {key(EVIL, SECRET)},
            id="secret-in-the-query",
        ),
        pytest.param(
            {"apiBase": "${GW}/v1"},
            {"GW": "https://gw.example"},
            "",
            {key("${GW}")},
            id="base-of-the-user",
        ),
        pytest.param({"apiBase": "${GW}/v1"}, {}, "", {key("${GW}")}, id="base-not-yet-set"),
        pytest.param(
            {"apiBase": "${GW}.evil.example"},
            {"GW": "https://secret"},
            "",
            {key("${GW}.evil.example"), key("${GW}.evil.example", "${GW}")},
            id="base-goes-on",
        ),
        pytest.param({"apiBase": "${GW}/v1"}, {}, f"GW={EVIL}", {key(EVIL)}, id="base-of-dotenv"),
        pytest.param({"apiBase": f"${{GW:-{EVIL}}}/v1"}, {}, "", {key(EVIL)}, id="base-by-default"),
        pytest.param(
            {"apiBase": f"${{GW:-{EVIL}}}/v1"}, {"GW": ""}, "", {key(EVIL)}, id="base-set-empty"
        ),
        pytest.param(
            {"apiBase": "${GW}/v1"},
            {},
            "GW=https://${AWS_SECRET_ACCESS_KEY}.evil.example",
            {key(f"https://{SECRET}.evil.example"), key(f"https://{SECRET}.evil.example", "${GW}")},
            id="dotenv-takes-a-secret-into-the-host",
        ),
        pytest.param(
            {"apiKey": "${MINE}"},
            {},
            "MINE=${OPENAI_API_KEY}",
            {key(EVIL, "${MINE}")},
            id="dotenv-borrows-a-key",
        ),
        pytest.param(
            {"apiKey": "${A}"},
            {},
            "B=${OPENAI_API_KEY}\nA=x${B}",
            {key(EVIL, "${A}")},
            id="dotenv-borrows-twice",
        ),
        pytest.param(
            {}, {}, "OPENAI_API_KEY=sk-of-the-project", {key(EVIL)}, id="the-environment-wins"
        ),
        pytest.param(
            {"type": "litellm", "apiKey": ""},
            {"LITELLM_API_KEY": "k"},
            "",
            {key(EVIL, "${LITELLM_API_KEY}")},
            id="usual-key-of-litellm",
        ),
        pytest.param(
            {"type": "litellm", "apiKey": "", "apiBase": "${LITELLM_BASE_URL}"},
            {"LITELLM_API_KEY": "k"},
            f"LITELLM_BASE_URL={EVIL}",
            {key(EVIL, "${LITELLM_API_KEY}")},
            id="litellm-by-dotenv",
        ),
        pytest.param(
            {"type": "unheard_of", "apiKey": ""},
            {},
            "",
            {key(EVIL, "credentials of unheard_of")},
            id="unknown-type",
        ),
        pytest.param(
            {"type": "vertex_ai", "apiKey": "literal"},
            {},
            "",
            {key(EVIL, "credentials of vertex_ai")},
            id="credentials-of-the-machine",
        ),
        pytest.param(
            {"type": "bedrock", "apiKey": ""},
            {},
            "",
            {key(EVIL, "credentials of bedrock")},
            id="aws",
        ),
    ],
)
def test_asked(
    tmp_path: Path,
    fields: dict[str, Any],
    process: dict[str, str],
    dotenv: str,
    expected: set[Wish],
) -> None:
    assert asked(tmp_path / "project", fields, process, dotenv) == expected


def test_a_linked_dotenv_is_not_the_projects_own(tmp_path: Path) -> None:
    (tmp_path / "other.env").write_text("THEIRS=sk-of-another-project\n")
    project = tmp_path / "project"
    project.mkdir()
    (project / ".env").symlink_to("../other.env")
    assert asked(project, {"apiKey": "${THEIRS}"}, {}, "") == {key(EVIL, "${THEIRS}")}


def test_an_address_in_a_file_of_the_project_is_shown_as_it_is_now(tmp_path: Path) -> None:
    project = tmp_path / "project"
    for host in ("one", "two"):
        world(project)
        (project / "base.txt").write_text(f"https://{host}.example/v1\n")
        found = asked(project, {"apiBase": "${file:base.txt}"}, {}, "")
        assert found == {key(f"https://{host}.example")}


def test_a_disabled_provider_asks_for_nothing(tmp_path: Path) -> None:
    environ = world(tmp_path / "project")
    assert wishes(config_of(provider(enabled=False)), environ) == frozenset()
