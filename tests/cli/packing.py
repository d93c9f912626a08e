"""Helpers: a project with files, and ccw run on it in this process or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from ccw.cli.app import App
from ccw.cli.main import cli

ROOT = Path(__file__).parents[2]


def fill(project: Path) -> Path:
    """Put a few files into *project*."""
    (project / "src").mkdir()
    (project / "src" / "a.py").write_text("print('a')\n")
    (project / "src" / "b.py").write_text("print('b')\n" * 300)
    (project / "src" / "c.bin").write_bytes(b"\0")
    (project / "README.md").write_text("# read me\n")
    return project


def ccw(folder: Path, *arguments: str) -> Result:
    """Run ccw in *folder*, its project."""
    app = App(environ=dict(os.environ), cwd=folder)
    return CliRunner().invoke(cli, [*arguments, "--project", str(folder)], obj=app)


def process(folder: Path, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
    """Start ccw in *folder*."""
    return subprocess.Popen(
        [sys.executable, "-m", "ccw", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        **{"stdout": subprocess.PIPE, **options},  # type: ignore[call-overload]
    )
