"""However a call of `ccw cli` ends, and whatever it was asked to print, it gives no key away."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from ccw.context_cache import pack
from tests.canary import CANARY, DOTENV, assert_not_on_disk, assert_nowhere, configure, family, read
from tests.projects import CONFIG, write_files
from tests.servers.loopback import Behaviour, Server
from tests.servers.openai_wire import endless, openai_server, say, stall
from tests.servers.tls import self_signed

CCW = str(Path(sys.executable).with_name("ccw"))
# what users set to see what the libraries beneath do
LOUD = {"LITELLM_LOG": "DEBUG", "OPENAI_LOG": "debug", "HTTPX_LOG_LEVEL": "trace"}


@dataclass(frozen=True)
class Situation:
    """What goes wrong, and the exit code it leads to; `shell` holds the command as `{ccw}`."""

    exit_code: int
    prepare: Callable[[Path, str], object] = lambda project, base: None
    behaviour: Behaviour = field(default_factory=say)
    prompt: str = "@README.md Explain"
    arguments: tuple[str, ...] = ()
    shell: str = "exec {ccw}"
    interrupted: bool = False
    tls: bool = False


def break_cache(project: Path, base: str) -> None:
    """Leave noise where the cache has its database."""
    pack(project, "README.md")
    (database,) = Path(os.environ["HOME"]).rglob("cache.db")
    database.write_bytes(b"noise" * 4096)


def break_config(project: Path, base: str) -> None:
    """Write the key where a number belongs."""
    path = project / CONFIG
    raw = json.loads(path.read_text())
    raw["providers"][0] |= {"apiKey": CANARY, "advancedSettings": {"timeout": CANARY}}
    path.write_text(json.dumps(raw))


read_only_cache = partial(configure, globalCacheSettings={"cacheDir": "/proc/ccw-cache"})
unset_key = partial(configure, api_key="${CANARY_KEY}-${NOT_SET}")
SITUATIONS = {
    "interrupted": Situation(130, behaviour=stall("The beginning", 20), interrupted=True),
    "reader-gone": Situation(141, behaviour=endless, shell="set -o pipefail; {ccw} | head -c 5"),
    "stdout-closed": Situation(1, shell="exec {ccw} >&-"),
    "stdout-full": Situation(1, shell="exec {ccw} > /dev/full"),
    "broken-cache": Situation(0, break_cache),
    "read-only-cache": Situation(0, read_only_cache, shell="CCW_TRUST=1 exec {ccw}"),
    "not-trusted": Situation(3, read_only_cache),
    "no-file-matches": Situation(4, prompt="@no/*.x hi"),
    "outside": Situation(4, prompt="@/etc/hosts hi"),
    "key-unset": Situation(3, unset_key),
    "config-error": Situation(3, break_config),
    "untrusted-certificate": Situation(6, tls=True),
    "dry-run": Situation(0, arguments=("--dry-run",)),
    "dry-run-key-unset": Situation(0, unset_key, arguments=("--dry-run",)),
}
CASES = [
    pytest.param(situation, shown, id="".join((name, *shown)))
    for name, situation in SITUATIONS.items()
    for shown in ((), ("--json",))
    if situation.behaviour is not endless or not shown  # such an answer is never JSON
]


@pytest.mark.parametrize(("situation", "shown"), CASES)
def test_no_trace(
    project: Path, tmp_path: Path, situation: Situation, shown: tuple[str, ...]
) -> None:
    write_files(project)
    (project / ".env").write_text(DOTENV)
    with openai_server(self_signed(tmp_path) if situation.tls else None) as server:
        server.default = situation.behaviour
        configure(project, server.base)
        situation.prepare(project, server.base)
        process = start(project, situation, shown)
        seen = watch(process, server if situation.interrupted else None)
        said = b"".join(process.communicate(timeout=10)).decode()
    assert process.returncode == situation.exit_code, said
    assert "Traceback" not in said
    assert situation.prompt in seen
    assert_nowhere(said)
    assert_nowhere(seen)
    assert_not_on_disk(project, Path(os.environ["HOME"]))


def start(project: Path, situation: Situation, shown: tuple[str, ...]) -> subprocess.Popen[bytes]:
    """Start `ccw cli` in a shell; both secrets are in the project's `.env` alone."""
    command = [CCW, "cli", "-p", situation.prompt, "--model", "ask", "--max-retries", "0"]
    line = shlex.join([*command, *situation.arguments, *shown])
    return subprocess.Popen(
        ["bash", "-c", situation.shell.format(ccw=line)],
        cwd=project,
        env={"HOME": os.environ["HOME"], "PATH": os.environ["PATH"], **LOUD},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def watch(process: subprocess.Popen[bytes], interrupt_at: Server | None) -> str:
    """Return command lines and environments of *process* and its children until it ends.

    It is interrupted soon after *interrupt_at* was asked.
    """
    seen: set[bytes] = set()
    asked = None
    while process.poll() is None:
        for pid in family(process.pid):
            seen |= {read(Path(f"/proc/{pid}/{name}")) for name in ("cmdline", "environ")}
        if interrupt_at is not None and interrupt_at.posts:
            asked = asked or time.monotonic()
            if time.monotonic() - asked > 0.7:
                process.send_signal(signal.SIGINT)
                interrupt_at = None
        time.sleep(0.03)
    return b"\n".join(seen).decode(errors="replace")
