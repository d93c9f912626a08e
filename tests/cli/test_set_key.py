"""`ccw provider set-key` with the real Secret Service."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ccw.config.owned_keys import own_service
from tests.canary import CANARY, assert_not_on_disk
from tests.cli.keyrings import OTHER, in_session, with_keyring
from tests.projects import CONFIG, configure
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER

# types what stands in $TYPED at the prompt of a terminal and prints all that is shown there
TYPING = """\
import os, pty
pid, terminal = pty.fork()
if not pid:
    os.execv(os.environ["CCW"], ["ccw", "provider", "set-key", "loop"])
shown = b""
while b"API key" not in shown:
    shown += os.read(terminal, 1000)
os.write(terminal, os.environ["TYPED"].encode() + b"\\n")
try:
    while data := os.read(terminal, 1000):
        shown += data
except OSError:  # the other side has closed
    pass
print(shown.decode(), os.waitpid(pid, 0)[1])
"""


@with_keyring
def test_a_key_is_stored_used_and_removed_with_its_provider(
    project: Path, openai_server: Server
) -> None:
    configure(project, openai_server.base)
    service = own_service(project)
    done = in_session(
        project,
        f"""
        echo "$KEY_ONE" | $CCW provider set-key loop || exit 1
        $CCW provider show loop || exit 2
        $CCW config validate --json >saved.json || exit 3
        $CCW cli -p hi || exit 4
        echo "$KEY_TWO" | $CCW provider set-key loop || exit 5
        $CCW cli -p hi --no-stream || exit 6
        echo "$KEY_ONE" | $CCW provider set-key loop --key-id two || exit 7
        cp {CONFIG} saved.json
        "$PYTHON" -c "$KEPT"
        $CCW provider remove loop --yes || exit 8
        "$PYTHON" -c "$KEPT"
        """,
    )
    assert done.returncode == 0, done.stderr
    reference = f"${{keyring:{service}/loop}}"
    saved = json.loads((project / "saved.json").read_text())["providers"][0]
    assert saved["apiKey"] == reference
    assert [entry["key"] for entry in saved["apiKeys"]] == [f"${{keyring:{service}/loop:two}}"]
    lines = done.stdout.splitlines()
    assert lines[0] == lines[-6] == f"stored the key of loop: {reference}"
    assert f"apiKey: {reference}" in lines
    assert lines[-5:] == [
        ANSWER,
        f"stored the key of loop: ${{keyring:{service}/loop:two}}",
        f"[('{service}', 'loop'), ('{service}', 'loop:two')]",
        "removed loop and its endpoints ask",
        "[]",
    ]
    sent = [post.headers["authorization"] for post in openai_server.posts]
    assert sent == [f"Bearer {CANARY}", f"Bearer {OTHER}"]
    assert CANARY not in done.stdout + done.stderr
    assert_not_on_disk(project, Path(os.environ["HOME"]))


@with_keyring
def test_a_locked_keyring_is_told_and_stops_no_removal(
    project: Path, openai_server: Server
) -> None:
    configure(project, openai_server.base)
    first = in_session(project, 'echo "$KEY_ONE" | $CCW provider set-key loop')
    assert first.returncode == 0, first.stderr
    text = (project / CONFIG).read_text()
    done = in_session(
        project,
        f"""
        $CCW cli -p hi; echo $?
        echo "$KEY_TWO" | $CCW provider set-key loop; echo $?
        cp {CONFIG} saved.json
        $CCW provider remove loop --yes; echo $?
        """,
        LOCKED="1",
    )
    assert done.stdout.splitlines() == ["3", "3", "removed loop and its endpoints ask", "0"]
    assert (project / "saved.json").read_text() == text
    said = [line for line in done.stderr.splitlines() if line.startswith(("ccw: ", "note: "))]
    name = f"{own_service(project)} loop"
    assert said[0].startswith(
        "ccw: apiKey of provider loop refers to the keyring, which refused (KeyringLocked); unlock"
    )
    assert said[1].startswith("ccw: the key of provider loop goes to the keyring, which refused")
    assert said[2].startswith("note: the keyring refused to give up ")
    assert said[2].endswith(f"; take it out yourself: keyring del {name}")
    assert openai_server.posts == []


@with_keyring
def test_a_terminal_asks_without_showing_the_key(project: Path, openai_server: Server) -> None:
    configure(project, openai_server.base)
    done = in_session(
        project, '"$PYTHON" -c "$TYPING" && $CCW cli -p hi', TYPING=TYPING, TYPED=CANARY
    )
    lines = done.stdout.splitlines()
    assert lines == [
        "API key: ",
        f"stored the key of loop: ${{keyring:{own_service(project)}/loop}}",
        " 0",
        ANSWER,
    ]
    assert openai_server.posts[-1].headers["authorization"] == f"Bearer {CANARY}"


@with_keyring
def test_an_entry_that_is_not_there(project: Path, openai_server: Server) -> None:
    configure(project, openai_server.base)
    done = in_session(
        project,
        "$CCW provider update loop --api-key '${keyring:ccw:none/me}' || exit 1; $CCW cli -p hi",
    )
    assert (done.returncode, openai_server.posts) == (3, [])
    assert done.stderr.splitlines()[-1] == (
        "ccw: apiKey of provider loop refers to ccw:none/me in the keyring, which has no such "
        "entry; store the key: ccw provider set-key loop"
    )
