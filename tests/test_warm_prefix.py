"""The embedded model has a prefix cache: a second question about the same files is fast.

Time to first token is that of the executor, in a process that has already made a call: what a
first call loads would flatter the figure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.projects import write_config, write_files

ROOT = Path(__file__).parents[1]
ASKS = """
import json, sys, time
from ccw import LiteLLMExecutionOptions, execute_litellm_endpoint
project, *questions = sys.argv[1:]

def ask(prompt):
    seen = []
    on_output = lambda piece: seen.append(time.perf_counter()) if piece["type"] == "stdout" else 0
    started = time.perf_counter()
    options = LiteLLMExecutionOptions(prompt, "embedded", project, on_output=on_output)
    result = execute_litellm_endpoint(options)
    assert result.success, result.error
    seen.append(time.perf_counter())  # the model may say nothing
    return seen[0] - started, result.usage.cache_read, result.usage.total_input

ask("Say hi")
print(json.dumps([ask(f"@src/*.py {question}") for question in questions]))
"""
QUESTIONS = ("What is this?", "Which class holds the items?")

pytestmark = [pytest.mark.model, pytest.mark.slow]


@dataclass(frozen=True)
class Answered:
    """How long the first token took, and how much of the prompt was cached."""

    seconds: float
    cached: int
    tokens: int


@pytest.fixture
def shop(project: Path) -> Path:
    """A project with files of some 2,000 tokens and an endpoint at the embedded model."""
    write_files(project, {f"src/{name}.py": source(name) for name in ("basket", "stock", "order")})
    provider = {"id": "local", "name": "Local", "type": "local"}
    endpoint = {
        "id": "embedded",
        "name": "Embedded",
        "providerId": "local",
        "model": "smollm2",
        "params": {"maxTokens": 2, "temperature": 0},
    }
    write_config(project, {"providers": [provider], "endpoints": [endpoint]})
    return project


def source(name: str) -> str:
    """Return a module that talks a lot."""
    methods = "".join(
        f"    def {verb}_{thing}(self, {thing}: int) -> int:\n"
        f'        """{verb.title()} the {thing} of this {name}."""\n'
        f"        return self.items.{verb}({thing})\n\n"
        for verb in ("count", "index", "remove")
        for thing in ("price", "weight", "colour", "size", "label")
    )
    return f"class {name.title()}:\n{methods}"


def ask(project: Path, *questions: str) -> list[Answered]:
    """Ask in a process of its own, one question after the other."""
    said = subprocess.check_output(
        [sys.executable, "-c", ASKS, str(project), *questions], cwd=ROOT, timeout=110
    )
    return [Answered(*answer) for answer in json.loads(said)]


def check_warm(first: Answered, second: Answered) -> None:
    assert 1500 <= first.tokens <= 3000
    assert second.cached >= 0.9 * second.tokens
    assert second.seconds <= first.seconds / 5, (first, second)


def test_the_kept_server_is_warm_for_the_next_process(shop: Path, local_home: Path) -> None:
    start = [sys.executable, "-m", "ccw", "local", "start"]
    subprocess.run(start, cwd=ROOT, env=os.environ, check=True, capture_output=True, timeout=90)
    (first,), (second,) = (ask(shop, question) for question in QUESTIONS)
    check_warm(first, second)


def test_one_process_is_warm_for_its_next_question(shop: Path, local_home: Path) -> None:
    check_warm(*ask(shop, *QUESTIONS))
