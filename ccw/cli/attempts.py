"""How it is told which key and endpoint answered, and why it was not the first choice."""

from __future__ import annotations

from collections.abc import Iterator

from ccw.execution.options import LiteLLMExecutionResult
from ccw.execution.reasons import why


def fallback(result: LiteLLMExecutionResult) -> str:
    """Tell that the answer came from another endpoint than the first, and why."""
    if result.endpoint == result.asked_endpoint:
        return ""
    if not result.attempts or result.attempts[0].endpoint == result.endpoint:
        return f" via {result.endpoint} (fallback)"  # a note tells why the first was passed over
    first = result.attempts[0]
    return f" via {result.endpoint} (fallback: {why(first.provider, first.error_type)})"


def key(result: LiteLLMExecutionResult) -> str:
    """Tell which of several keys was used, and why not those before."""
    if result.key_label is None:
        return ""
    others = [a for a in result.attempts if a.endpoint == result.endpoint and a.key]
    before = dict.fromkeys(
        why(a.key or "", a.error_type) for a in others if a.key != result.key_label
    )
    return f"key {result.key_label}" + (f" ({', '.join(before)})" if before else "")


def failed_lines(result: LiteLLMExecutionResult) -> Iterator[str]:
    """Yield what was tried in vain before the error, and the error; notes have told the rest."""
    tried = dict.fromkeys((a.endpoint, a.key, a.message) for a in result.attempts)
    for endpoint, name, message in tried:
        if message != result.error and not any(message in note for note in result.notes):
            yield f"{endpoint}{f' ({name})' if name else ''}: {message}"
    yield f"ccw: {result.error}"
