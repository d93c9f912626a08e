"""ccw within the process of the test, or as one of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import IO

from click.testing import CliRunner, Result

from ccw.cli.main import cli
from tests.servers.loopback import Server

CCW = str(Path(sys.executable).with_name("ccw"))


def ccw(*arguments: str) -> Result:
    """Run any command within this process."""
    return CliRunner().invoke(cli, arguments)


def invoke(*arguments: str, stdin: str | bytes | None = None) -> Result:
    """Run `ccw cli` within this process."""
    return CliRunner().invoke(cli, ["cli", *arguments], input=stdin)


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run `ccw cli` as a process."""
    return subprocess.run([CCW, "cli", *arguments], input=stdin, capture_output=True, check=False)


def start(*arguments: str, stdin: int | IO[bytes] = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """Start `ccw cli` as a process, by itself with an open and silent standard input."""
    return subprocess.Popen(
        [CCW, "cli", *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def prompt_sent(server: Server) -> str:
    """The user message of the last request, files and prompt."""
    content = server.posts[-1].json["messages"][-1]["content"]
    assert isinstance(content, str)
    return content
