"""What a command imports: reading commands stay small, and litellm comes only for a call."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ccw.cli.lazy import loaded
from tests.projects import CONFIG

EXAMPLE = Path(__file__).parents[1] / "examples" / "litellm-config.json"
HEAVY = {"asyncio", "diskcache", "dotenv", "filelock", "httpx", "litellm", "openai", "rich"}
REPORT = """\
import sys
from ccw.__main__ import run
code = run(sys.argv[1:])
print("IMPORTED", *sorted(sys.modules), file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture
def configured(project: Path) -> Path:
    shutil.copy(EXAMPLE, project / CONFIG)
    return project


def imported(cwd: Path, *arguments: str) -> set[str]:
    """Run `ccw` with *arguments* in *cwd* and return the names of all modules it imported."""
    done = subprocess.run(
        [sys.executable, "-c", REPORT, *arguments],
        cwd=cwd,
        env={"HOME": os.environ["HOME"], "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.rpartition("IMPORTED ")[2].split())


@pytest.mark.parametrize(
    "command",
    [
        "--version",
        "--help",
        "endpoint list",
        "endpoint show my-gpt4o --json",
        "provider list",
        "provider show openai-1234567890",
        "config path",
        "config show",
        "config schema",
        "local status",
        "cache stats",
    ],
)
def test_a_reading_command_imports_nothing_heavy(configured: Path, command: str) -> None:
    assert imported(configured, *command.split()) & HEAVY == set()


def test_the_version_needs_neither_pydantic_nor_the_config(configured: Path) -> None:
    modules = imported(configured, "--version")
    assert not modules & {"pydantic", "ccw.config.models", "json"}


def test_packing_needs_neither_the_cache_nor_the_model(configured: Path) -> None:
    (configured / "a.py").write_text("print(1)\n")
    modules = imported(configured, "pack", "*.py")
    assert not modules & {"diskcache", "litellm", "httpx", "tiktoken", "sqlite3"}


def test_a_dotenv_file_is_what_brings_python_dotenv(configured: Path) -> None:
    (configured / ".env").write_text("OPENAI_API_KEY=sk-none\n")
    assert "dotenv" in imported(configured, "config", "validate")


def test_nothing_imports_the_proxy_server() -> None:
    package = Path(__file__).parents[1] / "ccw"
    sources = [path.read_text(encoding="utf-8") for path in package.rglob("*.py")]
    assert not [text for text in sources if "proxy_server" in text]
    code = "import sys; from ccw.llm.client import load_engine; load_engine()\n"
    code += "assert 'litellm.proxy.proxy_server' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("own", [None, "logfire"])
def test_the_switch_for_pydantics_plugins_is_put_back(
    monkeypatch: pytest.MonkeyPatch, own: str | None
) -> None:
    """What ccw starts, such as a command that prints a key, has the user's own."""
    monkeypatch.delenv("PYDANTIC_DISABLE_PLUGINS", raising=False)
    if own is not None:
        monkeypatch.setenv("PYDANTIC_DISABLE_PLUGINS", own)
    assert loaded("ccw.cli.endpoint:endpoint").name == "endpoint"
    assert os.environ.get("PYDANTIC_DISABLE_PLUGINS") == own
