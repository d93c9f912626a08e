"""How a call is shown: the answer alone on stdout, all else on stderr."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from ccw.cli.app import camel, escaped, note, print_columns, print_json, say
from ccw.cli.attempts import failed_lines, fallback, key
from ccw.cli.trust_question import REFUSED, on_terminal, settled
from ccw.context.pack.render import quote_path
from ccw.errors import Interrupted
from ccw.execution.options import LiteLLMExecutionOptions, LiteLLMExecutionResult
from ccw.execution.preview import CacheMark, Preview, preview_litellm_endpoint
from ccw.executor import execute_litellm_endpoint
from ccw.llm.cacheable import CacheInert
from ccw.llm.money import dollars
from ccw.llm.tokens import TokenCount
from ccw.llm.usage import Usage


def answer(given: Mapping[str, Any], environ: Mapping[str, str], *, as_json: bool) -> int:
    """Make the call that *given* describes, show what comes of it, return the exit code."""
    make = _result if as_json else _printed
    result = make(given, environ)
    if result.error_type == "not_trusted" and on_terminal():
        if settled(Path(given["base_dir"]), environ):
            result = make(given, environ)
        else:
            result = dataclasses.replace(result, error=REFUSED)
    if as_json:
        print_json(camel(dataclasses.asdict(result)))
    else:
        for line in (closing_line(result),) if result.success else failed_lines(result):
            note(line)
    return result.exit_code


def show_preview(given: Mapping[str, Any], environ: Mapping[str, str], *, as_json: bool) -> None:
    """Show what the call that *given* describes would send."""
    preview = preview_litellm_endpoint(LiteLLMExecutionOptions(**given), environ=environ)
    if as_json:
        print_json(camel(dataclasses.asdict(preview)))
    else:
        _print_preview(preview)


def _printed(given: Mapping[str, Any], environ: Mapping[str, str]) -> LiteLLMExecutionResult:
    """Make the call and print its answer as it comes."""
    printer = Printer()
    options = {**given, "stream": given["stream"] is not False, "on_output": printer}
    with printer.waiting():
        return execute_litellm_endpoint(LiteLLMExecutionOptions(**options), environ=environ)


def _result(given: Mapping[str, Any], environ: Mapping[str, str]) -> LiteLLMExecutionResult:
    """Make the call; one that is interrupted has a result as well, with what had arrived."""
    arrived: list[str] = []

    def hear(event: dict[str, str]) -> None:
        if event["type"] == "stdout":
            arrived.append(event["data"])

    options = {**given, "stream": given["stream"] is True, "on_output": hear}
    try:
        return execute_litellm_endpoint(LiteLLMExecutionOptions(**options), environ=environ)
    except KeyboardInterrupt:
        stopped = Interrupted("interrupted before the answer was complete")
    return LiteLLMExecutionResult(
        success=False,
        output="".join(arrived),
        error=str(stopped),
        error_type=stopped.error_type,
        exit_code=stopped.exit_code,
    )


class Printer:
    """Prints an answer as it comes; while it is awaited, a terminal shows that it is."""

    def __init__(self) -> None:
        self._open_line = False
        self._status: Any = None

    def __call__(self, event: dict[str, str]) -> None:
        """Print one event `{"type": "stdout"|"stderr", "data": text}`."""
        text = event["data"]
        if event["type"] == "stderr":
            self._end_line()
            click.echo(escaped(text), nl=False, err=True)
            return
        self._stop_waiting()
        click.echo(text, nl=False)
        self._open_line = not text.endswith("\n")

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Show a sign of waiting until the first text; end the answer's last line in any case."""
        self._start_waiting()
        try:
            yield
        finally:
            self._stop_waiting()
            self._end_line()

    def _end_line(self) -> None:
        if self._open_line:
            click.echo()
            self._open_line = False

    def _start_waiting(self) -> None:
        if sys.stderr.isatty():
            from rich.console import Console

            self._status = Console(stderr=True).status("waiting for the model")
            self._status.start()

    def _stop_waiting(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


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
    count = len(result.cached_files)
    if not count:
        return ""
    hit = ", cache hit" if result.cache_hit else ""
    return f"{_number_of_files(count)}{hit}"


def _number_of_files(count: int) -> str:
    return f"{count} {'file' if count == 1 else 'files'}"


def _tokens(usage: Usage | None) -> str:
    if usage is None:
        return "tokens unknown"
    cached = f" ({usage.cache_read:,} cached)" if usage.cache_read else ""
    return f"{usage.total_input:,} tokens in{cached}, {usage.output:,} out"


def _print_preview(preview: Preview) -> None:
    rows = [
        (
            quote_path(file.path),
            f"{file.bytes:,}",
            str(TokenCount(file.tokens, preview.tokens_exact)),
        )
        for file in preview.files
    ]
    if rows:
        print_columns(("FILE", "BYTES", "TOKENS"), rows)
    say(_preview_line(preview))
    window = preview.context_window
    if window is not None and preview.tokens > window:
        note(f"over the context window of {window:,} tokens: the call would be refused")
    for text in preview.notes:
        note(text)


def _preview_line(preview: Preview) -> str:
    window = f" of {preview.context_window:,}" if preview.context_window else ""
    parts = (
        f"would ask {preview.endpoint}: {preview.model} ({preview.provider})",
        _number_of_files(len(preview.files)),
        f"{preview.total_bytes:,} bytes",
        f"{TokenCount(preview.tokens, preview.tokens_exact)}{window} tokens",
        f"input {money(preview.input_cost)}",
        ""
        if preview.cost_bound is None
        else f"at most {money(preview.cost_bound)} with input as fresh",
        _marks(preview.cache_marks),
        f"cache key: {preview.prompt_cache_key}" if preview.prompt_cache_key else "",
        "context cache hit" if preview.cache_hit else "",
        f"fallbacks: {', '.join(preview.fallbacks)}" if preview.fallbacks else "",
    )
    return " · ".join(part for part in parts if part)


def _marks(marks: Sequence[CacheMark]) -> str:
    if not marks:
        return "cache marks: none"
    places = ", ".join(f"{mark.offset:,}" for mark in marks)
    return f"cache marks: {marks[0].ttl} at byte {places}"
