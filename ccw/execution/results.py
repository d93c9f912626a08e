"""The result of an execution, made of its plan and of what came of the call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ccw.execution.limits import cache_inert
from ccw.execution.options import LiteLLMExecutionResult
from ccw.execution.spend import bill_of

if TYPE_CHECKING:
    from ccw.context.session import PackedContext
    from ccw.execution.planning import Plan
    from ccw.llm.client import Reply

EMPTY = "the answer is empty; ask again, or in other words"
FILTERED = "the provider's filter cut the answer short; ask in other words, or another model"
CUT_SHORT = (
    "the answer stops at the output limit; for more: "
    "ccw endpoint update ID --param maxTokens=NUMBER"
)


@dataclass(frozen=True, slots=True)
class Stopped:
    """What is known of a call when an interrupt ends it; `begun`: a try of it had gone out.

    The `result` of one that had been answered, or had failed, is its own.
    """

    result: LiteLLMExecutionResult
    begun: bool = False


NOTHING_SENT = Stopped(LiteLLMExecutionResult(success=False, cost=0.0, saved=0.0))


def result_of(
    plan: Plan | None, *, success: bool, took: int, notes: tuple[str, ...] = (), **reply: Any
) -> LiteLLMExecutionResult:
    """Return what is known; *took* in milliseconds, *notes* what was told, *reply* of one or none.

    The fields of *reply* are those that `fields_of` gives.
    """
    if plan is None:
        return LiteLLMExecutionResult(success=success, duration_ms=took, notes=notes)
    target = plan.target
    result = LiteLLMExecutionResult(
        success=success,
        model=target.endpoint.model,
        provider=target.provider.type,
        duration_ms=took,
        skipped_files=plan.skipped_files(),
        notes=notes or plan.notes,
        endpoint=target.endpoint.id,
        asked_endpoint=target.endpoint.id,
        key_label=plan.key.key.name if plan.key.key else None,
        **reply,
    )
    return result if plan.packed is None else _with_files(result, plan.packed)


def fields_of(plan: Plan, reply: Reply, told: float | None) -> dict[str, Any]:
    """Return what *reply* tells, as fields of a result; *told* is what a gateway says it cost."""
    bill = bill_of(plan, reply, told)
    return {
        "output": reply.text,
        "usage": reply.usage,
        "cost": bill.cost,
        "cost_source": bill.source,
        "saved": bill.saved,
        "cache_inert": cache_inert(plan, reply.usage),
        "finish_reason": reply.finish_reason,
    }


def unbilled(result: LiteLLMExecutionResult) -> LiteLLMExecutionResult:
    """Return *result* of a call that failed without any try that can have been billed."""
    return result if result.output else replace(result, cost=0.0, saved=0.0)


def doubts(reply: Reply) -> tuple[str, ...]:
    """Return what to say of an answer that is no good one."""
    # litellm has no other names for an end before its time: what it does not know is "stop"
    ended = {"length": (CUT_SHORT,), "content_filter": (FILTERED,)}
    cut = ended.get(reply.finish_reason or "", ())
    return cut if reply.text.strip() else (*cut, EMPTY)


def _with_files(result: LiteLLMExecutionResult, packed: PackedContext) -> LiteLLMExecutionResult:
    return replace(
        result,
        cache_used=packed.session_id is not None,
        cache_hit=packed.hit,
        cached_files=tuple(file.path for file in packed.files),
        session_id=packed.session_id,
        earlier_copies=tuple(file.path for file in packed.superseded),
    )
