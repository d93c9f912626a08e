"""`ccw pack`: the pack on stdout, what there is to say about it on stderr."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ccw.cli.app import App
from ccw.cli.main import cli
from tests.context.packs import ReadFile, read_pack

ROOT = Path(__file__).parents[2]


@pytest.fixture
def files(project: Path) -> Path:
    """A project with a few files."""
    (project / "src").mkdir()
    (project / "src" / "a.py").write_text("print('a')\n")
    (project / "src" / "b.py").write_text("print('b')\n" * 300)
    (project / "src" / "c.bin").write_bytes(b"\0")
    (project / "README.md").write_text("# read me\n")
    return project


def ccw(folder: Path, *arguments: str) -> Result:
    app = App(environ=dict(os.environ), cwd=folder)
    return CliRunner().invoke(cli, [*arguments, "--project", str(folder)], obj=app)


def process(folder: Path, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "ccw", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        **{"stdout": subprocess.PIPE, **options},  # type: ignore[call-overload]
    )


def test_the_pack_is_on_stdout_and_the_rest_on_stderr(files: Path) -> None:
    result = ccw(files, "pack", "src/**", "@README.md")
    assert result.exit_code == 0
    assert result.stdout.endswith("- src/c.bin: binary\n")
    packed, missing = read_pack(result.stdout_bytes[:-1])
    assert packed == [
        ReadFile("README.md", b"# read me\n"),
        ReadFile("src/a.py", b"print('a')\n"),
        ReadFile("src/b.py", b"print('b')\n" * 300),
    ]
    assert missing == ["- src/c.bin: binary"]
    size = len(result.stdout_bytes) - 1
    assert result.stderr == f"left out: src/c.bin: binary\n3 files, {size:,} bytes, 1 left out\n"


def test_the_same_files_are_the_same_bytes(files: Path, tmp_path: Path) -> None:
    first = ccw(files, "pack", "src/**")
    moved = tmp_path / "elsewhere"
    files.rename(moved)
    os.utime(moved / "src" / "a.py", (1, 1))
    second = ccw(moved, "pack", "src/**")
    assert second.stdout_bytes == first.stdout_bytes


def test_cd_is_where_patterns_start_and_paths_stay_the_projects(files: Path) -> None:
    result = ccw(files, "pack", "*.py", "--cd", "src")
    packed, _ = read_pack(result.stdout_bytes[:-1])
    assert [file.path for file in packed] == ["src/a.py", "src/b.py"]


def test_lines(files: Path) -> None:
    result = ccw(files, "pack", "src/b.py:2-3")
    packed, _ = read_pack(result.stdout_bytes[:-1])
    assert packed == [ReadFile("src/b.py", b"print('b')\n" * 2, "2-3")]


def test_output_replaces_a_file(files: Path) -> None:
    (files / "out.txt").write_text("old")
    result = ccw(files, "pack", "src/*.py", "-o", "out.txt")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert [f.path for f in read_pack((files / "out.txt").read_bytes()[:-1])[0]] == [
        "src/a.py",
        "src/b.py",
    ]
    assert sorted(p.name for p in files.iterdir()) == [".ccw", "README.md", "out.txt", "src"]


def test_a_failure_leaves_the_output_file_as_it_was(files: Path) -> None:
    (files / "out.txt").write_text("old")
    result = ccw(files, "pack", "src/*.py", "--max-size", "1", "-o", "out.txt")
    assert result.exit_code == 7
    assert (files / "out.txt").read_text() == "old"
    assert sorted(p.name for p in files.iterdir()) == [".ccw", "README.md", "out.txt", "src"]


def test_an_output_folder_that_is_not_there(files: Path) -> None:
    result = ccw(files, "pack", "src/*.py", "-o", "nowhere/out.txt")
    assert result.exit_code == 1
    assert re.search(r"cannot write the pack to .*nowhere.*: No such file", result.stderr)


def test_an_output_that_is_a_folder(files: Path) -> None:
    result = ccw(files, "pack", "src/*.py", "-o", "src")
    assert result.exit_code == 1
    assert re.search("cannot write the pack to .*src: Is a directory", result.stderr)
    assert sorted(p.name for p in files.iterdir()) == [".ccw", "README.md", "src"]


def test_a_full_disk_on_stdout(files: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        running = process(files, "pack", "src/*.py", stdout=full)
        _, errors = running.communicate(timeout=20)
    assert running.returncode == 1
    assert errors == b"ccw: cannot write the pack: No space left on device\n"


def test_over_the_bound_prints_nothing(files: Path) -> None:
    result = ccw(files, "pack", "src/**", "--max-size", "1")
    assert result.exit_code == 7
    assert result.stdout == ""
    assert re.search(r"more than the limit of 1 KB; largest: src/b\.py", result.stderr)


def test_over_drop_leaves_out_the_largest(files: Path) -> None:
    result = ccw(files, "pack", "src/**", "--max-size", "1", "--over", "drop")
    assert result.exit_code == 0
    packed, missing = read_pack(result.stdout_bytes[:-1])
    assert [file.path for file in packed] == ["src/a.py"]
    assert missing == [
        "- src/b.py: over the limit of 1 KB, 3,315 bytes itself",
        "- src/c.bin: binary",
    ]


def test_max_file_size(files: Path) -> None:
    result = ccw(files, "pack", "src/*.py", "--max-file-size", "100")
    packed, missing = read_pack(result.stdout_bytes[:-1])
    assert [file.path for file in packed] == ["src/a.py"]
    assert missing[0].startswith("- src/b.py: larger than ")


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        pytest.param([], 2, 'ccw pack "src/**/*.py" README.md', id="no-pattern"),
        pytest.param(["src/*", "--over", "drop"], 2, "--max-size KB or --model", id="no-bound"),
        pytest.param(["nothing/*.py"], 4, "nothing/*.py", id="nothing-matched"),
        pytest.param(["src/*", "--model", "x"], 3, "Endpoint not found: x", id="no-endpoint"),
    ],
)
def test_what_cannot_be_done(
    files: Path, arguments: list[str], exit_code: int, message: str
) -> None:
    result = ccw(files, "pack", *arguments)
    assert result.exit_code == exit_code
    assert message in result.stderr
    assert result.stdout == ""


def test_allow_missing_says_what_was_not_found(files: Path) -> None:
    result = ccw(files, "pack", "src/a.py", "nothing/*.py", "--allow-missing")
    assert result.exit_code == 0
    assert "nothing/*.py matched nothing" in result.stderr


def test_json(files: Path) -> None:
    plain = ccw(files, "pack", "src/**")
    answer = json.loads(ccw(files, "pack", "src/**", "--json").stdout)
    assert answer == {
        "content": plain.stdout[:-1],
        "files": [{"path": "src/a.py", "bytes": 26}, {"path": "src/b.py", "bytes": 3315}],
        "skippedFiles": [{"path": "src/c.bin", "reason": "binary"}],
        "totalBytes": len(plain.stdout_bytes) - 1,
        "notes": [],
    }


def endpoint(project: Path, **strategy: object) -> None:
    config = {
        "version": 1,
        "providers": [{"id": "p", "name": "p", "type": "openai", "apiKey": "k"}],
        "endpoints": [
            {
                "id": "my-gpt4o",
                "name": "x",
                "providerId": "p",
                "model": "gpt-4o",
                "cacheStrategy": strategy,
            }
        ],
    }
    path = project / ".ccw" / "storage" / "config" / "litellm-api-config.json"
    path.write_text(json.dumps(config))


def test_tree_without_an_endpoint_estimates(files: Path) -> None:
    result = ccw(files, "pack", "src/**", "README.md", "--tree")
    assert result.exit_code == 0
    lines = [re.split(r"  +", line.strip()) for line in result.stdout.splitlines()]
    assert [line[:2] for line in lines] == [
        ["README.md", "26 bytes"],
        ["src/", "3,341 bytes"],
        ["a.py", "26 bytes"],
        ["b.py", "3,315 bytes"],
        ["total", "3,635 bytes"],
    ]
    assert all(re.fullmatch(r"~[\d,]+ tokens", line[2]) for line in lines)


def test_tree_of_an_endpoint_has_tokens_and_price(files: Path) -> None:
    endpoint(files, maxSizeKB=1)
    result = ccw(files, "pack", "src/*.py", "--tree", "--model", "my-gpt4o", "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert [file["path"] for file in answer["files"]] == ["src/a.py", "src/b.py"]
    assert answer["maxBytes"] == 1024
    tokens = answer["total"]["tokens"]
    assert tokens > 300
    assert answer["total"]["tokensExact"] is True
    assert answer["total"]["price"] == pytest.approx(tokens * 2.5e-6)
    shown = ccw(files, "pack", "src/*.py", "--tree", "--model", "my-gpt4o")
    assert "over the endpoint's bound of 1,024 bytes by" in shown.stdout


def test_an_endpoints_bound_and_patterns_hold(files: Path) -> None:
    endpoint(files, maxSizeKB=1)
    assert ccw(files, "pack", "src/*.py", "--model", "my-gpt4o").exit_code == 7
    endpoint(files, filePatterns=["*.py"])
    result = ccw(files, "pack", "src/*.py", "README.md", "--model", "my-gpt4o")
    assert [file.path for file in read_pack(result.stdout_bytes[:-1])[0]] == [
        "src/a.py",
        "src/b.py",
        "README.md",
    ]


def test_explain(files: Path) -> None:
    (files / ".gitignore").write_text("b.py\n")
    inside = ccw(files, "pack", "src/*.py", "--explain", "src/a.py")
    outside = ccw(files, "pack", "src/*.py", "--explain", "src/b.py")
    assert (inside.exit_code, outside.exit_code) == (0, 0)
    assert "src/*.py" in inside.stdout
    assert ".gitignore" in outside.stdout


def test_a_closed_pipe_is_no_traceback(files: Path) -> None:
    (files / "src" / "big.txt").write_text("x" * 79 + "\n" * 10_000)
    for number in range(40):
        (files / "src" / f"{number}.txt").write_text(("x" * 79 + "\n") * 5_000)
    running = process(files, "pack", "src/**")
    assert running.stdout
    assert running.stderr
    assert running.stdout.readline().startswith(b"Each file below")
    running.stdout.close()
    errors = running.stderr.read()
    running.stderr.close()
    running.wait(20)
    assert errors == b""
    assert running.returncode != 0


def test_a_plain_pack_loads_nothing_heavy(files: Path) -> None:
    code = (
        "import sys, ccw.__main__ as m; code = m.run(['pack', 'src/*.py']);"
        "heavy = {'pydantic', 'diskcache', 'sqlite3', 'wcmatch', 'pathspec', 'rich', 'httpx',"
        " 'litellm', 'filelock', 'dotenv', 'tiktoken', 'asyncio', 'charset_normalizer'};"
        "print(code, sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=files,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert result.stderr.splitlines()[-1] == "0 []"


def test_a_large_pack_needs_little_memory(project: Path) -> None:
    """A pack is streamed: its size is not its memory."""
    for number in range(100):
        (project / f"{number}.txt").write_bytes(b"0123456789abcde\n" * 60_000)
    code = (
        "import resource, ccw.__main__ as m;"
        "m.run(['pack', '--version' if False else '*.py', '--allow-missing']);"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "m.run(['pack', '*.txt', '-o', 'out']);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert (project / "out").stat().st_size > 96_000_000
    assert int(result.stdout) < 20_000  # KB
