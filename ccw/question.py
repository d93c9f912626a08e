"""What is asked: the patterns of a prompt, its text as sent, the system message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccw.context.patterns import Scan, scan
from ccw.errors import UsageError

if TYPE_CHECKING:
    from ccw.execution import LiteLLMExecutionOptions

REVIEW_SYSTEM = (
    "You are a careful code reviewer. Report real defects first, each with its file and line, "
    "how it fails, and the smallest fix. Say so plainly when you find none."
)
MODES = ("analysis", "review")
ONLY_FILES = "the prompt names files and asks nothing"


def read_prompt(options: LiteLLMExecutionOptions) -> Scan:
    """Return the prompt's patterns and its text as sent; refuse what cannot be answered."""
    if options.mode not in MODES:
        raise UsageError(
            f"mode {options.mode} belongs to tools that edit files; with litellm use "
            f"{' or '.join(MODES)}"
        )
    if not options.prompt.strip():
        raise UsageError("the prompt is empty; say what you want to know")
    return scan(options.prompt)


def system_message(options: LiteLLMExecutionOptions) -> str | None:
    """Return the system message that was asked for, if any."""
    return options.system or (REVIEW_SYSTEM if options.mode == "review" else None)


def only_names_files(found: Scan) -> bool:
    """Whether a prompt has patterns and asks nothing."""
    rest = found.text
    for pattern in found.patterns:
        rest = rest.replace(pattern.token, "")
    return bool(found.patterns) and not rest.strip()
