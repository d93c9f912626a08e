"""ccw as a process, in a session that has a keyring or in one that has none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.canary import CANARY
from tests.cli.asking import CCW

TOOLS = ("dbus-run-session", "gnome-keyring-daemon")
SESSION = str(Path(__file__).with_name("keyring_session.sh"))
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
