"""`ccw cli`: ask a model about the files that the prompt names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from ccw.cli.app import App, filled, json_option, note, project_option
from ccw.cli.completion import complete_endpoint
from ccw.cli.file_options import file_options
from ccw.cli.further_text import further_text
from ccw.cli.prompts import Typed, read_prompt
from ccw.cli.signals import ending
from ccw.cli.streams import output_files
from ccw.errors import UsageError

TOOLS = ("litellm",)


@click.command()
@click.argument("prompt_arguments", metavar="[PROMPT]", nargs=-1)
@click.option("-p", "--prompt", "prompt_options", metavar="TEXT", multiple=True, help="The prompt.")
@click.option(
    "-f",
    "--file",
    "prompt_files",
    metavar="FILE",
    multiple=True,
    type=click.Path(readable=False),
    help="Read the prompt from FILE.",
)
@click.option("--stdin", "from_stdin", is_flag=True, help="Send standard input as context too.")
@click.option("--tool", default="litellm", show_default=True, help="What answers: litellm.")
@click.option(
    "--model",
    "endpoint_id",
    metavar="ENDPOINT",
    callback=filled,
    shell_complete=complete_endpoint,
    help="Endpoint id, or PROVIDER/MODEL (default: the project's default endpoint).",
)
@click.option(
    "--mode",
    type=click.Choice(["analysis", "write", "auto", "review"]),
    default="analysis",
    show_default=True,
    help="review asks for a reviewer's system message.",
)
@click.option(
    "--cache/--no-cache", "enable_cache", default=None, help="Use the context cache (default: yes)."
)
@click.option("--stream/--no-stream", default=None, help="Print the answer as it comes.")
@click.option("--system", metavar="TEXT", help="System message (none is sent by default).")
@json_option
@click.option("--dry-run", is_flag=True, help="Show what would be sent, call nothing.")
@file_options
@click.option("--timeout", metavar="SECONDS", type=click.FloatRange(min=0, min_open=True))
@click.option("--max-retries", metavar="N", type=click.IntRange(min=0))
@click.option(
    "--fallback",
    "fallbacks",
    metavar="ENDPOINT",
    callback=filled,
    multiple=True,
    shell_complete=complete_endpoint,
    help="Ask this one when the first cannot answer, instead of its own fallbacks (repeatable).",
)
@click.option("--no-fallback", is_flag=True, help="Ask no other endpoint.")
@click.option(
    "--max-cost",
    metavar="AMOUNT",
    type=click.FloatRange(min=0),
    help="Refuse a call that may cost more, in USD.",
)
@project_option
@click.pass_context
def ask(ctx: click.Context, /, *, tool: str, as_json: bool, dry_run: bool, **options: Any) -> None:
    """Ask a model about the files that the prompt names.

    Files are named in the prompt by @patterns: @src/**/*.py @README.md @docs/
    """
    app: App = ctx.ensure_object(App)
    if tool not in TOOLS:
        raise UsageError(f"unknown tool {tool}; this version knows: {', '.join(TOOLS)}")
    given = _given(app, **options)
    if dry_run:
        from ccw.cli.previews import show_preview

        show_preview(given, app.environ, as_json=as_json)
        return
    from ccw.cli.results import answer

    with ending():
        code = answer(given, app.environ, as_json=as_json)
    ctx.exit(code)


def _given(
    app: App,
    *,
    prompt_arguments: tuple[str, ...],
    prompt_options: tuple[str, ...],
    prompt_files: tuple[str, ...],
    from_stdin: bool,
    project: Path,
    fallbacks: tuple[str, ...],
    no_fallback: bool,
    **options: Any,
) -> dict[str, Any]:
    """Return the call as options of the executor; what was typed in vain is told."""
    typed = Typed.of(prompt_files, prompt_options, prompt_arguments)
    text = read_prompt(app.cwd, typed, from_stdin)
    for unused in typed.unused(from_stdin):
        note(unused)
    return {
        "prompt": text,
        "base_dir": project,
        "fallbacks": _fallbacks(fallbacks, none=no_fallback),
        "outputs": output_files(),
        **options,
        **(further_text(partial(_limit, app, project, options)) if from_stdin else {}),
    }


def _limit(app: App, project: Path, options: Mapping[str, Any]) -> int | None:
    from ccw.execution.packing import text_limit

    asked = {name: options[name] for name in ("endpoint_id", "max_size_kb", "enable_cache")}
    return text_limit(project, app.environ, **asked)


def _fallbacks(given: tuple[str, ...], *, none: bool) -> tuple[str, ...] | None:
    """Return the endpoints to fall back to, None for those of the endpoint itself."""
    if given and none:
        raise UsageError("--fallback and --no-fallback exclude each other")
    return given if given or none else None
