"""Run code as a user without rights; root, as which test machines often run, has them all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# Everything is imported first: the other user may not be able to read the modules.
PRELUDE = """\
import importlib, os, pkgutil, sys
from pathlib import Path
sys.path.insert(0, {root!r})
import ccw
for module in pkgutil.walk_packages(ccw.__path__, "ccw."):
    importlib.import_module(module.name)
import charset_normalizer, difflib, diskcache, dotenv, encodings.idna, encodings.utf_8_sig, filelock
import anyio._backends._asyncio, httpcore, httpx
import wcmatch.glob
ccw.llm.data.model_map()
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
"""


def run_as_nobody(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run *code* in a process of its own; what it may reach must be open to all users."""
    prelude = PRELUDE.format(root=str(Path(__file__).parents[1]))
    return subprocess.run(
        [sys.executable, "-c", prelude + code, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def open_to_all(folder: Path) -> None:
    """Let every user enter *folder* and pytest's private folders above it."""
    for each in (folder, *folder.parents):
        if each.stat().st_mode & 0o055 != 0o055:
            each.chmod(0o755)
