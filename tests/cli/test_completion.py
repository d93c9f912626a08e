"""Shell completion, spoken to as the shells speak to it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ccw.config.places import config_path

ROOT = Path(__file__).parents[2]


@pytest.fixture
def configured(project: Path) -> Path:
    """A project with the providers `one`, `two` and endpoints of the first."""
    kinds = {"one": "openai", "two": "ollama"}
    names = ("my-gpt4o", "my-scanner", "other")
    content = {
        "providers": [{"id": i, "name": i.title(), "type": t} for i, t in kinds.items()],
        "endpoints": [{"id": i, "name": i, "providerId": "one", "model": "m"} for i in names],
    }
    config_path(project).write_text(json.dumps(content))
    return project


def run(cwd: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ccw", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def offered(cwd: Path, line: str) -> list[str]:
    """Return what bash is offered for the last word of *line*."""
    done = run(
        cwd,
        _CCW_COMPLETE="bash_complete",
        COMP_WORDS=line,
        COMP_CWORD=str(len(line.split(" ")) - 1),
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [item.partition(",")[2] for item in done.stdout.split()]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ccw end", ["endpoint"]),
        ("ccw endpoint sh", ["show"]),
        ("ccw endpoint show ", ["my-gpt4o", "my-scanner", "other"]),
        ("ccw endpoint show my-g", ["my-gpt4o"]),
        ("ccw endpoint default o", ["other"]),
        ("ccw endpoint add x --provider t", ["two"]),
        ("ccw provider remove ", ["one", "two"]),
        ("ccw provider add --type gr", ["groq"]),
        ("ccw completion z", ["zsh"]),
        ("ccw cli --model my-s", ["my-scanner"]),
    ],
)
def test_ids_of_the_project(configured: Path, line: str, expected: list[str]) -> None:
    assert offered(configured, line) == expected


def test_another_project(configured: Path, tmp_path: Path) -> None:
    assert offered(tmp_path, f"ccw endpoint show --project {configured} o") == ["other"]
    assert offered(tmp_path, "ccw endpoint show --project /nowhere o") == []


@pytest.mark.parametrize("content", ["", "{", '{"version": 9}', '{"providers": 5}'])
def test_a_broken_file_breaks_no_completion(project: Path, content: str) -> None:
    config_path(project).write_text(content)
    assert offered(project, "ccw endpoint show ") == []
    assert offered(project, "ccw endpoint sh") == ["show"]


def test_zsh_and_fish_are_offered_descriptions(configured: Path) -> None:
    zsh = run(
        configured,
        _CCW_COMPLETE="zsh_complete",
        COMP_WORDS="ccw provider show o",
        COMP_CWORD="3",
    )
    assert zsh.stdout == "plain\none\nOne (openai)\n"
    fish = run(
        configured,
        _CCW_COMPLETE="fish_complete",
        COMP_WORDS="ccw provider show o",
        COMP_CWORD="o",
    )
    assert fish.stdout == "plain,one\tOne (openai)\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell(tmp_path: Path, shell: str) -> None:
    done = run(tmp_path, "completion", shell)
    assert done.returncode == 0
    assert f"_CCW_COMPLETE={shell}_complete" in done.stdout


def test_an_unknown_shell(tmp_path: Path) -> None:
    done = run(tmp_path, "completion", "tcsh")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_itself_completes(configured: Path, tmp_path: Path) -> None:
    command = tmp_path / "bin" / "ccw"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ccw "$@"\n')
    command.chmod(0o755)
    script = """
    eval "$(ccw completion bash)"
    COMP_WORDS=(ccw endpoint show my-) COMP_CWORD=3
    _ccw_completion ccw
    echo "${COMPREPLY[@]}"
    """
    path = f"{command.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=configured,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "my-gpt4o my-scanner\n"
