"""`ccw config` from the outside, and what its reading commands load."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ccw.cli.main import cli
from ccw.config.models import LiteLLMApiConfig
from ccw.config.places import config_path, user_config_path
from ccw.config.views import plain

KEY = "sk-canary-0123456789"
ROOT = Path(__file__).parents[2]
PROVIDER: dict[str, object] = {"id": "p", "name": "P", "type": "openai", "apiKey": KEY}


def ccw(project: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "--project", str(project)])


def test_path(project: Path) -> None:
    path = config_path(project)
    assert ccw(project, "config", "path").stdout == f"{path}\n"
    assert json.loads(ccw(project, "config", "path", "--json").stdout) == {
        "path": str(path),
        "project": str(project),
        "exists": False,
    }


def test_show_without_a_file(project: Path) -> None:
    result = ccw(project, "config", "show")
    assert json.loads(result.stdout) == plain(LiteLLMApiConfig())
    assert result.stderr == "no config file yet, these are the defaults; ccw init writes one\n"
    assert not config_path(project).exists()


def test_show_masks_literals_and_keeps_unknown_keys(project: Path) -> None:
    content = {"providers": [{**PROVIDER, "clientSecret": KEY}], "own": 1}
    config_path(project).write_text(json.dumps(content))
    result = ccw(project, "config", "show", "--json")
    shown = json.loads(result.stdout)
    provider = shown["providers"][0]
    assert (provider["apiKey"], provider["clientSecret"]) == ("sk-…6789", "sk-…6789")
    assert (shown["own"], shown["version"]) == (1, 1)
    assert KEY not in result.output


@pytest.mark.parametrize(
    ("content", "code", "stdout", "stderr"),
    [
        pytest.param(
            {"providers": [PROVIDER], "zzz": 1}, 0, "warning: zzz: unknown key, kept\n",
            "0 error(s), 1 warning(s)", id="warnings-alone",
        ),
        pytest.param(
            {"defaultEndpoint": "no"}, 3, "error: defaultEndpoint: Endpoint not found: no\n",
            "1 error(s), 0 warning(s)", id="errors",
        ),
        pytest.param({}, 0, "", "valid", id="valid"),
    ],
)  # fmt: skip
def test_validate(
    project: Path, content: dict[str, object], code: int, stdout: str, stderr: str
) -> None:
    path = config_path(project)
    path.write_text(json.dumps(content))
    result = ccw(project, "config", "validate")
    expected = (code, stdout, f"{path}: {stderr}\n")
    assert (result.exit_code, result.stdout, result.stderr) == expected
    report = json.loads(ccw(project, "config", "validate", "--json").stdout)
    assert (report["path"], report["valid"]) == (str(path), code == 0)


@pytest.mark.parametrize(
    ("kind", "said", "warned"),
    [
        pytest.param("groq", True, True, id="never"),
        pytest.param("a-litellm-name", True, False, id="unknown-type"),
        pytest.param("groq", False, False, id="not-asked-for"),
        pytest.param("custom", True, False, id="when-asked-for"),
        pytest.param("openrouter", True, False, id="for-some-models"),
    ],
)
def test_validate_marks_that_are_never_sent(
    project: Path, kind: str, said: bool, warned: bool
) -> None:
    provider = {**PROVIDER, "type": kind, "apiBase": "http://127.0.0.1:9"}
    provider["advancedSettings"] = {"cacheMarks": said}
    config_path(project).write_text(json.dumps({"providers": [provider]}))
    result = ccw(project, "config", "validate")
    warning = (
        "warning: providers[0].advancedSettings.cacheMarks: "
        f"has no effect: marks are never sent to providers of type {kind}\n"
    )
    assert (result.exit_code, warning in result.stdout) == (0, warned)
    assert warned or "cacheMarks" not in result.stdout


def test_validate_a_broken_file(project: Path) -> None:
    config_path(project).write_text('{"providers": 5}')
    result = ccw(project, "config", "validate", "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["valid"], len(report["errors"])) == (3, False, 1)
    assert "providers: expected a list, got a number" in report["errors"][0]["message"]


@pytest.mark.parametrize(
    "words",
    ["endpoint list", "provider list", "provider show p", "config show", "endpoint default",
     "provider add --type openai", "endpoint add x --provider p --model m",
     "provider remove p --yes"],
)  # fmt: skip
def test_a_broken_file_is_one_line_and_stays(project: Path, words: str) -> None:
    path = config_path(project)
    path.write_text(f'{{"providers": [{{"apiKey": "{KEY}",')
    before = path.read_bytes()
    result = ccw(project, *words.split())
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith(f"ccw: {path} is not valid JSON: ")
    assert result.stderr.count("\n") == 1
    assert KEY not in result.output
    assert path.read_bytes() == before


def test_schema_is_the_committed_file() -> None:
    result = CliRunner().invoke(cli, ["config", "schema"])
    assert result.stdout == (ROOT / "storage-schema.json").read_text()


def in_a_process(cwd: Path, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


HEAVY = (
    "litellm openai httpx diskcache filelock rich dotenv asyncio wcmatch pathspec difflib tiktoken "
    "pydantic_settings"
)
LOADED = """
import sys
from ccw.__main__ import run
code = run({words!r}.split())
print("\\n", code, sorted(set({heavy!r}.split()) & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("words", "more"),
    [
        ("--version", "pydantic"),
        ("--help", "pydantic"),
        ("endpoint list", ""),
        ("endpoint list --json", ""),
        ("endpoint show e", ""),
        ("provider list", ""),
        ("provider show p", ""),
        ("config path", ""),
        ("config show", ""),
        ("config show --origin", ""),
        ("config path --user", ""),
    ],
)
def test_reading_commands_load_little(project: Path, words: str, more: str) -> None:
    endpoint = {"id": "e", "name": "E", "providerId": "p", "model": "m"}
    content = {"providers": [PROVIDER], "endpoints": [endpoint]}
    config_path(project).write_text(json.dumps(content))
    own = user_config_path(os.environ)
    own.parent.mkdir(parents=True)
    own.write_text(json.dumps(content))
    code = LOADED.format(words=words, heavy=f"{HEAVY} {more}")
    assert in_a_process(project, code).strip() == "0 []"


def test_importing_ccw_loads_nothing_else(tmp_path: Path) -> None:
    code = "import sys; a = set(sys.modules); import ccw; print(sorted(set(sys.modules) - a))"
    assert in_a_process(tmp_path, code) == "['__future__', 'ccw']"
