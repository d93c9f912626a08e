"""Measure commands against each other in one run: interleaved, medians, ratios."""

from __future__ import annotations

import compileall
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
Command = Sequence[str]


def environment(**extra: str) -> dict[str, str]:
    """Return the environment for measured processes: bytecode is written and used."""
    hidden = {"PYTHONDONTWRITEBYTECODE", "PYTHONPROFILEIMPORTTIME", "PYTHONUNBUFFERED"}
    return {name: v for name, v in os.environ.items() if name not in hidden} | extra


def compile_packages(*names: str) -> None:
    """Compile the packages *names*, so that no measured process pays for it."""
    compileall.compile_dir(ROOT / "ccw", quiet=2)
    site = next(Path(entry) for entry in sys.path if entry.endswith("site-packages"))
    for name in names:
        compileall.compile_dir(site / name, quiet=2)


def seconds(
    command: Command, cwd: Path, environ: Mapping[str, str], into: str = os.devnull
) -> float:
    """Run `command > into` and return its wall time; a failing command stops the benchmark."""
    with open(into, "wb") as output:
        started = time.perf_counter()
        done = subprocess.run(
            command, cwd=cwd, env=dict(environ), stdout=output, stderr=subprocess.PIPE, check=False
        )
        elapsed = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed ({done.returncode}):\n{done.stderr.decode()}")
    return elapsed


def interleaved(
    measures: Mapping[str, Callable[[], float]], rounds: int, warm_up: int = 2
) -> dict[str, float]:
    """Return the median of each measure over *rounds* rounds that run all of them in turn."""
    for _ in range(warm_up):
        for measure in measures.values():
            measure()
    samples: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            samples[name].append(measure())
    return {name: statistics.median(values) for name, values in samples.items()}


def print_machine() -> None:
    """Tell where the figures come from."""
    print(f"{platform.python_implementation()} {platform.python_version()}", end=", ")
    print(f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}")


def print_ratio(name: str, value: float, peer: str, floor: float, goal: float) -> None:
    """Print one line: what took how long, against whom, the ratio and its goal."""
    ratio = value / floor
    verdict = "ok" if ratio <= goal else "MISSED"
    print(
        f"{name}: {value * 1000:.1f} ms / {peer}: {floor * 1000:.1f} ms = {ratio:.2f} "
        f"(goal {goal:.2f}) {verdict}"
    )
