"""`ccw provider set-key` with the real Secret Service, and on machines that have none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ccw.config.owned_keys import own_service
from tests.canary import CANARY, assert_not_on_disk
from tests.cli.asking import CCW
from tests.projects import CONFIG, configure
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER

TOOLS = ("dbus-run-session", "gnome-keyring-daemon")
SESSION = str(Path(__file__).parents[1] / "keyring_session.sh")
OTHER = "sk-other-5d2c8b7a6f"
Done = subprocess.CompletedProcess[str]
with_keyring = pytest.mark.skipif(
    not os.environ.get("CI") and not all(map(shutil.which, TOOLS)),
    reason=f"needs {' and '.join(TOOLS)}",
)
KEPT = """\
import secretstorage
bus = secretstorage.dbus_init()
attributes = [i.get_attributes() for i in secretstorage.get_default_collection(bus).get_all_items()]
print(sorted((item["service"], item["username"]) for item in attributes))
"""
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


def run(project: Path, command: list[str], typed: str = "", **environ: str) -> Done:
    base = {name: os.environ[name] for name in ("HOME", "PATH")}
    return subprocess.run(
        command,
        cwd=project,
        env={**base, "CCW_TRUST": "1", **environ},
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def ccw(project: Path, *words: str, typed: str = "", **environ: str) -> Done:
    return run(project, [CCW, *words], typed, **environ)


def in_session(project: Path, script: str, **environ: str) -> Done:
    """Run a shell script in a session with a keyring; `$CCW` is ccw.

    The keys are variables, because no process may bear one among its arguments.
    """
    command = ["dbus-run-session", "--", SESSION, "sh", "-c", script]
    given = {"CCW": CCW, "PYTHON": sys.executable, "KEPT": KEPT}
    return run(project, command, KEY_ONE=CANARY, KEY_TWO=OTHER, **given, **environ)


def provider(project: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((project / CONFIG).read_text())
    found: dict[str, Any] = content["providers"][0]
    return found


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


NONE = "and this machine has none that is secure (found: "


@pytest.mark.parametrize(
    ("backend", "why"),
    [
        pytest.param("keyring.backends.fail.Keyring", f"{NONE}keyring.backends.fail;", id="fail"),
        pytest.param("keyring.backends.null.Keyring", f"{NONE}keyring.backends.null;", id="null"),
        pytest.param(
            "keyrings.alt.file.PlaintextKeyring", f"{NONE}keyrings.alt.file;", id="plain-text"
        ),
        pytest.param(
            "no.such.Backend",
            "and the back end that is configured cannot be loaded (ModuleNotFoundError); check",
            id="broken",
        ),
        pytest.param("", NONE, id="what-the-library-finds"),
    ],
)
def test_without_a_secure_keyring_nothing_is_written(
    project: Path, openai_server: Server, backend: str, why: str
) -> None:
    configure(project, openai_server.base)
    before = (project / CONFIG).read_bytes()
    chosen = {"PYTHON_KEYRING_BACKEND": backend} if backend else {}
    done = ccw(project, "provider", "set-key", "loop", typed=CANARY, **chosen)
    assert (done.returncode, done.stdout) == (3, "")
    begin = "ccw: the key of provider loop goes to the keyring, "
    assert done.stderr.startswith(f"{begin}{why}")
    assert done.stderr.count("\n") == 1
    assert CANARY not in done.stderr
    assert (project / CONFIG).read_bytes() == before
    assert_not_on_disk(Path(os.environ["HOME"]))


def test_a_key_is_never_taken_from_a_plain_text_keyring(
    project: Path, openai_server: Server
) -> None:
    """The library would hand it out; whoever reads the file could have put it there."""
    configure(project, openai_server.base)
    ccw(project, "provider", "update", "loop", "--api-key", "${keyring:svc/me}")
    plain = {"PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring"}
    code = f"import keyring; keyring.set_password('svc', 'me', '{OTHER}')"
    assert run(project, [sys.executable, "-c", code], **plain).returncode == 0
    done = ccw(project, "cli", "-p", "hi", **plain)
    assert (done.returncode, openai_server.posts) == (3, [])
    assert NONE in done.stderr
    removed = ccw(project, "provider", "remove", "loop", "--yes", **plain)
    assert (removed.returncode, "keyring" in removed.stderr) == (0, False)


def test_without_the_extra_the_command_to_type_is_told(
    project: Path, openai_server: Server
) -> None:
    configure(project, openai_server.base)
    code = "import sys; sys.modules['keyring'] = None; from ccw.__main__ import main; main()"
    command = [sys.executable, "-c", code, "provider", "set-key", "loop"]
    done = run(project, command, typed=CANARY)
    assert (done.returncode, done.stderr) == (
        3,
        "ccw: the key of provider loop goes to the keyring, which takes an extra: "
        "pip install 'ccw[keyring]'\n",
    )


def test_a_provider_that_is_not_there_is_told_first(project: Path) -> None:
    done = ccw(project, "provider", "set-key", "nobody", typed=CANARY)
    assert (done.returncode, done.stderr) == (3, "ccw: Provider not found: nobody\n")
