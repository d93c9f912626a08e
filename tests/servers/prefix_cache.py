"""Two providers' prefix caches on loopback: OpenAI's, and Anthropic's with its marks.

Both count tokens as o200k does, forget what was not used for its lifetime, and read the time from
a clock that is passed in. What they credit is told in the usage of their answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from itertools import accumulate
from typing import Any

from ccw.llm.tokens import tokenizer_for
from tests.servers import anthropic_wire, openai_wire
from tests.servers.loopback import Behaviour, Exchange

Clock = Callable[[], float]  # seconds
LIFETIMES = {"5m": 300.0, "1h": 3600.0}  # from the last use
MINIMUM = 1024  # tokens of the shortest prefix that is cached
STEP = 128  # tokens in which OpenAI credits
MAX_MARKS = 4
MANY = "A maximum of 4 blocks with cache_control may be provided. Found {}."
LOOK_BACK = 20  # blocks that Anthropic checks for an entry, from a mark backwards
OUTPUT = 7  # tokens of every answer
_BETWEEN_FILES = re.compile(r"(?<=\n\n)(?=```)")  # no token reaches over such a place


def count(text: str) -> int:
    """Return the tokens of *text*; the parts of a pack are counted once and remembered."""
    return sum(map(_count_part, _BETWEEN_FILES.split(text)))


@cache
def _count_part(part: str) -> int:
    return tokenizer_for("gpt-4o").count(part).tokens


def common_prefix(one: str, other: str) -> int:
    """Return the number of leading characters that both texts have."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one.startswith(other[:middle]) else (low, middle - 1)
    return low


@dataclass
class LongestPrefix:
    """Credits the longest prefix that a living request began with, in steps of 128 tokens."""

    clock: Clock
    lifetime: float = LIFETIMES["5m"]
    minimum: int = MINIMUM
    _used: dict[str, float] = field(default_factory=dict)

    def credit(self, text: str) -> int:
        """Return the tokens of *text* that are read from the cache; *text* is kept."""
        now = self.clock()
        self._used = {kept: at for kept, at in self._used.items() if now - at <= self.lifetime}
        best = max(self._used, key=lambda kept: common_prefix(kept, text), default="")
        self._used[text] = now
        tokens = count(text[: common_prefix(best, text)]) // STEP * STEP
        return tokens if tokens >= self.minimum else 0


@dataclass(frozen=True)
class Block:
    """A piece of a request; `mark` is the lifetime of its cache mark, None without one."""

    text: str
    mark: str | None = None


@dataclass(frozen=True)
class Credit:
    """Tokens of one request: read from the cache, written to it by lifetime, and neither."""

    read: int = 0
    written: dict[str, int] = field(default_factory=dict)
    fresh: int = 0


class TooManyMarks(ValueError):
    """A request with more marks than the provider takes."""


@dataclass
class MarkedPrefixes:
    """Credits prefixes that end at a mark of a living request.

    From each mark the blocks before it are looked at, too. With *whole_blocks* a prefix counts as
    the same only when it is cut into the same blocks; without *inside* a mark that lies within
    what is read stores nothing (the provider documents neither).
    """

    clock: Clock
    minimum: int = MINIMUM
    whole_blocks: bool = False
    inside: bool = True
    _used: dict[bytes, tuple[float, float]] = field(default_factory=dict)  # lifetime, last use

    def credit(self, blocks: Sequence[Block]) -> Credit:
        """Return what *blocks* read and write; raise TooManyMarks."""
        marks = [number for number, block in enumerate(blocks) if block.mark]
        if len(marks) > MAX_MARKS:
            raise TooManyMarks(MANY.format(len(marks)))
        keys = list(self._keys(blocks))
        ends = list(accumulate(count(block.text) for block in blocks))
        self._forget()
        hit = self._longest(keys, marks)
        if hit is not None:
            self._use(keys[hit])
        return self._store(blocks, keys, ends, marks, hit)

    def _keys(self, blocks: Sequence[Block]) -> Iterator[bytes]:
        digest = blake2b()
        for block in blocks:
            digest.update(block.text.encode())
            if self.whole_blocks:
                digest.update(b"\0")
            yield digest.digest()

    def _forget(self) -> None:
        now = self.clock()
        self._used = {key: use for key, use in self._used.items() if now - use[1] <= use[0]}

    def _longest(self, keys: Sequence[bytes], marks: Sequence[int]) -> int | None:
        seen = {
            number for mark in marks for number in range(max(0, mark - LOOK_BACK + 1), mark + 1)
        }
        return max((number for number in seen if keys[number] in self._used), default=None)

    def _use(self, key: bytes) -> None:
        self._used[key] = (self._used[key][0], self.clock())

    def _store(
        self,
        blocks: Sequence[Block],
        keys: Sequence[bytes],
        ends: Sequence[int],
        marks: Sequence[int],
        hit: int | None,
    ) -> Credit:
        done = read = 0 if hit is None else ends[hit]
        written: dict[str, int] = {}
        for number in marks:
            known, within = keys[number] in self._used, ends[number] <= read
            if ends[number] < self.minimum or (within and not known and not self.inside):
                continue
            mark = blocks[number].mark or "5m"
            self._used[keys[number]] = (LIFETIMES[mark], self.clock())
            if not within:
                written[mark] = written.get(mark, 0) + ends[number] - done
                done = ends[number]
        return Credit(read, written, ends[-1] - done)


def openai_cache(clock: Clock) -> Behaviour:
    """Answer chat calls as OpenAI does, with the cached tokens of the longest known prefix."""
    kept = LongestPrefix(clock)

    def behave(exchange: Exchange) -> None:
        text = "".join(block.text for block in blocks_of(exchange.request.json))
        total = count(text)
        usage = {
            "prompt_tokens": total,
            "completion_tokens": OUTPUT,
            "total_tokens": total + OUTPUT,
            "prompt_tokens_details": {"cached_tokens": kept.credit(text)},
        }
        openai_wire.say(usage=usage)(exchange)

    return behave


def anthropic_cache(kept: MarkedPrefixes) -> Behaviour:
    """Answer messages calls as Anthropic does, with what *kept* reads and writes."""

    def behave(exchange: Exchange) -> None:
        try:
            credit = kept.credit(blocks_of(exchange.request.json))
        except TooManyMarks as error:
            anthropic_wire.refuse(exchange, str(error))
        else:
            anthropic_wire.answer(exchange, anthropic_usage(credit))

    return behave


def anthropic_usage(credit: Credit) -> dict[str, Any]:
    """Return *credit* in Anthropic's words."""
    return {
        "input_tokens": credit.fresh,
        "cache_read_input_tokens": credit.read,
        "cache_creation_input_tokens": sum(credit.written.values()),
        "cache_creation": {
            f"ephemeral_{mark}_input_tokens": credit.written.get(mark, 0) for mark in LIFETIMES
        },
        "output_tokens": OUTPUT,
    }


def blocks_of(body: dict[str, Any]) -> list[Block]:
    """Return the system text and all messages of a request in order, in either wire's form."""
    messages = [{"role": "system", "content": body.get("system", [])}, *body["messages"]]
    return [block for message in messages for block in _blocks(message)]


def _blocks(message: dict[str, Any]) -> Iterator[Block]:
    content = message["content"]
    parts = [{"text": content}] if isinstance(content, str) else content
    for number, part in enumerate(parts):
        role = "" if number else f"<{message['role']}>\n\n"
        control = part.get("cache_control")
        yield Block(role + part["text"], control.get("ttl", "5m") if control else None)
