"""Start-up of small commands, whole process, against `files-to-prompt --version`."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from pathlib import Path

from harness import (
    BIN,
    ROOT,
    compile_packages,
    environment,
    interleaved,
    print_machine,
    print_ratio,
    seconds,
)

PEER = "files-to-prompt --version"
GOALS = {"ccw --version": 0.8, "ccw endpoint list": 2.1}


def main() -> None:
    """Print both ratios."""
    print_machine()
    compile_packages("click", "pydantic", "files_to_prompt")
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        config = project / ".ccw/storage/config/litellm-api-config.json"
        config.parent.mkdir(parents=True)
        shutil.copy(ROOT / "examples/litellm-config.json", config)
        medians = measure(project)
    for name, goal in GOALS.items():
        print_ratio(name, medians[name], PEER, medians[PEER], goal)


def measure(project: Path) -> dict[str, float]:
    """Return the median seconds of each command, run in *project*."""
    environ = environment(HOME=str(project))
    commands = {name: [str(BIN / name.split()[0]), *name.split()[1:]] for name in (PEER, *GOALS)}
    measures = {name: partial(seconds, argv, project, environ) for name, argv in commands.items()}
    return interleaved(measures, rounds=30)


if __name__ == "__main__":
    main()
