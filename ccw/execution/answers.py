"""How long the answers of a call may get, by all that its parameters send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ccw.execution.question import wire_names
from ccw.llm.thinking import is_count

if TYPE_CHECKING:
    from ccw.execution.targets import Target

BOUNDS = frozenset({"max_tokens", "max_completion_tokens"})
# What some servers call the same; one that does not know it goes by its own greatest length.
OTHER_BOUNDS = frozenset(
    {"max_output_tokens", "maxOutputTokens", "maxTokens", "maxCompletionTokens"}
)
ANSWERS = frozenset({"n", "candidate_count", "candidateCount"})
GEMINI_PARTS = frozenset({"generationConfig", "generation_config"})
# Where what `extra_body` holds stands in the body in place of the parameter of that name, as
# recorded of litellm 1.106; Anthropic's and Bedrock's wire have no place for it.
MERGED = frozenset({"openai", "azure", "openrouter", "mistral", "groq", "xai", "deepseek", "zai"})


def longest_output(target: Target) -> int | None:
    """Return the tokens that all answers of *target* have at most, None when nothing bounds them.

    Of several bounds the largest counts: which one a server goes by is for it to say.
    """
    params = wire_names(target.endpoint.params)
    longest = _longest(params, target.kind.route in MERGED, target.facts.max_output_tokens)
    sent = (params, *_parts_of(params.get("extra_body")))
    answers = max((count for part in sent for count in _counts(part, ANSWERS)), default=1)
    return longest * answers if longest else longest


def unbounded(extra_body: Mapping[str, Any]) -> dict[str, Any]:
    """Return *extra_body* without what says how long an answer may get, and how many there are."""
    named = BOUNDS | OTHER_BOUNDS | ANSWERS
    return {
        name: unbounded(value) if name in GEMINI_PARTS and isinstance(value, Mapping) else value
        for name, value in extra_body.items()
        if name not in named
    }


def _longest(params: Mapping[str, Any], merged: bool, usual: int | None) -> int | None:
    """*usual* is what the model writes at most where nothing bounds it."""
    extra = list(_parts_of(params.get("extra_body")))
    own, over = _counts(params, BOUNDS), [n for part in extra for n in _counts(part, BOUNDS)]
    taken_away = any(not is_count(part[name]) for part in extra for name in BOUNDS & part.keys())
    bounds = [] if taken_away else [*own, *(over if merged else ())]
    raised = [*over, *(n for part in (params, *extra) for n in _counts(part, OTHER_BOUNDS))]
    longest = max(bounds, default=usual)
    return longest if longest is None else max(longest, *raised, 0)


def _parts_of(body: object) -> Iterator[Mapping[str, Any]]:
    """Yield *body* and what it holds for Gemini; nothing where there is none."""
    if isinstance(body, Mapping):
        yield body
        for name in GEMINI_PARTS & body.keys():
            yield from _parts_of(body[name])


def _counts(part: Mapping[str, Any], names: frozenset[str]) -> list[int]:
    return [value for name in names if is_count(value := part.get(name))]
