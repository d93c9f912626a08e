"""`ccw config import` as users type it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import ccw
from tests.exports.configs import OPENAI, endpoint
from tests.exports.guide import GUIDE
from tests.projects import CONFIG, write_config


@pytest.fixture
def empty(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without configuration, with a proxy's file, as the working directory."""
    monkeypatch.chdir(project)
    (project / "proxy.yaml").write_text(GUIDE)
    return project


def saved(project: Path) -> Any:
    return json.loads((project / CONFIG).read_text())


def test_import_shows_what_it_did(empty: Path) -> None:
    done = ccw("config", "import", "litellm", "proxy.yaml")
    assert done.exit_code == 0
    assert (
        done.stdout
        == """\
provider openai: openai, key ${OPENAI_API_KEY} (new)
provider anthropic: anthropic, key ${ANTHROPIC_API_KEY} (new)
provider google: google, key ${GOOGLE_API_KEY} (new)
provider replicate: replicate, key ${REPLICATE_API_KEY} (new)
provider mistral: mistral, key ${MISTRAL_API_KEY} (new)
endpoint gpt-4: gpt-4 of openai (new)
endpoint gpt-3.5-turbo: gpt-3.5-turbo of openai (new)
endpoint claude-3-5-sonnet-20241022: claude-3-5-sonnet-20241022 of anthropic (new)
endpoint gemini-pro: gemini-pro of google (new)
endpoint llama-2-70b: meta/llama-2-70b-chat of replicate (new)
endpoint mistral-medium: mistral-medium of mistral (new)
"""
    )
    assert done.stderr.endswith("imported: 11 new, 0 already there\n")
    assert [e["id"] for e in saved(empty)["endpoints"]][:2] == ["gpt-4", "gpt-3.5-turbo"]
    assert saved(empty)["defaultEndpoint"] == "gpt-4"
    assert ccw("config", "validate").exit_code == 0
    before = (empty / CONFIG).read_bytes()
    again = ccw("config", "import", "litellm", "proxy.yaml")
    assert again.stderr.endswith("imported: 0 new, 11 already there\n")
    assert (empty / CONFIG).read_bytes() == before


def test_import_of_some_as_json(empty: Path) -> None:
    done = ccw("config", "import", "litellm", "proxy.yaml", "--only", "^gpt-4$", "--json")
    shown = json.loads(done.stdout)
    assert shown == {
        "dryRun": False,
        "imported": [
            {
                "kind": "provider",
                "id": "openai",
                "what": "openai, key ${OPENAI_API_KEY}",
                "state": "new",
            },
            {"kind": "endpoint", "id": "gpt-4", "what": "gpt-4 of openai", "state": "new"},
        ],
        "notes": [
            "litellm_settings.fallbacks: true names no models, so there are no fallbacks; "
            "set them: ccw endpoint update ID --fallback OTHER"
        ],
    }


def test_a_dry_run_changes_nothing(empty: Path) -> None:
    done = ccw("config", "import", "litellm", "proxy.yaml", "--dry-run")
    assert done.exit_code == 0
    assert "endpoint gpt-4: gpt-4 of openai (new)\n" in done.stdout
    assert done.stderr.endswith("would be imported: 11 new, 0 already there\n")
    assert not (empty / CONFIG).exists()


def test_import_into_the_users_own(empty: Path) -> None:
    done = ccw("config", "import", "litellm", "proxy.yaml", "--user")
    assert done.exit_code == 0
    own = Path(os.environ["HOME"]) / ".ccw" / "config" / "litellm-api-config.json"
    assert "replicate" in own.read_text()
    assert not (empty / CONFIG).exists()
    assert "gpt-4" in ccw("endpoint", "list").stdout


@pytest.mark.parametrize(
    ("text", "arguments", "code", "message"),
    [
        ("model_list: [", [], 3, "proxy.yaml:1: "),
        ("a: !!python/name:os.system ''", [], 3, "proxy.yaml:1: the tag"),
        ("a: 1", [], 3, "proxy.yaml:1: there is no model_list"),
        (GUIDE, ["--only", "["], 2, "--only is no regular expression"),
        (GUIDE, ["--only", "zzz"], 3, "no model_name matches 'zzz'"),
        (None, [], 3, "proxy.yaml cannot be read: No such file or directory"),
    ],
)
def test_imports_that_fail_leave_nothing(
    empty: Path, text: str | None, arguments: list[str], code: int, message: str
) -> None:
    file = empty / "proxy.yaml"
    file.unlink()
    if text is not None:
        file.write_text(text)
    done = ccw("config", "import", "litellm", "proxy.yaml", *arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert message in done.stderr
    assert not (empty / CONFIG).exists()


def test_one_clash_stops_the_whole_import(empty: Path) -> None:
    other = endpoint("gemini-pro", "openai")
    write_config(empty, {"providers": [OPENAI], "endpoints": [other]})
    before = (empty / CONFIG).read_bytes()
    done = ccw("config", "import", "litellm", "proxy.yaml")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "Endpoint ID already exists: gemini-pro" in done.stderr
    assert (empty / CONFIG).read_bytes() == before


def test_what_a_file_from_elsewhere_asks_for_is_not_agreed_by_importing_it(empty: Path) -> None:
    (empty / "proxy.yaml").write_text(
        "model_list:\n- model_name: a\n  litellm_params: {model: openai/a, "
        "api_key: os.environ/OPENAI_API_KEY, api_base: 'https://evil.example/v1'}\n"
    )
    done = ccw("config", "import", "litellm", "proxy.yaml")
    assert done.exit_code == 0
    assert "provider custom: custom at https://evil.example/v1, key ${OPENAI_API_KEY}" in (
        done.stdout
    )
    env = {"HOME": os.environ["HOME"], "PATH": os.environ["PATH"], "OPENAI_API_KEY": "sk-x"}
    command = [str(Path(sys.executable).with_name("ccw")), "cli", "-p", "hi", "--model", "a"]
    asked = subprocess.run(
        command, cwd=empty, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert (asked.returncode, b"ccw trust" in asked.stderr) == (3, True)
