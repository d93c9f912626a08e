"""What is asked: the patterns of a prompt, its text as sent, the system message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ccw.config.steering import wire_name
from ccw.context.patterns import Scan, parse_pattern, scan
from ccw.errors import UsageError

if TYPE_CHECKING:
    from ccw.execution.options import LiteLLMExecutionOptions

REVIEW_SYSTEM = (
    "You are a careful code reviewer. Report real defects first, each with its file and line, "
    "how it fails, and the smallest fix. Say so plainly when you find none."
)
MODES = ("analysis", "review")
OVER = ("fail", "drop")
ONLY_FILES = "the prompt names files and asks nothing"


def read_prompt(options: LiteLLMExecutionOptions) -> Scan:
    """Return all patterns and the prompt's text as sent; refuse what cannot be answered."""
    if options.mode not in MODES:
        raise UsageError(
            f"mode {options.mode} belongs to tools that edit files; with litellm use "
            f"{' or '.join(MODES)}"
        )
    if options.over not in OVER:
        raise UsageError(f"over is {' or '.join(OVER)}, not {options.over}")
    if not options.prompt or options.prompt.isspace():
        raise UsageError("the prompt is empty; say what you want to know")
    found = scan(options.prompt)
    for name, text in (("prompt", found.text), ("system message", options.system or "")):
        _check_sendable(name, text)
    if not options.patterns:
        return found
    named = [options.patterns] if isinstance(options.patterns, str) else options.patterns
    given = {p.token: p for p in (*found.patterns, *map(parse_pattern, named))}
    return replace(found, patterns=tuple(given.values()))


def _check_sendable(name: str, text: str) -> None:
    """Refuse halves of characters, which no text that is sent can hold."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        half = f"{text[error.start]!a} at character {error.start}"
        raise UsageError(f"the {name} is no text: {half} is half of one") from None


def system_message(options: LiteLLMExecutionOptions) -> str | None:
    """Return the system message that was asked for, if any."""
    return options.system or (REVIEW_SYSTEM if options.mode == "review" else None)


def only_names_files(found: Scan) -> bool:
    """Whether a prompt is nothing but patterns."""
    rest = found.text
    for pattern in found.patterns:
        rest = rest.replace(pattern.token, "")
    return bool(found.patterns) and not rest.strip()


def merged_params(own: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a call in the wire's names; None in *given* drops one."""
    over = wire_names(given)
    dropped = {name for name, value in over.items() if value is None}
    return {n: v for n, v in {**wire_names(own), **over}.items() if n not in dropped}


def wire_names(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters are written `maxTokens` in the config and go out as `max_tokens`."""
    return {wire_name(name): value for name, value in params.items()}
