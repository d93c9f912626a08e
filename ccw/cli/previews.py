"""How a preview is shown: the files, then what else the call would be in one line."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from ccw.cli.app import camel, counted, note, print_json, say
from ccw.cli.columns import print_columns
from ccw.cli.left_out import folded
from ccw.cli.results import earlier, money
from ccw.context.pack.render import quote_path
from ccw.execution.options import LiteLLMExecutionOptions
from ccw.execution.preview import CacheMark, Preview, preview_litellm_endpoint
from ccw.llm.money import at_most
from ccw.llm.tokens import TokenCount


def show_preview(given: Mapping[str, Any], environ: Mapping[str, str], *, as_json: bool) -> None:
    """Show what the call that *given* describes would send."""
    preview = preview_litellm_endpoint(LiteLLMExecutionOptions(**given), environ=environ)
    if as_json:
        print_json(camel(dataclasses.asdict(preview)))
    else:
        _print_preview(preview)


def _print_preview(preview: Preview) -> None:
    named = [(file, quote_path(file.path)) for file in preview.files]
    named += [(file, f"{quote_path(file.path)} (earlier copy)") for file in preview.earlier_copies]
    rows = [
        (name, f"{file.bytes:,}", str(TokenCount(file.tokens, preview.tokens_exact)))
        for file, name in named
    ]
    if rows:
        print_columns(("FILE", "BYTES", "TOKENS"), rows)
    say(_preview_line(preview))
    window = preview.context_window
    if window is not None and preview.tokens > window:
        note(f"over the context window of {window:,} tokens: the call would be refused")
    for text in folded(preview.notes):
        note(text)


def _preview_line(preview: Preview) -> str:
    window = f" of {preview.context_window:,}" if preview.context_window else ""
    parts = (
        f"would ask {preview.endpoint}: {preview.model} ({preview.provider})",
        _files(preview),
        counted(preview.total_bytes, "byte"),
        f"{TokenCount(preview.tokens, preview.tokens_exact)}{window} tokens",
        f"input {money(preview.input_cost)}",
        ""
        if preview.cost_bound is None
        else f"at most {at_most(preview.cost_bound)} with input as fresh",
        _marks(preview.cache_marks),
        f"cache key: {preview.prompt_cache_key}" if preview.prompt_cache_key else "",
        "context cache hit" if preview.cache_hit else "",
        f"fallbacks: {', '.join(preview.fallbacks)}" if preview.fallbacks else "",
    )
    return " · ".join(part for part in parts if part)


def _files(preview: Preview) -> str:
    parts = (counted(len(preview.files), "file"), earlier(len(preview.earlier_copies)))
    return ", ".join(part for part in parts if part)


def _marks(marks: Sequence[CacheMark]) -> str:
    if not marks:
        return "cache marks: none"
    places = ", ".join(f"{mark.offset:,}" for mark in marks)
    return f"cache marks: {marks[0].ttl} at byte {places}"
