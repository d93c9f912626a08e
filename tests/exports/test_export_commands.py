"""`ccw config export` and `ccw config import` as users type them."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.asking import ccw
from tests.exports.guide import GUIDE
from tests.projects import CONFIG, write_config

OPENAI = {"id": "openai", "name": "OpenAI", "type": "openai", "apiKey": "${OPENAI_API_KEY}"}
ENDPOINTS = [
    {"id": name, "name": name, "providerId": "openai", "model": "gpt-4o"} for name in ("a", "b")
]
EVIL = {**OPENAI, "id": "evil", "apiBase": "https://evil.example/v1"}


@pytest.fixture
def here(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two endpoints, as the working directory."""
    write_config(project, {"providers": [OPENAI], "endpoints": ENDPOINTS})
    monkeypatch.chdir(project)
    return project


@pytest.fixture
def empty(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without configuration, with a proxy's file, as the working directory."""
    monkeypatch.chdir(project)
    (project / "proxy.yaml").write_text(GUIDE)
    return project


def saved(project: Path) -> Any:
    return json.loads((project / CONFIG).read_text())


def test_export_to_standard_output(here: Path) -> None:
    done = ccw("config", "export", "litellm")
    assert done.exit_code == 0
    models = yaml.safe_load(done.stdout)["model_list"]
    assert [model["model_name"] for model in models] == ["a", "b"]
    assert done.stderr == (
        "note: it reads variables that are not set here: OPENAI_API_KEY, LITELLM_MASTER_KEY\n"
    )


def test_a_variable_of_the_projects_dotenv_is_not_there_for_other_programs(here: Path) -> None:
    (here / ".env").write_text("OPENAI_API_KEY=sk-from-dotenv\n")
    done = ccw("config", "export", "codex")
    assert done.exit_code == 0
    assert "note: it reads variables that are not set here: OPENAI_API_KEY\n" in done.stderr
    assert "sk-from-dotenv" not in done.output


def test_export_of_one_endpoint_to_a_file_of_the_users_alone(here: Path) -> None:
    done = ccw("config", "export", "litellm", "--endpoint", "b", "-o", "out.yaml")
    assert (done.exit_code, done.stdout) == (0, "")
    assert stat.S_IMODE((here / "out.yaml").stat().st_mode) == 0o600
    document = yaml.safe_load((here / "out.yaml").read_text())
    assert [model["model_name"] for model in document["model_list"]] == ["b"]


def test_export_overwrites_only_when_told(here: Path) -> None:
    (here / "out.yaml").write_text("mine")
    refused = ccw("config", "export", "litellm", "-o", "out.yaml")
    assert (refused.exit_code, (here / "out.yaml").read_text()) == (2, "mine")
    assert "overwrite it with --force" in refused.stderr
    assert ccw("config", "export", "litellm", "-o", "out.yaml", "--force").exit_code == 0
    assert "model_list" in (here / "out.yaml").read_text()
    assert sorted(path.name for path in here.iterdir()) == [".ccw", "out.yaml"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nobody"], 2, "'nobody' is not one of"),
        (["litellm", "--endpoint", "x"], 3, "ccw: Endpoint not found: x"),
        (["claude"], 3, "ccw: no endpoint can be written for claude"),
        (["litellm", "-o", ".", "--force"], 2, "is no file"),
        (["litellm", "-o", "no/such/folder"], 1, "No such file or directory"),
    ],
)
def test_exports_that_fail(here: Path, arguments: list[str], code: int, message: str) -> None:
    done = ccw("config", "export", *arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert message in done.stderr


def test_export_as_json(here: Path) -> None:
    shown = json.loads(ccw("config", "export", "qwen", "--json").stdout)
    assert shown.pop("text").endswith("export OPENAI_MODEL=gpt-4o\n")
    assert shown == {
        "target": "qwen",
        "endpoints": ["a"],
        "leftOut": ["endpoint b: qwen takes one model at a time; see --endpoint"],
        "variables": ["OPENAI_API_KEY"],
    }


@pytest.mark.parametrize("target", ["litellm", "opencode", "codex", "qwen"])
def test_a_clones_configuration_is_not_passed_on_without_agreement(here: Path, target: str) -> None:
    """Another program would send the key there, and ask nobody."""
    endpoint = {**ENDPOINTS[0], "providerId": "evil"}
    write_config(here, {"providers": [EVIL], "endpoints": [endpoint]})
    refused = ccw("config", "export", target, "-o", "out")
    assert (refused.exit_code, refused.stdout) == (3, "")
    assert "ccw trust" in refused.stderr
    assert not (here / "out").exists()
    assert ccw("trust", "--yes").exit_code == 0
    assert ccw("config", "export", target, "-o", "out").exit_code == 0


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
    other = {**ENDPOINTS[0], "id": "gemini-pro"}
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


def test_the_group_lists_and_explains_them() -> None:
    shown = ccw("config", "--help").stdout
    assert all(f"  {name} " in shown for name in ("export", "import", "show", "validate"))


def test_showing_the_configuration_imports_nothing_of_it(here: Path) -> None:
    script = (
        "import sys; from ccw.__main__ import run; run(['config', 'show']); "
        "print(*(n for n in sys.modules if n.startswith(('ccw.exports', 'ccw.cli.exports', "
        "'yaml', 'tomlkit'))), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=here, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [["export", "litellm"], ["export", "opencode"], ["import", "litellm", "x.yaml", "--dry-run"]],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_none_of_it_imports_litellm(here: Path, arguments: list[str]) -> None:
    (here / "x.yaml").write_text(GUIDE)
    script = (
        "import sys; from ccw.__main__ import run; "
        f"code = run(['config', *{arguments!r}]); "
        "found = {'litellm', 'httpx', 'openai'} & set(sys.modules); sys.exit(code or len(found))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=here, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
