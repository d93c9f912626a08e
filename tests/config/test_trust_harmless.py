"""What needs no agreement: own hosts, loopback, and all that the project brought itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ccw.config.trust.wishes import Wish, wishes_of_cache
from tests.config.trusting import KEY, SECRET, asked, headers, world


@pytest.mark.parametrize(
    ("fields", "process", "dotenv"),
    [
        pytest.param({"apiKey": ""}, {}, "", id="no-key"),
        pytest.param({"apiKey": "sk-literal"}, {}, "", id="literal"),
        pytest.param({"apiKey": "${MINE}"}, {}, "MINE=sk-own", id="key-of-dotenv"),
        pytest.param(
            {"apiKey": "${MINE}"}, {}, "A=sk\nMINE=${A}-own${NOT_SET}", id="key-made-in-dotenv"
        ),
        pytest.param({"apiKey": "${file:key.txt}"}, {}, "", id="file-of-the-project"),
        pytest.param(
            {"apiKey": "", "apiKeys": [{"key": KEY, "enabled": False}]}, {}, "", id="disabled-key"
        ),
        pytest.param({"apiBase": "http://localhost:4000"}, {}, "", id="localhost"),
        pytest.param({"apiBase": "http://127.0.0.1:8000/v1"}, {}, "", id="127"),
        pytest.param(
            {"apiBase": "http://[::1]:8000/v1", **headers(X=SECRET)}, {}, "", id="ipv6-loopback"
        ),
        pytest.param(
            {"apiBase": "http://${HOST:-localhost}:8000"}, {}, "", id="loopback-by-default"
        ),
        pytest.param(
            {"apiBase": "${GW}"}, {"GW": "http://localhost:1"}, "", id="loopback-by-variable"
        ),
        pytest.param({"type": "openai", "apiBase": None}, {}, "", id="own-host"),
        pytest.param(
            {"type": "openai", "apiBase": "https://api.openai.com/v1", **headers(X=SECRET)},
            {},
            "",
            id="any-variable-to-an-own-host",
        ),
        pytest.param(
            {"type": "azure", "apiBase": "https://mine.openai.azure.com"}, {}, "", id="azure"
        ),
        pytest.param({"type": "cohere", "apiBase": None}, {}, "", id="litellm-knows-the-host"),
        pytest.param(
            {"type": "hosted_vllm", "apiKey": ""}, {}, "", id="server-without-credentials"
        ),
        pytest.param(
            {"type": "openai", "apiKey": ""}, {}, "", id="usual-key-is-not-sent-elsewhere"
        ),
        pytest.param(
            {"type": "litellm", "apiKey": "", "apiBase": None},
            {"LITELLM_API_KEY": "k"},
            "",
            id="litellm-here",
        ),
        pytest.param(
            {"type": "litellm", "apiKey": "", "apiBase": "${LITELLM_BASE_URL}"},
            {"LITELLM_BASE_URL": "https://gw.example/", "LITELLM_API_KEY": "k"},
            "",
            id="litellm-of-the-user",
        ),
        pytest.param(
            {"type": "litellm", "apiKey": KEY, "apiBase": "https://gw.example/v1"},
            {"LITELLM_BASE_URL": "https://gw.example"},
            "LITELLM_BASE_URL=https://evil.example",
            id="litellm-not-of-dotenv",
        ),
        pytest.param(
            {"advancedSettings": {"proxy": "http://127.0.0.1:3128"}, "apiBase": "http://[::1]"},
            {},
            "",
            id="proxy-on-loopback",
        ),
    ],
)
def test_harmless(
    tmp_path: Path, fields: dict[str, Any], process: dict[str, str], dotenv: str
) -> None:
    assert asked(tmp_path / "project", fields, process, dotenv) == set()


@pytest.mark.parametrize(
    ("cache_dir", "dotenv", "expected"),
    [
        pytest.param("~/.ccw/cache/context", "", None, id="default"),
        pytest.param("cache", "", None, id="in-the-project"),
        pytest.param("./a/../b", "", None, id="in-the-project-by-dots"),
        pytest.param("~/elsewhere", "", "home/elsewhere", id="in-the-home"),
        pytest.param("~/.ccwx", "", "home/.ccwx", id="begins-alike"),
        pytest.param("../project-b", "", "project-b", id="beside-it-begins-alike"),
        pytest.param("link/cache", "", "home/cache", id="through-a-link"),
        pytest.param("~/.ccw/../x", "", "home/x", id="out-of-the-own-folder"),
        pytest.param(
            "~/.ccw/cache", "CCW_HOME=/tmp/other\nHOME=/tmp", None, id="dotenv-moves-nothing"
        ),
    ],
)
def test_cache_dir(tmp_path: Path, cache_dir: str, dotenv: str, expected: str | None) -> None:
    project = tmp_path / "project"
    (tmp_path / "home").mkdir()
    environ = world(project, dotenv=dotenv)
    (project / "link").symlink_to(tmp_path / "home")
    wanted = {Wish("cacheDir", str(tmp_path / expected), cache_dir)} if expected else set()
    assert set(wishes_of_cache(cache_dir, environ)) == wanted
