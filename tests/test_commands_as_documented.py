"""The commands and functions that users know by heart, typed as they are written down."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ccw import (
    LiteLLMExecutionOptions,
    add_endpoint,
    add_provider,
    delete_endpoint,
    delete_provider,
    execute_litellm_endpoint,
    extract_patterns,
    find_endpoint_by_id,
    get_all_endpoints,
    get_all_providers,
    get_endpoint,
    get_provider,
    get_provider_with_resolved_env_vars,
    update_endpoint,
    update_provider,
)
from tests.projects import CONFIG, write_files
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER

EXAMPLES = Path(__file__).parents[1] / "examples"
KEY = "sk-documented-1234567890"
AUDIT = (EXAMPLES / "security-audit.md").read_text(encoding="utf-8")
HEADER = (
    "Each file below stands between two lines of equally many backticks; the first names its path "
    "(in JSON quotes where it needs them), then lines=A-B when only these lines are shown, and "
    "no-final-newline when the file ends without one."
)
LOGIN = "```src/auth/login.ts\nexport const login = () => 'in'\n```"
TOKEN = "```src/auth/nested/token.ts\nexport const token = 'none'\n```"
MIDDLEWARE = "```src/middleware/auth.ts\nexport const check = true\n```"
AUDITED = [
    {"role": "user", "content": f"{HEADER}\n\n{LOGIN}\n\n{TOKEN}\n\n{MIDDLEWARE}\n\n---\n\n{AUDIT}"}
]


@pytest.fixture
def shop(project: Path, openai_server: Server) -> Path:
    """A project with the example configuration, its OpenAI provider sent to the loopback server."""
    write_files(project)
    shutil.copy(EXAMPLES / "litellm-config.json", project / CONFIG)
    update_provider(project, "openai-1234567890", {"apiBase": openai_server.base})
    return project


def shell(shop: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run *command* in a shell that finds ccw, with the key in the environment."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {"PATH": path, "HOME": os.environ["HOME"], "OPENAI_API_KEY": KEY}
    return subprocess.run(
        ["bash", "-c", command],
        cwd=shop,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


def sent(server: Server) -> tuple[str, str]:
    """The last request's packed files and prompt."""
    pack, _, prompt = server.posts[-1].json["messages"][0]["content"].rpartition("\n\n---\n\n")
    return pack, prompt


def test_a_review_of_matched_files(shop: Path, openai_server: Server) -> None:
    done = shell(
        shop,
        'ccw cli -p "@src/auth/**/*.ts Review security" --tool litellm --model my-gpt4o',
    )
    assert (done.returncode, done.stdout) == (0, f"{ANSWER}\n")
    pack, prompt = sent(openai_server)
    assert pack.endswith(f"{LOGIN}\n\n{TOKEN}")
    assert prompt == "@src/auth/**/*.ts Review security"
    assert openai_server.posts[-1].headers["authorization"] == f"Bearer {KEY}"


def test_a_question_without_files(shop: Path, openai_server: Server) -> None:
    done = shell(shop, 'ccw cli -p "Analyze authentication flow" --tool litellm --model my-gpt4o')
    assert done.returncode == 0
    assert sent(openai_server) == ("", "Analyze authentication flow")


def test_without_the_cache(shop: Path, openai_server: Server) -> None:
    done = shell(shop, 'ccw cli -p "Quick question" --tool litellm --model my-gpt4o --no-cache')
    assert (done.returncode, done.stdout) == (0, f"{ANSWER}\n")
    assert not (Path(os.environ["HOME"]) / ".ccw" / "cache").exists()


def test_the_audit_prompt_of_several_lines(shop: Path, openai_server: Server) -> None:
    done = shell(
        shop, f'ccw cli -p "{AUDIT}" --tool litellm --model my-security-scanner --mode analysis'
    )
    assert (done.returncode, done.stdout) == (0, f"{ANSWER}\n"), done.stderr
    assert openai_server.posts[-1].json["messages"] == AUDITED


def test_the_audit_prompt_from_its_file(shop: Path, openai_server: Server) -> None:
    prompt = EXAMPLES / "security-audit.md"
    done = shell(shop, f"ccw cli -f {prompt} --model my-security-scanner")
    assert (done.returncode, done.stdout) == (0, f"{ANSWER}\n"), done.stderr
    assert openai_server.posts[-1].json["messages"] == AUDITED


def test_the_demo_prompt_from_its_file(shop: Path, openai_server: Server) -> None:
    (shop / "examples").mkdir()
    shutil.copy(EXAMPLES / "ask.py", shop / "examples")
    done = shell(shop, f"ccw cli -f {EXAMPLES / 'demo-prompt.md'} --model my-gpt4o")
    assert (done.returncode, done.stdout) == (0, f"{ANSWER}\n"), done.stderr
    pack, prompt = sent(openai_server)
    script = (EXAMPLES / "ask.py").read_text(encoding="utf-8")
    assert pack == f"{HEADER}\n\n```examples/ask.py\n{script}```"
    assert prompt == (EXAMPLES / "demo-prompt.md").read_text(encoding="utf-8")


def test_the_script_of_the_examples(shop: Path, openai_server: Server) -> None:
    command = f'python {EXAMPLES / "ask.py"} my-gpt4o "@src/auth/**/*.ts Review security"'
    first, second = (shell(shop, command) for _ in range(2))
    files = "files: src/auth/login.ts, src/auth/nested/token.ts"
    assert (first.returncode, first.stdout) == (0, f"{ANSWER}\n{files} (new)\n"), first.stderr
    assert (second.returncode, second.stdout) == (0, f"{ANSWER}\n{files} (again)\n")
    wrong = shell(shop, command.replace("my-gpt4o", "my-gpt5o"))
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr.startswith("not_found: Endpoint not found: my-gpt5o")
    assert len(openai_server.posts) == 2


def test_the_script_is_short() -> None:
    assert len((EXAMPLES / "ask.py").read_text(encoding="utf-8").splitlines()) <= 20


def test_the_config_managers_functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base_dir = str(tmp_path)
    provider = add_provider(
        base_dir, {"name": "My OpenAI", "type": "openai", "apiKey": "${OPENAI_API_KEY}"}
    )
    assert get_all_providers(base_dir) == [provider]
    assert get_provider(base_dir, provider.id) == provider
    assert get_provider(base_dir, "nobody") is None

    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    resolved = get_provider_with_resolved_env_vars(base_dir, provider.id)
    assert resolved is not None
    assert resolved.resolved_api_key == KEY
    assert KEY not in repr(resolved)
    assert get_provider_with_resolved_env_vars(base_dir, "nobody") is None
    assert update_provider(base_dir, provider.id, {"enabled": False}).enabled is False

    endpoint = add_endpoint(
        base_dir,
        {"id": "my-gpt4o", "name": "GPT-4o", "providerId": provider.id, "model": "gpt-4o"},
    )
    assert get_all_endpoints(base_dir) == [endpoint]
    assert get_endpoint(base_dir, "my-gpt4o") == endpoint
    assert find_endpoint_by_id(base_dir, "my-gpt4o") == endpoint
    changed = update_endpoint(base_dir, "my-gpt4o", {"cacheStrategy": {"ttlMinutes": 30}})
    assert (changed.cache_strategy.ttl_minutes, changed.cache_strategy.max_size_kb) == (30, 512)

    assert delete_endpoint(base_dir, "my-gpt4o") is True
    assert delete_endpoint(base_dir, "my-gpt4o") is False
    assert delete_provider(base_dir, provider.id) is True
    assert delete_provider(base_dir, provider.id) is False


def test_the_executors_functions(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    heard: list[dict[str, str]] = []
    result = execute_litellm_endpoint(
        LiteLLMExecutionOptions(
            prompt="@src/auth/**/*.ts Review security",
            endpoint_id="my-gpt4o",
            base_dir=str(shop),
            cwd=str(shop),
            include_dirs=[],
            enable_cache=True,
            on_output=heard.append,
        )
    )
    assert (result.success, result.output, result.error) == (True, ANSWER, None)
    assert (result.model, result.provider, result.cache_used) == ("gpt-4o", "openai", True)
    assert result.cached_files == ("src/auth/login.ts", "src/auth/nested/token.ts")
    assert "".join(event["data"] for event in heard if event["type"] == "stdout") == ANSWER


@pytest.mark.parametrize(
    ("prompt", "patterns"),
    [
        pytest.param("@src/**/*.ts", ["@src/**/*.ts"], id="glob"),
        pytest.param("@CLAUDE.md", ["@CLAUDE.md"], id="file"),
        pytest.param("@../common/**/*", ["@../common/**/*"], id="sibling"),
        pytest.param(AUDIT, ["@src/auth/**/*.ts", "@src/middleware/auth.ts"], id="audit"),
    ],
)
def test_extract_patterns(prompt: str, patterns: list[str]) -> None:
    assert extract_patterns(prompt) == patterns
