"""How a call is shown: the answer alone on stdout, all else on stderr."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ccw.cli.app import camel, counted, note, print_json
from ccw.cli.attempts import failed_lines, fallback, key
from ccw.cli.printer import Printer
from ccw.cli.signals import Ended
from ccw.cli.streams import check_stdout
from ccw.cli.trust_question import REFUSED, on_terminal, settled
from ccw.errors import Interrupted
from ccw.execution.options import LiteLLMExecutionOptions, LiteLLMExecutionResult, OnOutput
from ccw.execution.results import NOTHING_SENT, Stopped
from ccw.executor import execute_litellm_endpoint
from ccw.llm.cacheable import CacheInert
from ccw.llm.money import dollars
from ccw.llm.usage import Usage

Made = tuple[LiteLLMExecutionResult, bool]  # whether the line about tokens and money is told


def answer(given: Mapping[str, Any], environ: Mapping[str, str], *, as_json: bool) -> int:
    """Make the call that *given* describes, show what comes of it, return the exit code."""
    check_stdout()
    make = _result if as_json else _printed
    result, closes = make(given, environ)
    if result.error_type == "not_trusted" and on_terminal():
        if settled(Path(given["base_dir"]), environ):
            result, closes = make(given, environ)
        else:
            result = dataclasses.replace(result, error=REFUSED)
    if as_json:
        print_json(camel(dataclasses.asdict(result)))
    else:
        for line in _last_lines(result, closes=closes):
            note(line)
    return result.exit_code


def _printed(given: Mapping[str, Any], environ: Mapping[str, str]) -> Made:
    """Make the call and print its answer as it comes."""
    printer = Printer()
    with printer.waiting():
        return _made(given, environ, printer)


def _result(given: Mapping[str, Any], environ: Mapping[str, str]) -> Made:
    return _made({**given, "stream": given["stream"] is True}, environ)


def _made(
    given: Mapping[str, Any], environ: Mapping[str, str], hear: OnOutput | None = None
) -> Made:
    """Make the call; one that is interrupted has a result as well, with what was known of it."""
    options = LiteLLMExecutionOptions(**given, on_output=hear)
    try:
        result = execute_litellm_endpoint(options, environ=environ)
    except KeyboardInterrupt as error:
        return _interrupted(getattr(error, "stopped", NOTHING_SENT), error)
    return result, result.success


def _interrupted(known: Stopped, error: KeyboardInterrupt) -> Made:
    code = error.exit_code if isinstance(error, Ended) else Interrupted.exit_code
    result = dataclasses.replace(known.result, success=False, exit_code=code)
    if result.error:  # it had failed already
        return result, False
    by = f"ended by {error}" if isinstance(error, Ended) else "interrupted"
    stopped = Interrupted(f"{by} {_when(known)}")
    result = dataclasses.replace(result, error=str(stopped), error_type=stopped.error_type)
    return result, known.begun


def _when(known: Stopped) -> str:
    if known.result.success:
        return "after the answer was complete"
    return f"before {'the answer was complete' if known.begun else 'anything was sent'}"


def _last_lines(result: LiteLLMExecutionResult, *, closes: bool) -> Iterator[str]:
    """Yield what is said after the answer, or in place of it."""
    if closes:
        yield closing_line(result)
    if not result.success:
        yield from failed_lines(result)


def closing_line(result: LiteLLMExecutionResult) -> str:
    """Return model, files, tokens, cost, what the cache saved, and seconds in one line."""
    parts = (
        f"{result.model} ({result.provider}){fallback(result)}",
        key(result),
        _files(result),
        _tokens(result.usage),
        _inert(result.cache_inert),
        money(result.cost),
        _saved(result.saved),
        f"{result.duration_ms / 1000:.1f} s",
    )
    return " · ".join(part for part in parts if part)


def money(cost: float | None) -> str:
    """Return *cost* in USD with what matters of it, or that it is unknown."""
    return "cost unknown" if cost is None else dollars(cost)


def _saved(saved: float | None) -> str:
    if not saved:
        return ""
    return f"saved {money(saved)}" if saved > 0 else f"cache write cost {money(-saved)} extra"


def _inert(inert: CacheInert | None) -> str:
    return f"cache inert: {inert.tokens:,} of {inert.minimum:,} tokens" if inert else ""


def _files(result: LiteLLMExecutionResult) -> str:
    count, out = len(result.cached_files), len(result.skipped_files)
    parts = (
        counted(count, "file") if count else "",
        earlier(len(result.earlier_copies)),
        f"{out:,} left out" if out else "",
        "cache hit" if result.cache_hit else "",
    )
    return ", ".join(part for part in parts if part)


def earlier(count: int) -> str:
    """Return how many superseded copies go along, nothing for none."""
    return f"{count:,} earlier {'copy' if count == 1 else 'copies'}" if count else ""


def _tokens(usage: Usage | None) -> str:
    if usage is None:
        return "tokens unknown"
    cached = f" ({usage.cache_read:,} cached)" if usage.cache_read else ""
    return f"{counted(usage.total_input, 'token')} in{cached}, {usage.output:,} out"
