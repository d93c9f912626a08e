"""`ccw provider set-key` on machines that keep no secret, or have no library for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.canary import CANARY, assert_not_on_disk
from tests.cli.keyrings import OTHER, ccw, run
from tests.projects import CONFIG, configure
from tests.servers.loopback import Server

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
