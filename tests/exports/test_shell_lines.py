"""The lines for a shell that gemini, qwen and claude are started from."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from ccw.exports.shells import CLIENTS, export_shell
from tests.exports.configs import CLAUDE, GATE, OPENAI, config_of, endpoint

SECRET = "sk-live-0123456789abcdef"


@pytest.mark.parametrize(
    ("name", "provider", "expected"),
    [
        pytest.param(
            "gemini",
            {"id": "g", "name": "G", "type": "google"},
            [
                "export GOOGLE_GEMINI_BASE_URL=https://generativelanguage.googleapis.com",
                'export GEMINI_API_KEY="${GOOGLE_API_KEY:?}"',
                "export GEMINI_MODEL=m",
            ],
            id="gemini-itself",
        ),
        pytest.param(
            "qwen",
            {**GATE, "id": "g", "apiBase": "https://${HOST}/it's"},
            [
                'export OPENAI_BASE_URL=https://"${HOST:?}"' + """'/it'"'"'s/v1'""",
                'export OPENAI_API_KEY="${GATE_KEY:?}"',
                "export OPENAI_MODEL=m",
            ],
            id="an-address-to-quote",
        ),
        pytest.param(
            "claude",
            {**GATE, "id": "g", "apiKey": ""},
            [
                "export ANTHROPIC_BASE_URL=http://localhost:4000",
                "export ANTHROPIC_AUTH_TOKEN=not-needed",
                "export ANTHROPIC_MODEL=m",
                "export ANTHROPIC_DEFAULT_HAIKU_MODEL=m",
                "export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1",
            ],
            id="a-gateway-without-a-key",
        ),
        pytest.param(
            "claude",
            {"id": "g", "name": "A", "type": "anthropic", "apiKey": SECRET},
            [
                "export ANTHROPIC_BASE_URL=https://api.anthropic.com",
                'export ANTHROPIC_API_KEY="${G_API_KEY:?}"',
                "export ANTHROPIC_MODEL=m",
                "export ANTHROPIC_DEFAULT_HAIKU_MODEL=m",
                "export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1",
            ],
            id="a-key-that-is-written-out",
        ),
    ],
)
def test_lines_for_a_shell(name: str, provider: dict[str, Any], expected: list[str]) -> None:
    config = config_of(provider, endpoints=[endpoint("e", "g", "m")])
    made = export_shell(CLIENTS[name], config)
    lines = made.text.splitlines()
    assert [line for line in lines if not line.startswith("#")] == expected
    assert SECRET not in made.text


@pytest.mark.parametrize(
    "model", ["$(touch made)", "`touch made`", "'; touch made; '", "${HOME:?}"]
)
def test_a_shell_runs_nothing_of_a_configuration(model: str, tmp_path: Any) -> None:
    config = config_of({**GATE, "name": model}, endpoints=[endpoint("e", "gate", model)])
    made = export_shell(CLIENTS["qwen"], config)
    script = f'{made.text}\nprintf %s "$OPENAI_MODEL"\n'
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=tmp_path,
        env={"GATE_KEY": "k", "HOME": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, model), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_client_of_one_model_takes_the_default_or_the_first_that_fits() -> None:
    endpoints = [endpoint("a", "openai"), endpoint("b", "gate"), endpoint("c", "anthropic")]
    config = config_of(OPENAI, GATE, CLAUDE, endpoints=endpoints, defaultEndpoint="c")
    made = {name: export_shell(CLIENTS[name], config).endpoints for name in CLIENTS}
    assert made == {"gemini": ("b",), "qwen": ("a",), "claude": ("c",)}
    chosen = export_shell(CLIENTS["claude"], config, ["a", "b"])
    assert chosen.endpoints == ("b",)
    assert chosen.left_out == (
        "endpoint a: claude speaks Anthropic's API, a provider of type openai may not; "
        "see ccw config export litellm",
    )


def test_what_is_not_for_chat_is_left_out_with_the_reason() -> None:
    endpoints = [endpoint("a", "gate"), endpoint("v", "gate", purpose="embedding")]
    config = config_of(GATE, endpoints=endpoints)
    for name, client in CLIENTS.items():
        made = export_shell(client, config)
        assert (made.endpoints, made.left_out) == (
            ("a",),
            (f"endpoint v: {name} has no use for embedding",),
        )
