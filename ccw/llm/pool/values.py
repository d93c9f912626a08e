"""The values of a pooled call: which keys and endpoints there are, and what came of trying them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ccw.config.models import RoutingStrategy
from ccw.errors import CcwError
from ccw.llm.call.request import Reply, Request, Timeouts

KeyNews = Literal["ok", "refused", "limited"]
UNBOUNDED = Timeouts()
REFUSED_SECONDS = 300.0  # that a refused key, or one without quota, is left alone


@dataclass(frozen=True, slots=True)
class Member:
    """One key of a provider: its id and the name that messages give it; never its value.

    `mark` changes with the value, so that a key that was put right is not left alone.
    """

    id: str
    name: str
    weight: float = 1.0
    mark: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Group:
    """The keys of one provider and how one of them is chosen; `rpm` and `tpm` hold for each key."""

    provider: str
    members: tuple[Member, ...]
    strategy: RoutingStrategy = "simple-shuffle"
    rpm: int | None = None
    tpm: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """An endpoint to ask, of the provider whose keys are a group; its tries end by `timeouts`."""

    endpoint: str
    provider: str
    timeouts: Timeouts = UNBOUNDED


@dataclass(frozen=True, slots=True)
class Cooling:
    """A key to leave alone for some seconds, as an earlier process found."""

    provider: str
    key: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try that gave no answer; `key` is None where the provider has a single unnamed one."""

    endpoint: str
    provider: str
    key: str | None
    error_type: str
    message: str


Open = Callable[[str, str, Sequence[Attempt]], Awaitable[Request | CcwError]]


@dataclass(frozen=True, slots=True)
class PoolCall:
    """One question to the first of `steps`, and to the others when that one cannot answer.

    `groups` are all that share cool-downs and limits under the name `space`, those of the steps
    among them. `open(endpoint, key id, attempts so far)` gives the request to one of them, or why
    the endpoint cannot be asked at all; it raises what is in the way of that key, as one of
    `ccw.errors`. `max_retries` counts per endpoint; `clock`
    gives the seconds since 1970, whose minutes litellm counts limits by. `on_failed` is told what
    each try in vain ended with, before the next one.
    """

    space: str
    groups: tuple[Group, ...]
    steps: tuple[Step, ...]
    open: Open
    clock: Callable[[], float]
    on_failed: Callable[[CcwError], object]
    max_retries: int = 2
    cooling: tuple[Cooling, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """How a key answered; `seconds` that it is to be left alone."""

    provider: str
    key: str
    news: KeyNews
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Pooled:
    """What came of a pooled call: a reply or an error, who gave it, and the tries before it.

    `key` is the name of the key, None for an unnamed one; `passed` has a note about each endpoint
    that was not asked, because its keys rest.
    """

    outcome: Reply | CcwError
    endpoint: str
    provider: str
    key: str | None
    key_id: str
    attempts: tuple[Attempt, ...] = ()
    seen: tuple[Seen, ...] = ()
    passed: tuple[str, ...] = ()
