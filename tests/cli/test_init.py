"""`ccw init`: from nothing to a configuration, by what is found, by options, by answers."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ccw.cli.main import cli
from ccw.config.manager import load_config
from ccw.config.models import LiteLLMApiConfig
from ccw.config.store import config_path

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in: not a project yet."""
    path = tmp_path / "work"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


def init(*options: str) -> Result:
    return CliRunner().invoke(cli, ["init", *options], catch_exceptions=False)


def summary(config: LiteLLMApiConfig) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    providers = [(p.id, p.type, p.api_key) for p in config.providers]
    return providers, [(e.id, e.provider_id, e.model) for e in config.endpoints]


def test_takes_the_first_set_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", "sk-canary-in-the-environment")
    result = init()
    path = config_path(folder)
    assert result.exit_code == 0
    assert result.stdout == (
        f"config: {path}\nprovider: mistral (new)\nendpoint: mistral-large-latest (new, default)\n"
    )
    assert "MISTRAL_API_KEY is set" in result.stderr
    assert 'next: ccw cli --model mistral-large-latest -p "Say hello"' in result.stderr
    assert summary(load_config(folder)) == (
        [("mistral", "mistral", "${MISTRAL_API_KEY}")],
        [("mistral-large-latest", "mistral", "mistral-large-latest")],
    )
    assert "canary" not in path.read_text() + result.output


def test_a_key_in_the_projects_env_file_counts(folder: Path) -> None:
    (folder / ".env").write_text("GROQ_API_KEY=gsk-canary\n")
    result = init("--json")
    report = json.loads(result.stdout)
    assert (report["type"], report["default"], len(report["next"])) == ("groq", True, 1)
    assert "canary" not in config_path(folder).read_text() + result.output


def test_the_embedded_model_by_options(folder: Path) -> None:
    result = init("--type", "local", "--json")
    assert json.loads(result.stdout) == {
        "path": str(config_path(folder)),
        "provider": "local",
        "type": "local",
        "endpoint": "local",
        "model": "smollm2",
        "default": True,
        "newProvider": True,
        "newEndpoint": True,
        "next": ["ccw local install", 'ccw cli --model local -p "Say hello"'],
    }


def test_all_options(folder: Path) -> None:
    given = "--type litellm --model team-model --id team --provider-id gateway --name Team"
    more = "--api-key-env TEAM_KEY --api-base https://llm.example.com/ --no-default"
    result = init(*given.split(), *more.split())
    assert result.exit_code == 0
    assert "next: export TEAM_KEY=..." in result.stderr
    config = load_config(folder)
    assert summary(config) == (
        [("gateway", "litellm", "${TEAM_KEY}")],
        [("team", "gateway", "team-model")],
    )
    assert config.providers[0].api_base == "https://llm.example.com"
    assert (config.providers[0].name, config.endpoints[0].name) == ("Team", "Team")
    assert config.default_endpoint is None


def test_what_is_configured_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    init("--type", "local")
    before = config_path(folder).read_bytes()
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    again, same = init(), init("--type", "local")
    assert again.stdout == (
        f"already configured: {config_path(folder)}\nendpoints: local; default: local\n"
    )
    assert json.loads(init("--json").stdout)["endpoints"] == ["local"]
    assert "endpoint: local (was there already, default)\n" in same.stdout
    assert config_path(folder).read_bytes() == before
    init("--type", "openai")
    config = load_config(folder)
    assert [e.id for e in config.endpoints] == ["local", "gpt-6.1-sol"]
    assert config.default_endpoint == "local"


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        pytest.param("--type azure", 2, "--api-base", id="address-missing"),
        pytest.param("--type custom --api-base http://h", 2, "--model", id="model-missing"),
        pytest.param("--type local --api-key-env sk-x", 2, "name of a variable", id="key-as-name"),
        pytest.param("--type local --id a/b", 3, "id", id="bad-id"),
        pytest.param("--type custom --model m --api-base ftp://h", 3, "http", id="bad-address"),
    ],
)
def test_bad_options_write_nothing(folder: Path, options: str, code: int, said: str) -> None:
    result = init(*options.split())
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert not config_path(folder).exists()


def test_a_broken_file_is_not_overwritten(folder: Path) -> None:
    path = config_path(folder)
    path.parent.mkdir(parents=True)
    path.write_text('{"providers": [')
    result = init("--type", "local")
    assert result.exit_code == 3
    assert path.read_text() == '{"providers": ['


def answer_on_a_terminal(arguments: list[str], answers: list[str]) -> tuple[int, str]:
    """Run ccw with a terminal on stdin and stderr; give each answer when its question is there."""
    outer, inner = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ccw", *arguments],
        stdin=inner,
        stdout=subprocess.PIPE,
        stderr=inner,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    os.close(inner)
    for answer in answers:
        _read_until(outer, b"]: ")
        os.write(outer, f"{answer}\n".encode())
    assert process.stdout is not None
    said = process.stdout.read().decode()
    code = process.wait(30)
    os.close(outer)
    return code, said


def _read_until(terminal: int, end: bytes, seconds: float = 30.0) -> None:
    seen, deadline = b"", time.monotonic() + seconds
    while end not in seen and time.monotonic() < deadline:
        seen += os.read(terminal, 1024)
    assert end in seen, seen


def test_asks_on_a_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-1")
    code, said = answer_on_a_terminal(["init"], ["1", "deepseek-chat", "deep"])
    assert (code, said.splitlines()[-1]) == (0, "endpoint: deep (new, default)")
    assert summary(load_config(folder)) == (
        [("deepseek", "deepseek", "${DEEPSEEK_API_KEY}")],
        [("deep", "deepseek", "deepseek-chat")],
    )
    code, said = answer_on_a_terminal(["init"], ["n"])
    assert (code, said.splitlines()[0]) == (0, f"already configured: {config_path(folder)}")
