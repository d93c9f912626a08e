"""The two servers with a prefix cache: what they credit, and that ccw reads it as they mean it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ccw import LiteLLMExecutionOptions, execute_litellm_endpoint
from ccw.llm.usage import Usage
from tests.projects import write_config, write_files
from tests.servers.loopback import Server, serving
from tests.servers.prefix_cache import (
    Block,
    Credit,
    LongestPrefix,
    MarkedPrefixes,
    TooManyMarks,
    anthropic_cache,
    common_prefix,
    count,
    openai_cache,
)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def text(tokens: int, word: str = " a") -> str:
    """Return a text of exactly *tokens* tokens."""
    made = word * tokens
    assert count(made) == tokens
    return made


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("", "", 0, id="empty"),
        pytest.param("abc", "abc", 3, id="same"),
        pytest.param("abc", "abd", 2, id="last"),
        pytest.param("abc", "xbc", 0, id="first"),
        pytest.param("ab", "abcd", 2, id="shorter"),
        pytest.param("é" * 9 + "x", "é" * 9 + "y", 9, id="not-ascii"),
    ],
)
def test_common_prefix(one: str, other: str, expected: int) -> None:
    assert common_prefix(one, other) == common_prefix(other, one) == expected


@pytest.mark.parametrize(
    ("first", "second", "seconds", "expected"),
    [
        pytest.param(2000, 2000, 60.0, 1920, id="in-steps-of-128"),
        pytest.param(1150, 3000, 60.0, 1024, id="the-minimum"),
        pytest.param(1000, 3000, 60.0, 0, id="below-the-minimum"),
        pytest.param(2000, 2000, 300.0, 1920, id="still-alive"),
        pytest.param(2000, 2000, 301.0, 0, id="expired"),
    ],
)
def test_the_longest_prefix_is_credited(
    first: int, second: int, seconds: float, expected: int
) -> None:
    clock = Clock()
    kept = LongestPrefix(clock)
    assert kept.credit(text(first) + " one") == 0
    clock.now += seconds
    assert kept.credit(text(second) + " two") == expected


def test_an_older_request_counts_while_its_prefix_is_used() -> None:
    clock = Clock()
    kept = LongestPrefix(clock)
    credits = []
    for number in range(8):
        clock.now = 200.0 * number
        credits.append(kept.credit(text(2000) + f" {number} " + text(500, " b")))
    credits.append(kept.credit(text(2000) + " 0 " + text(500, " b")))
    assert credits == [0] + [1920] * 8


MARKED = Block(text(1100), "5m")
LONG = Block(text(1100), "1h")
PLAIN = Block(text(1100))
LATER = Block(text(900, " b"))
END = Block(text(900, " b"), "5m")
TAIL = Block(text(10, " c"))


def small_blocks(number: int) -> list[Block]:
    return [Block(text(10, " d"))] * number


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param([PLAIN, TAIL], [PLAIN, TAIL], Credit(fresh=1110), id="no-mark-nothing"),
        pytest.param([MARKED, TAIL], [MARKED, TAIL], Credit(1100, {}, 10), id="marked"),
        pytest.param([MARKED, TAIL], [PLAIN, TAIL], Credit(fresh=1110), id="read-wants-a-mark"),
        pytest.param(
            [PLAIN, TAIL], [MARKED, TAIL], Credit(0, {"5m": 1100}, 10), id="write-wants-a-mark"
        ),
        pytest.param(
            [PLAIN, END], [MARKED, TAIL], Credit(0, {"5m": 1100}, 10), id="mark-at-the-end-alone"
        ),
        pytest.param(
            [MARKED, END], [PLAIN, LATER, Block(" x", "5m")], Credit(2000, {"5m": 1}), id="grows"
        ),
        pytest.param(
            [MARKED, END, TAIL], [MARKED, Block(" x", "5m")], Credit(1100, {"5m": 1}), id="edit"
        ),
        pytest.param(
            [MARKED], [PLAIN, *small_blocks(18), END], Credit(1100, {"5m": 1080}), id="20-blocks"
        ),
        pytest.param(
            [MARKED], [PLAIN, *small_blocks(19), END], Credit(0, {"5m": 2190}), id="21-blocks"
        ),
        pytest.param([END], [END], Credit(fresh=900), id="below-the-minimum"),
        pytest.param(
            [MARKED], [LONG, END], Credit(1100, {"5m": 900}), id="a-lifetime-is-not-the-key"
        ),
        pytest.param([TAIL], [LONG, END], Credit(0, {"1h": 1100, "5m": 900}), id="two-lifetimes"),
    ],
)
def test_marked_prefixes_are_credited(
    first: list[Block], second: list[Block], expected: Credit
) -> None:
    kept = MarkedPrefixes(Clock())
    kept.credit(first)
    assert kept.credit(second) == expected


@pytest.mark.parametrize(
    ("mark", "pauses", "read"),
    [
        pytest.param("5m", [300.0, 300.0], 1100, id="use-renews"),
        pytest.param("5m", [301.0], 0, id="5m-expired"),
        pytest.param("1h", [3600.0, 3600.0], 1100, id="1h"),
        pytest.param("1h", [3601.0], 0, id="1h-expired"),
    ],
)
def test_a_marked_prefix_lives_from_its_last_use(mark: str, pauses: list[float], read: int) -> None:
    clock = Clock()
    kept = MarkedPrefixes(clock)
    credit = kept.credit([Block(text(1100), mark)])
    for pause in pauses:
        clock.now += pause
        credit = kept.credit([Block(text(1100), mark)])
    assert credit.read == read


def test_five_marks_are_refused() -> None:
    kept = MarkedPrefixes(Clock())
    assert kept.credit([MARKED] * 4).written == {"5m": 4400}
    with pytest.raises(TooManyMarks, match=r"maximum of 4 .* Found 5"):
        kept.credit([MARKED] * 5)


def test_what_the_provider_does_not_document_can_be_taken_for_worse() -> None:
    halves = [Block(text(1100)), Block(text(1100), "5m")]
    for whole_blocks, read in ((False, 2200), (True, 0)):
        kept = MarkedPrefixes(Clock(), whole_blocks=whole_blocks)
        kept.credit([Block(text(2200), "5m")])
        assert kept.credit(halves).read == read
    for inside, read in ((True, 1100), (False, 0)):
        kept = MarkedPrefixes(Clock(), inside=inside)
        kept.credit(halves)
        kept.credit([Block(text(1100), "5m"), Block(text(1100), "5m")])
        assert kept.credit([Block(text(1100), "5m"), Block(" x")]).read == read


@pytest.fixture
def credited(project: Path) -> Iterator[tuple[Path, Server, Server]]:
    """A project with a file of some 2,000 tokens and an endpoint at each of the two servers."""
    clock = Clock()
    write_files(project, {"a.txt": "word\n" * 1000, "b.txt": "other\n" * 1000})
    with (
        serving(openai_cache(clock)) as openai,
        serving(anthropic_cache(MarkedPrefixes(clock))) as anthropic,
    ):
        made = {"openai": (openai.base, "gpt-5"), "anthropic": (anthropic.root, "claude-sonnet-4")}
        providers = [
            {"id": name, "name": name, "type": name, "apiKey": "sk-loopback", "apiBase": base}
            for name, (base, _) in made.items()
        ]
        endpoints = [
            {"id": name, "name": name, "providerId": name, "model": model}
            for name, (_, model) in made.items()
        ]
        write_config(project, {"providers": providers, "endpoints": endpoints})
        yield project, openai, anthropic


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_the_executor_reads_what_openai_credits(
    credited: tuple[Path, Server, Server], stream: bool
) -> None:
    project, server, _ = credited
    first, second = (ask(project, "openai", question, stream) for question in ("Who?", "Why?"))
    total = count(f"<user>\n\n{server.posts[-1].json['messages'][0]['content']}")
    assert first == Usage(input=total, output=7)
    assert second == Usage(input=total - 3968, cache_read=3968, output=7)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_the_executor_reads_what_anthropic_credits(
    credited: tuple[Path, Server, Server], stream: bool
) -> None:
    project, _, server = credited
    first, second = (ask(project, "anthropic", question, stream) for question in ("Who?", "Why?"))
    *marked, last = server.posts[-1].json["messages"][0]["content"]
    written = count("<user>\n\n" + "".join(part["text"] for part in marked))
    assert first == Usage(input=count(last["text"]), cache_write_5m=written, output=7)
    assert second == Usage(input=count(last["text"]), cache_read=written, output=7)


def ask(project: Path, endpoint: str, question: str, stream: bool) -> Usage | None:
    options = LiteLLMExecutionOptions(f"@*.txt {question}", endpoint, project, stream=stream)
    result = execute_litellm_endpoint(options, environ={"HOME": os.environ["HOME"]})
    assert result.error is None
    return result.usage
