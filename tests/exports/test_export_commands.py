"""`ccw config export` as users type it, and what it does not import."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.asking import ccw
from tests.exports.configs import OPENAI
from tests.exports.guide import GUIDE
from tests.projects import write_config

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
