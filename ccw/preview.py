"""What a call would send, with its size, tokens and price; nothing is sent."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ccw.config.references import project_environ
from ccw.executor import LiteLLMExecutionOptions
from ccw.llm.tokens import Tokenizer, tokenizer_for
from ccw.llm.usage import Usage
from ccw.planning import Plan, make_plan, project_of


@dataclass(frozen=True, slots=True)
class PreviewFile:
    """One packed file, fences included."""

    path: str
    bytes: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent. `input_cost` is in USD, all input as fresh; None where unknown."""

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
    cache_used: bool
    cache_hit: bool
    session_id: str | None
    system: str | None
    prompt: str
    cache_marks: tuple[str, ...]
    notes: tuple[str, ...]


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
    return _preview(make_plan(options, values, clock(), call=False))


def _preview(plan: Plan) -> Preview:
    target, packed = plan.target, plan.packed
    count = plan.count()
    return Preview(
        endpoint=target.endpoint.id,
        model=target.endpoint.model,
        provider=target.provider.type,
        files=_files(plan, tokenizer_for(target.model)),
        skipped_files=plan.skipped_files(),
        total_bytes=plan.size(),
        tokens=count.tokens,
        tokens_exact=count.exact,
        context_window=target.facts.context_window,
        input_cost=target.facts.cost(Usage(input=count.tokens)),
        cache_used=packed is not None and packed.session_id is not None,
        cache_hit=packed is not None and packed.hit,
        session_id=packed.session_id if packed else None,
        system=plan.system,
        prompt=plan.prompt,
        cache_marks=(),
        notes=plan.notes,
    )


def _files(plan: Plan, tokenizer: Tokenizer) -> tuple[PreviewFile, ...]:
    if plan.packed is None:
        return ()
    content = plan.packed.content
    return tuple(
        PreviewFile(
            file.path,
            file.bytes,
            tokenizer.count(content[file.offset : file.offset + file.bytes].decode()).tokens,
        )
        for file in plan.packed.files
    )
