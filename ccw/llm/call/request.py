"""The values of a call: where it goes, what it asks, what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ccw.llm.marks import Lifetime
from ccw.llm.terms import USUAL_TERMS, Terms
from ccw.llm.usage import Usage

OnDelta = Callable[[str], None]
OnSend = Callable[[], object]
OPENAI_BASE = "https://api.openai.com/v1"
NO_KEY = "no-key-configured"  # stands for a missing key inside litellm; never sent
LONGEST_REST = 86_400.0  # seconds; nothing is left alone for longer, whatever a server asks


@dataclass(frozen=True, slots=True)
class Route:
    """Where a call goes, as plain values: litellm's model name, base, key, headers."""

    model: str  # with litellm's prefix: "openai/gpt-4o"
    provider_name: str  # the user's name for it, for messages
    api_key: str | None = field(default=None, repr=False)  # None: send no Authorization header
    api_base: str | None = None
    api_version: str | None = None
    organization: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy: str | None = field(default=None, repr=False)  # may hold a password
    provider_id: str | None = None  # None: the provider is not configured
    key_name: str | None = None  # of one of several keys
    query: str = field(default="", repr=False)  # of the base, once it stands apart

    @property
    def kind(self) -> str:
        """litellm's name for the wire that is spoken: "openai", "anthropic"."""
        return self.model.partition("/")[0]

    @property
    def title(self) -> str:
        """The provider as messages name it, with its id where the name is another."""
        known = self.provider_id in (None, self.provider_name)
        return self.provider_name if known else f"{self.provider_name} ({self.provider_id})"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Bounds in seconds; `total` None means only the two others bound a call.

    `total` counts all attempts and the waits between them; the others count silence on the wire,
    so the keep-alives of a gateway whose model thinks are signs of life.
    """

    total: float | None = None
    first_chunk: float = 600.0
    between_chunks: float = 60.0


@dataclass(frozen=True, slots=True)
class Request:
    """One call: messages in OpenAI's form, parameters in litellm's names.

    `lifetime` is what the cache marks in `messages` ask for. `on_send` is called before each try
    goes out to a server that can be reached, maybe sooner where that cannot be seen.
    """

    route: Route
    messages: Sequence[Mapping[str, Any]]
    params: Mapping[str, Any] = field(default_factory=dict)
    stream: bool = True
    timeouts: Timeouts = Timeouts()
    max_retries: int = 2
    lifetime: Lifetime = "5m"
    on_send: OnSend | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model answered; `usage` is None when the provider sent none.

    `billed` is the cost in USD as a gateway tells it, None when it tells none or nothing; `terms`
    are those that the server says it answered on.
    """

    text: str
    finish_reason: str | None
    usage: Usage | None
    model: str | None = None  # as the server names it
    billed: float | None = None
    terms: Terms = USUAL_TERMS
