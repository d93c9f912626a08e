"""What a call would send, with its size, tokens and price; nothing is sent."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from ccw.config.references import project_environ
from ccw.context.pack.assemble import PackedFile
from ccw.context.pack.render import quote_path
from ccw.errors import CcwError, CostExceeded
from ccw.execution.counting import count_files, count_plan
from ccw.execution.limits import check_cost, cost_bound
from ccw.execution.options import LiteLLMExecutionOptions
from ccw.execution.planning import Plan, aim_of, make_plan, project_of
from ccw.llm.usage import Usage


@dataclass(frozen=True, slots=True)
class PreviewFile:
    """One packed file, fences included."""

    path: str
    bytes: int
    tokens: int


@dataclass(frozen=True, slots=True)
class CacheMark:
    """Where a provider's cache mark stands: after `offset` bytes of the packed files."""

    offset: int
    ttl: str


@dataclass(frozen=True, slots=True)
class FallbackCopies:
    """The superseded copies that an overlay would send along to the fallback `endpoint`."""

    endpoint: str
    files: tuple[PreviewFile, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent. `input_cost` is in USD, all input as fresh; None where unknown.

    `cost_bound` is what the call would cost at most, None where a price or the bound of the
    answer is unknown. `cache_used`: the files would go through the context cache, which a preview
    leaves as it is; `session_id` is None for what it does not hold yet. `fallbacks` are the
    endpoints to ask, in order, when this one cannot answer. `earlier_copies` are superseded ones
    that an overlay sends along, `fallback_copies` those that fallbacks would be sent.
    """

    endpoint: str
    model: str
    provider: str
    files: tuple[PreviewFile, ...]
    skipped_files: tuple[dict[str, str], ...]
    total_bytes: int
    tokens: int
    tokens_exact: bool
    context_window: int | None
    input_cost: float | None
    cost_bound: float | None
    cache_used: bool
    cache_hit: bool
    session_id: str | None
    system: str | None
    prompt: str
    cache_marks: tuple[CacheMark, ...]
    prompt_cache_key: str | None
    notes: tuple[str, ...]
    fallbacks: tuple[str, ...]
    earlier_copies: tuple[PreviewFile, ...]
    fallback_copies: tuple[FallbackCopies, ...] = ()


def preview_litellm_endpoint(
    options: LiteLLMExecutionOptions,
    *,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.time,
) -> Preview:
    """Return what `execute_litellm_endpoint` would send; raises what it would report.

    A key may be missing, and the context window is told, not enforced.
    """
    values = project_environ(project_of(options), os.environ if environ is None else environ)
    now = clock()
    plan = make_plan(options, values, now, call=False)
    copies = tuple(_fallback_copies(plan, options, values, now))
    notes = (*plan.notes, *_refusal(plan, options.max_cost), *map(_more_sent, copies))
    return replace(_preview(plan, notes), fallback_copies=copies)


def _fallback_copies(
    first: Plan, options: LiteLLMExecutionOptions, environ: Mapping[str, str], now: float
) -> Iterator[FallbackCopies]:
    """Yield what each fallback would be sent of earlier copies: it may be what nobody else is."""
    for endpoint, _ in first.chain.fallbacks:
        asked = replace(options, endpoint_id=endpoint, model=None, fallbacks=())
        with suppress(CcwError):  # one that cannot be asked is sent nothing
            aim = aim_of(asked, environ, now)
            if aim.target.endpoint.cache_strategy.layout != "overlay":
                continue
            plan = make_plan(asked, environ, now, aim=aim, call=False)
            if plan.packed and plan.packed.superseded:
                yield FallbackCopies(endpoint, _files(plan, plan.packed.superseded))


def _more_sent(copies: FallbackCopies) -> str:
    paths = ", ".join(
        quote_path(path) for path in dict.fromkeys(file.path for file in copies.files)
    )
    number, size = len(copies.files), sum(file.bytes for file in copies.files)
    what = "1 earlier copy" if number == 1 else f"{number:,} earlier copies"
    return f"fallback {copies.endpoint} would also be sent {what} ({size:,} bytes): {paths}"


def _refusal(plan: Plan, max_cost: float | None) -> tuple[str, ...]:
    """Return a note when the cost bound would refuse the call."""
    try:
        check_cost(plan, max_cost)
    except CostExceeded as error:
        return (f"the call would be refused: {error}",)
    return ()


def _preview(plan: Plan, notes: tuple[str, ...]) -> Preview:
    target, packed, asked = plan.target, plan.packed, plan.caching
    count = count_plan(plan)
    return Preview(
        endpoint=target.endpoint.id,
        model=target.endpoint.model,
        provider=target.provider.type,
        files=_files(plan, packed.files if packed else ()),
        skipped_files=plan.skipped_files(),
        total_bytes=plan.size(),
        tokens=count.tokens,
        tokens_exact=count.exact,
        context_window=target.facts.context_window,
        input_cost=target.cost(Usage(input=count.tokens)),
        cost_bound=cost_bound(plan),
        cache_used=packed is not None and plan.prefix_key is not None,
        cache_hit=packed is not None and packed.hit,
        session_id=packed.session_id if packed else None,
        system=plan.system,
        prompt=plan.prompt,
        cache_marks=tuple(CacheMark(mark, asked.lifetime) for mark in asked.marks),
        prompt_cache_key=asked.key,
        notes=notes,
        fallbacks=tuple(endpoint for endpoint, _ in plan.chain.fallbacks),
        earlier_copies=_files(plan, packed.superseded if packed else ()),
    )


def _files(plan: Plan, files: Sequence[PackedFile]) -> tuple[PreviewFile, ...]:
    counted = zip(files, count_files(plan, files), strict=True)
    return tuple(PreviewFile(file.path, file.bytes, tokens) for file, tokens in counted)
