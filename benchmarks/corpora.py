"""The trees that the benchmarks run on, made from package sources and by a fixed seed.

They are kept in a folder that the option `--corpora` names, never in the repository.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from random import Random

DJANGO = "django==5.2.*"
DJANGO_IGNORES = "*.mo\n*.log\n__pycache__/\n/docs/_build/\n*.egg-info\n.coverage*\n"
LARGE_FILES = 86_000
FILES_PER_FOLDER = 14
IGNORE_FILES = 350
SEED = 20_260_101
SUFFIXES = (
    [".c"] * 40 + [".h"] * 27 + [".py"] * 6 + [".rst"] * 4 + [".txt"] * 3 + [".yaml"] * 5
    + [".S", ".sh", ".dts", ".dtsi", ".json", ".md", ".o", ".orig", "", ""]
)  # fmt: skip
STEMS = ("core", "main", "util", "driver", "test_io", "conf", "README", "Makefile", "Kconfig", "io")
ROOT_RULES = (
    "*.o", "*.a", "*.so", "*.ko", "*.orig", "*.rej", "*.bak", "*.tmp", "*~", "*.swp", "*.lo",
    "*.mod", "*.order", "*.gcno", "*.gcda", "*.elf", "*.bin", "*.patch", "*.lz4", "*.xz", "*.zst",
    "*.tab.[ch]", "*.lex.c", "*.dtb.*", "*.asn1.[ch]", "*-asm-offsets.h", "cscope.*", "ncscope.*",
    "core.[0-9]*", "build-*", "[Tt]emp_*", "test_*.out", "?.log", "*.s[ow]*", "/debian*/",
    "**/generated/*.h", "/doc*/**/*.pdf", "!**/keep*.o", "!.git*", "*_generated_*.c",
)  # fmt: skip


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the option that says where the corpora are kept."""
    made = argparse.ArgumentParser(description=description)
    default = Path(tempfile.gettempdir()) / f"ccw-corpora-{os.getuid()}"
    made.add_argument("--corpora", type=Path, default=default, help="folder to keep the trees in")
    made.add_argument("--rounds", type=int, default=9)
    return made


def django(kept_in: Path, *, ignoring: bool = True) -> Path:
    """Return the Django sources with an ignore file added, fetched on the first run."""
    root = kept_in.resolve() / ("django" if ignoring else "django-plain")
    if not root.exists():
        with tempfile.TemporaryDirectory(dir=_made(kept_in)) as folder:
            with tarfile.open(_sdist(Path(folder))) as archive:
                archive.extractall(folder, filter="data")
            (source,) = (path for path in Path(folder).iterdir() if path.is_dir())
            if ignoring:
                with (source / ".gitignore").open("a") as rules:
                    rules.write(DJANGO_IGNORES)
            source.rename(root)
    return root


def large(kept_in: Path) -> Path:
    """Return a tree of some 86,000 files, as large source trees are shaped; no ignore files."""
    root = kept_in.resolve() / "large"
    if not root.exists():
        with tempfile.TemporaryDirectory(dir=_made(kept_in)) as folder:
            fill(Path(folder) / "tree", LARGE_FILES)
            (Path(folder) / "tree").rename(root)
    return root


def large_ignoring(kept_in: Path) -> Path:
    """Return the same tree with 350 ignore files, the root's of 40 patterns with wildcards."""
    root = kept_in.resolve() / "large-ignoring"
    if not root.exists():
        with tempfile.TemporaryDirectory(dir=_made(kept_in)) as folder:
            fill(Path(folder) / "tree", LARGE_FILES)
            add_ignore_files(Path(folder) / "tree")
            (Path(folder) / "tree").rename(root)
    return root


def fill(root: Path, files: int) -> None:
    """Make about *files* empty files below *root*, the same ones each time."""
    random = Random(SEED)
    root.mkdir()
    folders = [root]
    while len(folders) * FILES_PER_FOLDER < files:
        parent = random.choice(folders)
        if len(parent.parts) - len(root.parts) < 6:
            folders.append(parent / f"d{len(folders)}")
            folders[-1].mkdir()
    for folder in folders:
        for number in range(FILES_PER_FOLDER):
            stem = random.choice(STEMS)
            (folder / f"{stem}_{number}{random.choice(SUFFIXES)}").touch()


def fill_with_text(root: Path, files: int, file_bytes: int) -> None:
    """Make *files* Python-like files of about *file_bytes* below *root*, a hundred a folder."""
    line = "    result = compute(first, second)  # a line of code as they are\n"
    text = (line * (file_bytes // len(line) + 1))[:file_bytes]
    for number in range(files):
        folder = root / f"d{number // 100}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"f{number}.py").write_text(f"{number}{text}")


def add_ignore_files(root: Path) -> None:
    """Add 350 ignore files: 40 rules at the root, a few in folders all over the tree."""
    random = Random(SEED)
    folders = sorted(Path(folder) for folder, _, _ in os.walk(root))
    (root / ".gitignore").write_text("\n".join(ROOT_RULES) + "\n")
    for folder in random.sample(folders[1:], IGNORE_FILES - 1):
        name = f"{random.choice(STEMS)}_{random.randrange(FILES_PER_FOLDER)}.c"
        (folder / ".gitignore").write_text(f"{name}\n*.out\n/gen/*.h\n!keep.out\n")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _sdist(folder: Path) -> Path:
    """Fetch the sdist with the user's pip and index; stop when that is not possible."""
    pip = [sys.executable, "-m", "pip"] if _has_pip() else ["pip"]
    if pip == ["pip"] and shutil.which("pip") is None:
        sys.exit("pip is needed to fetch the Django sources")
    options = ["download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest", str(folder)]
    done = subprocess.run([*pip, *options, DJANGO], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the Django sources could not be fetched:\n{done.stderr}")
    return next(folder.glob("*.tar.gz"))


def _has_pip() -> bool:
    import importlib.util

    return importlib.util.find_spec("pip") is not None
