"""Packing the Django sources with the command, against files-to-prompt and repomix; peak memory.

    python benchmarks/pack.py [--corpora FOLDER] [--rounds 9] [--repomix COMMAND]

Whole processes that write to a file. repomix is fetched by npm into the folder of the corpora; it
is left out where that is not possible.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from corpora import django, fill_with_text, parser
from harness import (
    BIN,
    compile_packages,
    environment,
    interleaved,
    print_machine,
    print_ratio,
    seconds,
)

PATTERN = "**/*.py"
REPOMIX = "repomix@1"
MEMORY_GOAL = 48  # MiB
HUGE = 500  # MB
LARGE_FILE = 500_000  # bytes


def main() -> None:
    """Print the ratios, and the peak memory of packing 500 MB."""
    options = parser(__doc__)
    options.add_argument("--repomix", type=Path, help="its command, if it is installed already")
    chosen = options.parse_args()
    print_machine()
    compile_packages("click", "pydantic", "files_to_prompt")
    root = django(chosen.corpora)
    repomix = chosen.repomix or fetched_repomix(chosen.corpora)
    with tempfile.TemporaryDirectory() as folder:
        against_others(root, Path(folder), repomix, chosen.rounds)
        memory(Path(folder))


def against_others(root: Path, out: Path, repomix: Path | None, rounds: int) -> None:
    """Measure all on the same files at *root* and print the ratios."""
    environ = environment(HOME=str(out))
    packing = [str(BIN / "ccw"), "pack", PATTERN]
    peers = [str(BIN / "files-to-prompt"), ".", "-e", "py", "-o", str(out / "ftp.txt")]
    runs = {
        "ccw": partial(seconds, packing, root, environ, str(out / "ccw.txt")),
        "files-to-prompt": partial(seconds, peers, root, environ),
    }
    medians = interleaved(runs, rounds)
    same_size(out / "ccw.txt", out / "ftp.txt")
    ours, peer = medians["ccw"], medians["files-to-prompt"]
    print_ratio(f"ccw pack '{PATTERN}' >", ours, "files-to-prompt -o", peer, 0.9)
    if repomix is None:
        print("repomix: npm or the package cannot be had; not measured")
        return
    argv = [str(repomix), "--include", PATTERN, "--no-security-check", "--quiet"]
    run = partial(seconds, [*argv, "-o", str(out / "repomix.xml")], root, environ)
    other = interleaved({"repomix": run, "ccw": runs["ccw"]}, rounds=3, warm_up=1)
    print_ratio(f"ccw pack '{PATTERN}' >", other["ccw"], "repomix", other["repomix"], 0.08)


def same_size(ours: Path, theirs: Path) -> None:
    """Stop when the packs cannot hold the same files."""
    if abs(ours.stat().st_size / theirs.stat().st_size - 1) > 0.1:
        sys.exit(f"{ours} and {theirs} differ in size by more than 10 %")


def memory(folder: Path) -> None:
    """Pack 500 MB to a file and print the peak resident memory of both commands."""
    fill_with_text(folder / "huge", HUGE * 1_000_000 // LARGE_FILE, LARGE_FILE)
    ours = peak([str(BIN / "ccw"), "pack", "**", "-o", os.devnull], folder / "huge")
    theirs = peak([str(BIN / "files-to-prompt"), ".", "-o", os.devnull], folder / "huge")
    verdict = "ok" if ours < MEMORY_GOAL else "MISSED"
    print(
        f"peak memory of packing {HUGE} MB: {ours:.1f} MiB / files-to-prompt: {theirs:.1f} MiB "
        f"(goal {MEMORY_GOAL}) {verdict}"
    )


def peak(command: list[str], cwd: Path) -> float:
    """Run *command* and return its peak resident memory in MiB."""
    script = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)\n"
    )
    argv = [sys.executable, "-c", script, *command]
    done = subprocess.run(argv, cwd=cwd, env=environment(), capture_output=True, check=True)
    return float(done.stdout)


def fetched_repomix(kept_in: Path) -> Path | None:
    """Return the command of repomix, fetched on the first run, or None."""
    command = kept_in / "npm/node_modules/.bin/repomix"
    if command.exists():
        return command.resolve()
    if shutil.which("npm") is None:
        return None
    argv = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(kept_in / "npm"), REPOMIX]
    subprocess.run(argv, capture_output=True, check=False)
    return command.resolve() if command.exists() else None


if __name__ == "__main__":
    main()
