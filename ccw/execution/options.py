"""What an execution is asked, and what comes of it: plain values."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ccw.context.scope import FileId
from ccw.llm.cacheable import CacheInert
from ccw.llm.pool.values import Attempt
from ccw.llm.usage import Usage

if TYPE_CHECKING:
    from ccw.execution.planning import Plan

CostSource = Literal["gateway", "prices"]
OnOutput = Callable[[dict[str, str]], None]


@dataclass(frozen=True, slots=True)
class LiteLLMExecutionOptions:
    """One question: the prompt with its @patterns, and to whom it goes.

    `endpoint_id` None means the project's default endpoint. `base_dir` is the project folder,
    `cwd` where patterns start (default: `base_dir`). Timeouts in seconds, sizes in KB
    (`max_size_kb`) and bytes (`max_file_size`). `context_text` is packed after the files. A call
    that may cost more than `max_cost`, in USD, is not made. `patterns` name further files than the
    prompt does; `params` are parameters of the call over those of the endpoint, None drops one.
    `fallbacks` are endpoints to ask when the first cannot answer; None means its own, () none.
    `on_plan` is told once what is going to be sent, maybe from another thread. `outputs` are files
    that what comes is written to; they are never packed.
    """

    prompt: str
    endpoint_id: str | None
    base_dir: str | os.PathLike[str]
    cwd: str | os.PathLike[str] | None = None
    include_dirs: Sequence[str | os.PathLike[str]] = ()
    enable_cache: bool | None = None
    on_output: OnOutput | None = None
    model: str | None = None
    stream: bool | None = None
    system: str | None = None
    mode: str = "analysis"
    timeout: float | None = None
    max_retries: int | None = None
    over: str = "fail"
    max_size_kb: float | None = None
    max_file_size: int | None = None
    allow_missing: bool = False
    allow_secrets: bool = False
    context_text: str | None = None
    max_cost: float | None = None
    patterns: Sequence[str] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    on_plan: Callable[[Plan], None] | None = None
    fallbacks: Sequence[str] | None = None
    outputs: frozenset[FileId] = frozenset()


@dataclass(frozen=True, slots=True)
class LiteLLMExecutionResult:
    """What came of a question; expected failures are told here and not raised.

    `cost` is in USD, None when a price is unknown; so is `saved`, by the provider's cache against
    no cache (negative after a write). `usage` is None when the provider sent none. `cache_inert`
    tells that the files are too few tokens for the provider to cache them. `endpoint` is the one
    that answered, `asked_endpoint` the one that was to, `key_label` the label or id of the key
    where the provider has several, `attempts` what was tried in vain before; model, provider and
    money are those of the endpoint that answered.
    `earlier_copies` are the paths of superseded copies that an overlay sent along, one for each.
    `cost_source` is "gateway" where the gateway told the cost, "prices" where it was worked out.
    """

    success: bool
    output: str = ""
    model: str | None = None
    provider: str | None = None
    cache_used: bool = False
    cache_hit: bool = False
    cached_files: tuple[str, ...] = ()
    error: str | None = None
    error_type: str | None = None
    exit_code: int = 0
    usage: Usage | None = None
    cost: float | None = None
    saved: float | None = None
    cache_inert: CacheInert | None = None
    session_id: str | None = None
    finish_reason: str | None = None
    duration_ms: int = 0
    skipped_files: tuple[dict[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    endpoint: str | None = None
    asked_endpoint: str | None = None
    key_label: str | None = None
    attempts: tuple[Attempt, ...] = ()
    cost_source: CostSource | None = None
    earlier_copies: tuple[str, ...] = ()
