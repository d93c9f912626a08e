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


def sh(script: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(["sh", "-c", f"{CCW} {script}"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done


def left_out(*paths: str) -> str:
    return "".join(f"left out: {path}: the output is written to it\n" for path in sorted(paths))


NAMES = ("s/answer.txt", "s/link.txt", "s/linked.txt")


@pytest.mark.parametrize("words", ["--cache >", "--no-cache >>"])
def test_an_answer_is_no_part_of_its_question(
    shop: Path, openai_server: Server, words: str
) -> None:
    done = sh(f'cli "@s q" {words} s/answer.txt')
    assert done.stderr.startswith(left_out(*NAMES))
    assert "```s/a.py" in prompt_sent(openai_server)
    assert ".txt" not in prompt_sent(openai_server)
    assert ((shop / "s/answer.txt").read_text().startswith(EARLIER)) == (">>" in words)


def test_nor_is_what_is_told_on_stderr(shop: Path, openai_server: Server) -> None:
    sh('cli "@s q" 2> s/answer.txt')
    assert (shop / "s/answer.txt").read_text().startswith(left_out(*NAMES))
    assert ".txt" not in prompt_sent(openai_server)


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
    assert ".txt" not in sh(f"cache read {session}").stdout


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


def test_without_a_file_nothing_is_left_out(shop: Path, openai_server: Server) -> None:
    done = sh('cli "@s q" 2> /dev/null | cat')
    assert done.stdout
    assert EARLIER in prompt_sent(openai_server)
