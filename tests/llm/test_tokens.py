"""Token counts are exact where the tokenizer is known, and say so where it is not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ccw.llm.tokens import TokenCount, count_tokens, tokenizer_for


@pytest.mark.parametrize(
    ("model", "tokenizer", "exact"),
    [
        pytest.param("gpt-4o", "o200k_base", True, id="bare"),
        pytest.param("openai/gpt-4o-2024-11-20", "o200k_base", True, id="dated"),
        pytest.param("openai/gpt-5-mini", "o200k_base", True, id="gpt-5"),
        pytest.param("azure/gpt-4", "cl100k_base", True, id="cl100k"),
        pytest.param("anthropic/claude-sonnet-4-5", "o200k_base", False, id="unknown"),
        pytest.param("openrouter/openai/gpt-4o", "o200k_base", False, id="behind-a-gateway"),
        pytest.param("openai/smollm2", "o200k_base", False, id="own-server"),
    ],
)
def test_tokenizer_for(model: str, tokenizer: str, exact: bool) -> None:
    found = tokenizer_for(model)
    assert (found.name, found.exact) == (tokenizer, exact)


@pytest.mark.parametrize(
    ("model", "tokens"),
    [pytest.param("gpt-4o", 8, id="o200k"), pytest.param("gpt-4", 9, id="cl100k")],
)
def test_count_is_that_of_the_tokenizer(model: str, tokens: int) -> None:
    """The figures for this text are those of OpenAI's cookbook, "How to count tokens"."""
    assert count_tokens("お誕生日おめでとう", model) == TokenCount(tokens, exact=True)


def test_special_tokens_are_plain_text() -> None:
    assert count_tokens("<|endoftext|>", "gpt-4o").tokens > 1


def test_an_estimate_is_marked() -> None:
    assert str(TokenCount(12345, exact=False)) == "~12,345"
    assert str(TokenCount(12345, exact=True)) == "12,345"


def test_counting_needs_no_network_and_leaves_the_environment_alone() -> None:
    before = dict(os.environ)
    code = (
        "import os, socket, sys\n"
        "def refuse(*_): raise OSError('no network here')\n"
        "socket.getaddrinfo = refuse\n"
        "before = dict(os.environ)\n"
        "from ccw.llm.tokens import count_tokens\n"
        "print(count_tokens('hello world', 'gpt-4o'))\n"
        "assert dict(os.environ) == before\n"
        "assert 'litellm' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("2\n", "")
    assert dict(os.environ) == before


def test_two_threads_count_at_once_without_a_network() -> None:
    code = (
        "import os, socket\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "def refuse(*_): raise OSError('no network here')\n"
        "socket.getaddrinfo = refuse\n"
        "before = dict(os.environ)\n"
        "from ccw.llm.tokens import count_tokens\n"
        "with ThreadPoolExecutor(4) as pool:\n"
        "    models = ['gpt-4o', 'gpt-4', 'gpt-4o', 'gpt-4']\n"
        "    print(*pool.map(lambda model: count_tokens('hello world', model), models))\n"
        "assert dict(os.environ) == before\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("2 2 2 2\n", "")
