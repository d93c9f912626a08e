"""The replay of a history, on a small repository: what it tells, and that it only reads."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from ccw import context_cache
from ccw.config.models import CacheStrategy
from tests.projects import write_files
from tests.servers.prefix_cache import common_prefix, count

REPLAY = Path(__file__).parents[1] / "benchmarks" / "prefix_replay.py"
GLOB = "pkg/**/*.py"


def version(number: int) -> dict[str, str]:
    """Eight files; each commit changes the beginning of the fifth."""
    files = {f"pkg/{name}.py": source(name) for name in "abcdefgh"}
    return {**files, "pkg/e.py": f"version = {number}\n" + source("e")}


def source(name: str) -> str:
    return "".join(f"{name}_{line} = {line * 7919 % 1000}\n" for line in range(60))


def git(repo: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", "-C", str(repo), *settings, *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of five commits, four of which touch `pkg`."""
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "--quiet", "--initial-branch=main")
    for number in range(4):
        write_files(repo, version(number))
        git(repo, "add", ".")
        git(repo, "commit", "--quiet", "-m", f"version {number}")
    write_files(repo, {"README.md": "# Not looked at\n"})
    git(repo, "add", ".")
    git(repo, "commit", "--quiet", "-m", "readme")
    hook = repo / ".git/hooks/post-checkout"
    hook.write_text("#!/bin/sh\ntouch hook-ran\n")
    hook.chmod(0o755)
    return repo


def replay(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(REPLAY), *arguments], capture_output=True, text=True, timeout=110
    )


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}


def packed(project: Path, number: int) -> str:
    """What the layout by path sends at a version."""
    write_files(project, version(number))
    made = context_cache.pack(project, GLOB, strategy=CacheStrategy(layout="path"))
    pack = context_cache.read(project, made.session_id or "", limit=100_000).content
    return f"<user>\n\n{pack}\n\n---\n\n@{GLOB} What changed? ({number + 1})"


def test_a_history_is_replayed(repository: Path, project: Path) -> None:
    before = contents(repository)
    done = replay(str(repository), "--glob", GLOB, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert contents(repository) == before
    rows = {(row["provider"], row["layout"]): row for row in json.loads(done.stdout)}
    texts = [packed(project, number) for number in range(4)]
    sent = sum(map(count, texts))
    read = sum(
        count(text[: common_prefix(text, later)]) // 128 * 128 for text, later in pairwise(texts)
    )
    assert rows["openai", "path"] == {
        "layout": "path",
        "provider": "openai",
        "input": sent - read,
        "cache_read": read,
        "cache_write_5m": 0,
        "cache_write_1h": 0,
        "sent": sent,
        "billed": round(sent - read * 0.9),
        "cached": read / sent,
    }
    shares = {name: row["cached"] for name, row in rows.items()}
    # in files: path reads 4 of 8 again, stable 4 and then 7, overlay 8 of 9, 9 of 10, 10 of 11
    assert shares["openai", "path"] == pytest.approx(12 / 32, abs=0.03)
    assert shares["openai", "stable"] == pytest.approx(18 / 32, abs=0.03)
    assert shares["openai", "overlay"] == pytest.approx(27 / 38, abs=0.03)
    for layout in ("path", "stable", "overlay"):
        marked = shares["anthropic", layout]
        assert marked >= 0.7 * shares["openai", layout]


def test_a_bare_repository_is_left_alone(repository: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(bare))
    before = contents(bare)
    done = replay(str(bare), "--glob", GLOB, "--commits", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert contents(bare) == before
    _machine, what, *table = done.stdout.splitlines()
    assert what == (
        f"{bare}, {GLOB}, 1 commits; "
        "requests one minute apart, entries living 5 minutes from their last use"
    )
    assert [line.split()[0] for line in table[2:]] == ["path", "stable", "overlay"]  # no goals


@pytest.mark.parametrize(
    ("name", "remote", "missed"),
    [
        pytest.param("llm", None, False, id="reached"),
        pytest.param("clone", "https://github.com/jlowin/fastmcp.git", True, id="missed"),
    ],
)
def test_five_repositories_have_goals(
    repository: Path, name: str, remote: str | None, missed: bool
) -> None:
    repo = repository.rename(repository.with_name(name))
    if remote:
        git(repo, "remote", "add", "origin", remote)
    done = replay(str(repo), "--glob", GLOB)
    goals = [line for line in done.stdout.splitlines() if "(goal " in line]
    assert done.returncode == missed
    assert [line.endswith("MISSED") for line in goals] == [missed, False, False, False, False]
    assert done.stderr == (f"{goals[0]}\n" if missed else "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["{tmp}"], "not a git repository", id="no-repository"),
        pytest.param(["{repo}", "--glob", "nowhere/*.py"], "by --glob", id="no-commit"),
    ],
)
def test_what_cannot_be_replayed(
    repository: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    done = replay(*(part.format(tmp=tmp_path, repo=repository) for part in arguments))
    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
