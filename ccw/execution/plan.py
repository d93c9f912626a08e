"""The values of a call before it is made: whom it asks, and all that it would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ccw.config.models import LiteLLMApiConfig
from ccw.context.patterns import Scan
from ccw.context.session import PackedContext
from ccw.execution.chain import Chain
from ccw.execution.keys import FirstKey
from ccw.execution.targets import Target
from ccw.llm.marks import NOTHING, Caching
from ccw.llm.messages import build_messages

if TYPE_CHECKING:
    from ccw.context.cache.store import ContextCache

ALONE = Chain()
NO_KEY = FirstKey()


@dataclass(frozen=True, slots=True)
class Aim:
    """What is asked of whom: known before any key is resolved and any file is read."""

    project: Path
    found: Scan
    config: LiteLLMApiConfig
    target: Target
    chain: Chain


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a call sends but the key.

    Token counts are kept in `counts_folder`, if there is one. `prefix_key` is what calls about the
    same files share, None without files or without the cache. `key` is what the provider is asked
    with where it has a pool; where there `has_choice` it may be another one, or another endpoint of
    the `chain`. `context_cache`, closed, is the one the files went through.
    """

    target: Target
    prompt: str
    system: str | None
    packed: PackedContext | None
    notes: tuple[str, ...] = ()
    counts_folder: Path | None = None
    caching: Caching = NOTHING
    prefix_key: str | None = None
    key: FirstKey = NO_KEY
    chain: Chain = ALONE
    context_cache: ContextCache | None = field(default=None, repr=False, compare=False)

    @property
    def has_choice(self) -> bool:
        """Whether there are several keys or endpoints, or limits to keep."""
        return self.chain.has_choice(self.target)

    @property
    def context(self) -> str | None:
        """The packed files as text, None when there are none."""
        return self.packed.content.decode("utf-8") if self.packed else None

    def messages(self) -> list[dict[str, Any]]:
        """The messages of the call, in OpenAI's form."""
        return build_messages(self.context, self.prompt, self.system, self.caching)

    def skipped_files(self) -> tuple[dict[str, str], ...]:
        """The files that were left out, each with its path and the reason."""
        skipped = self.packed.skipped if self.packed else ()
        return tuple({"path": item.path, "reason": item.reason} for item in skipped)

    def size(self) -> int:
        """The bytes of all texts that are sent."""
        packed = len(self.packed.content) if self.packed else 0
        return packed + len(self.prompt.encode()) + len((self.system or "").encode())
