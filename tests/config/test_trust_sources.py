"""Commands, files and proxies that a project asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ccw.config.trust.wishes import Wish, gateway_of_variables, wishes, wishes_of_provider
from tests.config.trusting import CANARY, EVIL, KEY, SECRET, asked, config_of, world


@pytest.mark.parametrize(
    ("fields", "process", "dotenv", "expected"),
    [
        pytest.param(
            {"apiKey": "${cmd:pass show x}"},
            {},
            "",
            {Wish("command", "${cmd:pass show x}", EVIL)},
            id="command",
        ),
        pytest.param(
            {"apiKey": "${cmd:id}", "type": "openai", "apiBase": None},
            {},
            "",
            {Wish("command", "${cmd:id}", "https://api.openai.com")},
            id="command-for-an-own-host",
        ),
        pytest.param(
            {"apiKey": "${cmd:id}", "apiBase": "http://localhost:1"},
            {},
            "",
            {Wish("command", "${cmd:id}", "http://localhost:1")},
            id="command-for-loopback",
        ),
        pytest.param(
            {"apiBase": "${cmd:echo https://api.openai.com}", "apiKey": "x", "type": "openai"},
            {},
            "",
            {
                Wish(
                    "command",
                    "${cmd:echo https://api.openai.com}",
                    "${cmd:echo https://api.openai.com}",
                )
            },
            id="command-as-base",
        ),
        pytest.param(
            {"apiKey": "${file:/etc/hostname}"},
            {},
            "",
            {Wish("file", "${file:/etc/hostname}", EVIL)},
            id="file",
        ),
        pytest.param(
            {"apiKey": "${file:sub/../../../../../../../../../../etc/hostname}"},
            {},
            "",
            {Wish("file", "${file:/etc/hostname}", EVIL)},
            id="file-by-dots",
        ),
        pytest.param(
            {"apiKey": "literal", "advancedSettings": {"proxy": "http://proxy.evil:3128"}},
            {},
            "",
            set(),
            id="proxy-for-nothing-of-the-user",
        ),
        pytest.param(
            {
                "type": "openai",
                "apiBase": None,
                "advancedSettings": {"proxy": "http://u:canary@proxy.evil:3128"},
            },
            {},
            "",
            {Wish("proxy", KEY, "http://proxy.evil:3128")},
            id="proxy-for-an-own-host",
        ),
        pytest.param(
            {"apiKey": "x", "advancedSettings": {"proxy": f"http://{SECRET}@proxy.evil"}},
            {},
            "",
            {Wish("proxy", SECRET, "http://proxy.evil")},
            id="secret-in-the-proxy",
        ),
        pytest.param(
            {"advancedSettings": {"proxy": "${PROXY}"}, "apiBase": "http://localhost:1"},
            {},
            "PROXY=http://proxy.evil",
            {Wish("proxy", KEY, "http://proxy.evil")},
            id="proxy-of-dotenv",
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


def test_a_link_out_of_the_project_is_outside(tmp_path: Path) -> None:
    project, elsewhere = tmp_path / "project", tmp_path / "key.txt"
    elsewhere.write_text("k")
    world(project)
    (project / "key.txt").symlink_to(elsewhere)
    found = asked(project, {"apiKey": "${file:key.txt}"}, {}, "")
    assert found == {Wish("file", f"${{file:{elsewhere}}}", EVIL)}


def test_the_gateway_that_dotenv_names(tmp_path: Path) -> None:
    """It needs no provider: the LITELLM_* variables are enough to ask it."""
    process = {"LITELLM_API_KEY": CANARY}
    environ = world(tmp_path / "project", process, f"LITELLM_BASE_URL={EVIL}\n")
    expected = {Wish("key", "${LITELLM_API_KEY}", EVIL)}
    assert wishes(config_of(), environ) == expected
    assert wishes_of_provider(gateway_of_variables(), environ) == expected
    users = {**process, "LITELLM_BASE_URL": "https://gw.example"}
    assert wishes(config_of(), world(tmp_path / "project", users)) == frozenset()
