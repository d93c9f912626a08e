"""The file that the shell sends standard output or error to is no part of what is sent."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.asking import CCW, prompt_sent
from tests.projects import configure, write_files
from tests.servers.loopback import Server

EARLIER = "what an earlier answer said\n"
FILES = {"s/a.py": "a = 1\n" * 100, "s/b.py": "b = 1\n"}


@pytest.fixture
def shop(shop: Path) -> Path:
    """A project, the working directory, with a folder that also holds an earlier answer."""
    write_files(shop, {**FILES, "s/answer.txt": EARLIER})
    os.link(shop / "s/answer.txt", shop / "s/linked.txt")
    (shop / "s/link.txt").symlink_to("answer.txt")
    return shop


def sh(script: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(["sh", "-c", f"{CCW} {script}"], capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done


def left_out(*paths: str) -> str:
    return "".join(f"left out: {path}: the output is written to it\n" for path in sorted(paths))


NAMES = ("s/answer.txt", "s/link.txt", "s/linked.txt")
TOLD = "".join(f"\n- {name}: the output is written to it" for name in NAMES)  # to the model


def check_sent(server: Server) -> None:
    """The files were sent without what is written to, which the model is told of as left out."""
    sent = prompt_sent(server)
    assert "```s/a.py" in sent
    assert sent.endswith(f"{TOLD}\n\n---\n\n@s q")
    assert EARLIER not in sent


@pytest.mark.parametrize("words", ["--cache >", "--no-cache >>"])
def test_an_answer_is_no_part_of_its_question(
    shop: Path, openai_server: Server, words: str
) -> None:
    done = sh(f'cli "@s q" {words} s/answer.txt')
    assert done.stderr.startswith(left_out(*NAMES))
    check_sent(openai_server)
    assert ((shop / "s/answer.txt").read_text().startswith(EARLIER)) == (">>" in words)


def test_nor_is_what_is_told_on_stderr(shop: Path, openai_server: Server) -> None:
    sh('cli "@s q" 2> s/answer.txt')
    assert (shop / "s/answer.txt").read_text().startswith(left_out(*NAMES))
    check_sent(openai_server)


def test_named_exactly_it_is_left_out_as_well(shop: Path, openai_server: Server) -> None:
    done = sh('cli "@s/a.py @s/answer.txt q" >> s/answer.txt')
    assert done.stderr.startswith(left_out("s/answer.txt"))
    assert "```s/a.py" in prompt_sent(openai_server)
    assert EARLIER not in prompt_sent(openai_server)


@pytest.mark.parametrize("shape", ["", "--json"])
def test_a_preview_does_not_list_it(shop: Path, shape: str) -> None:
    done = sh(f'cli "@s q" --dry-run {shape} > s/answer.txt')
    shown = (shop / "s/answer.txt").read_text()
    if shape:
        assert [file["path"] for file in json.loads(shown)["files"]] == list(FILES)
    else:
        assert ".txt" not in shown
        assert done.stderr == left_out(*NAMES)


def test_packing_into_the_cache(shop: Path) -> None:
    done = sh("cache pack s > s/answer.txt")
    assert done.stderr.startswith(left_out(*NAMES))
    session = (shop / "s/answer.txt").read_text().strip()
    packed = sh(f"cache read {session}").stdout
    assert packed.endswith(TOLD)
    assert EARLIER not in packed


def test_warming(shop: Path, openai_server: Server) -> None:
    configure(shop, openai_server.base, type="openai")
    write_files(shop, {"s/c.py": "word\n" * 3000})
    done = sh("cache warm s >> s/answer.txt")
    assert done.stderr.startswith(left_out(*NAMES))
    assert EARLIER not in json.dumps(openai_server.posts[-1].json)


def test_an_overlay_loses_the_copy_that_it_had(shop: Path, openai_server: Server) -> None:
    configure(shop, openai_server.base, cacheStrategy={"layout": "overlay"})
    sh('cli "@s q"')
    assert EARLIER in prompt_sent(openai_server)
    sh('cli "@s q" >> s/answer.txt')
    assert EARLIER not in prompt_sent(openai_server)


@pytest.mark.parametrize(
    ("arguments", "redirection", "files"),
    [
        pytest.param('cli "@s/answer.txt q" --stdin < s/a.py', ">>", NAMES[:1], id="further"),
        pytest.param('cli "@s/answer.txt q"', ">>", NAMES[:1], id="named"),
        pytest.param('cli "@s/answer.txt:1-2 q"', ">", NAMES[:1], id="lines"),
        pytest.param('cli --no-cache "@s/*.txt q"', "2>>", NAMES, id="matched"),
        pytest.param('cli --json "@s/link.txt q"', ">>", NAMES[1:2], id="json"),
        pytest.param('cli --dry-run "@s/*.txt q"', "2>", NAMES, id="preview"),
        pytest.param("cache pack s/answer.txt", ">>", NAMES[:1], id="cache-pack"),
        pytest.param("cache pack --json 's/*.txt'", "2>>", NAMES, id="cache-pack-json"),
        pytest.param("cache warm s/answer.txt", ">>", NAMES[:1], id="cache-warm"),
    ],
)
def test_nothing_is_asked_where_nothing_else_is_named(
    shop: Path,
    openai_server: Server,
    arguments: str,
    redirection: str,
    files: tuple[str, ...],
) -> None:
    configure(shop, openai_server.base, type="openai")
    done = sh(f"{arguments} {redirection} s/answer.txt", code=4)
    said = done.stderr + done.stdout + (shop / "s/answer.txt").read_text()
    reasons = "; ".join(f"{name}: the output is written to it" for name in files)
    assert f"all files that the patterns name are left out: {reasons}; name others, or" in said
    assert (shop / "s/answer.txt").read_text().startswith(EARLIER) == (">>" in redirection)
    assert openai_server.posts == []


def test_it_may_be_all_that_is_named_where_that_is_allowed(
    shop: Path, openai_server: Server
) -> None:
    done = sh('cli "@s/*.txt q" --allow-missing > s/answer.txt')
    assert done.stderr.startswith(left_out(*NAMES))
    assert EARLIER not in prompt_sent(openai_server)


def test_json_and_the_closing_line_tell_what_is_left_out(shop: Path, openai_server: Server) -> None:
    reasons = [{"path": name, "reason": "the output is written to it"} for name in NAMES]
    sh('cli --json "@s q" > s/answer.txt')
    assert json.loads((shop / "s/answer.txt").read_text())["skippedFiles"] == reasons
    sh("cache pack --json s > s/answer.txt")
    assert json.loads((shop / "s/answer.txt").read_text())["filesSkipped"] == reasons
    assert "· 2 files, 3 left out" in sh('cli "@s q" > s/answer.txt').stderr.splitlines()[-1]


def test_without_a_file_nothing_is_left_out(shop: Path, openai_server: Server) -> None:
    done = sh('cli "@s q" 2> /dev/null | cat')
    assert done.stdout
    assert EARLIER in prompt_sent(openai_server)
