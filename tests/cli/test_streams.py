"""Where output goes: files, links, pipes, closed streams; what a terminal or a parser gets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from ccw.cli.main import cli
from tests.servers.loopback import Server
from tests.servers.openai_wire import say

CCW = str(Path(sys.executable).with_name("ccw"))
ODD_NAMES = [b"new\nline.py", b"esc\x1b[31m.py", b"caf\xff.py"]


@pytest.fixture
def odd(shop: Path) -> Path:
    """The same with file names that a terminal or a parser stumbles over."""
    for name in ODD_NAMES:
        Path(os.fsdecode(os.fsencode(shop) + b"/" + name)).write_text("x = 1\n")
    return shop


def shell(command: str) -> subprocess.CompletedProcess[bytes]:
    """Run *command* in bash with a standard output that is strict about UTF-8."""
    environ = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    return subprocess.run(
        ["bash", "-c", command.replace("ccw ", f"{CCW} ", 1)],
        env=environ,
        capture_output=True,
        check=False,
    )


def pack_to(target: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["pack", "README.md", "-o", target])
    return result.exit_code, result.stdout


def test_an_output_file_is_replaced(shop: Path) -> None:
    (shop / "out.txt").write_text("old")
    assert pack_to("out.txt") == (0, "")
    assert "# Shop" in (shop / "out.txt").read_text()


def test_an_output_link_stays_a_link(shop: Path) -> None:
    (shop / "real.txt").write_text("old")
    (shop / "link.txt").symlink_to("real.txt")
    assert pack_to("link.txt") == (0, "")
    assert (shop / "link.txt").is_symlink()
    assert "# Shop" in (shop / "real.txt").read_text()


def test_an_output_pipe_stays_a_pipe(shop: Path) -> None:
    os.mkfifo(shop / "pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((shop / "pipe").read_text()))
    reader.start()
    assert pack_to("pipe") == (0, "")
    reader.join(timeout=10)
    assert (shop / "pipe").is_fifo()
    assert "# Shop" in read[0]


def test_a_dash_is_standard_output(shop: Path) -> None:
    code, stdout = pack_to("-")
    assert (code, "# Shop" in stdout) == (0, True)
    assert not (shop / "-").exists()


def test_an_output_in_no_folder_is_named_as_typed(shop: Path) -> None:
    result = CliRunner().invoke(cli, ["pack", "README.md", "-o", "no/out.txt"])
    assert result.exit_code == 1
    assert "no/out.txt: No such file or directory" in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        "ccw pack README.md -o out.txt >&-",
        "ccw cli --stdin hi <&-",
        "ccw cli hi 2>&-",
        "ccw cli hi <&- 2>&-",
        "ccw cli hi 2>/dev/full",
        "ccw pack README.md 2>/dev/full",
    ],
)
def test_a_stream_that_carries_no_result_may_be_closed(shop: Path, command: str) -> None:
    done = shell(command)
    assert b"Traceback" not in done.stderr
    assert (done.returncode, bool(done.stdout)) == (0, "out.txt" not in command)


CLOSED = b"ccw: cannot write the output: standard output is closed\n"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        pytest.param("ccw pack README.md >&-", b"", id="pack"),
        pytest.param("ccw endpoint list >&-", CLOSED, id="list"),
        pytest.param("ccw --version >&-", CLOSED, id="version"),
        pytest.param("ccw endpoint list >&- 2>&-", b"", id="both"),
        pytest.param("ccw endpoint list >/dev/full 2>/dev/full", b"", id="full"),
    ],
)
def test_a_result_that_cannot_be_written_is_a_failure(
    shop: Path, command: str, said: bytes
) -> None:
    done = shell(command)
    assert (done.returncode, done.stdout) == (1, b"")
    assert said in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("more", ["", " --json", " 2>&-", " <&- 2>&-"])
def test_an_answer_that_would_be_lost_is_not_asked_for(
    shop: Path, openai_server: Server, more: str
) -> None:
    done = shell(f"ccw cli hi{more} >&-")
    assert (done.returncode, openai_server.requests) == (1, [])
    said = b"ccw: standard output is closed, so the answer would be lost; nothing was sent\n"
    assert done.stderr == (b"" if "2>" in more else said)


def test_an_interrupt_at_the_very_start(shop: Path) -> None:
    for _ in range(5):
        with subprocess.Popen([CCW, "cli", "hi"], stderr=subprocess.PIPE) as process:
            assert process.stderr is not None
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)
            assert b"ccw/" not in process.stderr.read()  # no traceback through our files


@pytest.mark.parametrize(
    "command",
    [
        "ccw cli '@*.py hi' --json",
        "ccw cli '@*.py hi' --dry-run --json",
        "ccw pack '*.py' --tree --json",
        "ccw pack '*.py' --json",
        "ccw cache list --json",
    ],
)
def test_json_of_odd_names_is_json(odd: Path, command: str) -> None:
    done = shell(command)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    json.loads(done.stdout.decode("utf-8"))


def test_json_names_the_bytes_of_a_name(odd: Path) -> None:
    shown = json.loads(shell("ccw cli '@*.py hi' --json").stdout)
    names = {os.fsencode(path) for path in shown["cachedFiles"]}
    assert names == set(ODD_NAMES)


def test_odd_names_take_one_line_each_and_no_control_character(odd: Path) -> None:
    (odd / "bin\n.py").write_bytes(b"\0")
    done = shell("ccw cli '@*.py hi' --dry-run")
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == len(ODD_NAMES) + 1
    assert b'left out: "bin\\n.py": binary' in done.stderr


def test_a_note_starts_on_a_line_of_its_own(shop: Path, openai_server: Server) -> None:
    openai_server.default = say("Once upon", finish="length")
    done = shell("ccw cli hi 2>&1")
    assert done.stdout.startswith(b"Once upon\nthe answer stops at the output limit")


def test_an_empty_answer_is_told(shop: Path, openai_server: Server) -> None:
    openai_server.default = say("")
    done = shell("ccw cli hi --no-stream")
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"the answer is empty" in done.stderr


def test_a_prompt_argument_that_is_not_utf8(shop: Path, openai_server: Server) -> None:
    done = shell("ccw cli -p $'caf\\xe9'")
    assert (done.returncode, b"the prompt is not UTF-8" in done.stderr) == (2, True)
    assert openai_server.requests == []


def test_a_preview_says_what_the_call_would_refuse(shop: Path, openai_server: Server) -> None:
    (shop / "big.txt").write_text("one two three " * 60_000)
    done = shell("ccw cli '@big.txt hi' --dry-run --max-size 2000")
    assert done.returncode == 0
    assert b"over the context window of 128,000 tokens" in done.stderr
