"""`ccw cache warm`: have the provider cache files before they are asked about."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ccw.cli.app import App, camel, filled, json_option, note, project_option, say
from ccw.cli.completion import complete_endpoint
from ccw.cli.file_options import file_options
from ccw.cli.left_out import folded
from ccw.cli.signals import ending
from ccw.cli.streams import output_files

if TYPE_CHECKING:
    from ccw.execution.options import LiteLLMExecutionResult
    from ccw.warming import Warming

UNITS = {"s": 1, "m": 60, "h": 3600}
LONGEST = 24 * 3600
NOTHING_STORED = 1  # the exit code when the provider kept nothing of what was sent
SHOWN = 3  # moments told one by one


def _seconds(ctx: click.Context, param: click.Parameter, value: str | None) -> float:
    if value is None:
        return 0.0
    if not re.fullmatch(r"(\d+h)?(\d+m)?(\d+s)?", value) or not value:
        raise click.BadParameter(f"{value!r} is no time such as 30m, 2h or 1h30m", ctx, param)
    seconds = sum(int(n) * UNITS[unit] for n, unit in re.findall(r"(\d+)([hms])", value))
    if not 0 < seconds <= LONGEST:
        raise click.BadParameter("at least 1s and at most 24h", ctx, param)
    return float(seconds)


@click.command()
@click.argument("patterns", nargs=-1, required=True, metavar="PATTERN...")
@click.option(
    "--model",
    "endpoint_id",
    metavar="ENDPOINT",
    callback=filled,
    shell_complete=complete_endpoint,
    help="Endpoint id, or PROVIDER/MODEL (default: the project's default endpoint).",
)
@click.option(
    "--for",
    "duration",
    metavar="TIME",
    callback=_seconds,
    help="Keep it warm for this time, such as 1h; Ctrl-C ends it.",
)
@click.option(
    "--max-cost",
    metavar="AMOUNT",
    type=click.FloatRange(min=0),
    help="Refuse what may cost more in all, in USD.",
)
@click.option("--system", metavar="TEXT", help="System message, as the calls to come have it.")
@click.option(
    "--mode",
    type=click.Choice(["analysis", "review"]),
    default="analysis",
    show_default=True,
    help="As the calls to come have it.",
)
@file_options
@json_option
@project_option
@click.pass_context
def warm(
    ctx: click.Context,
    /,
    *,
    patterns: tuple[str, ...],
    endpoint_id: str | None,
    duration: float,
    project: Path,
    as_json: bool,
    **options: Any,
) -> None:
    """Send files to the provider once, so that it has them cached when they are asked about.

    The patterns are those of the prompts to come, in the same order. What it costs is told first.
    With --json each sending is one line.
    """
    from ccw.execution.options import LiteLLMExecutionOptions
    from ccw.warming import plan_warming

    app: App = ctx.ensure_object(App)
    options["outputs"] = output_files()
    asked = LiteLLMExecutionOptions("", endpoint_id, project, patterns=patterns, **options)
    warming = plan_warming(asked, environ=app.environ)
    for text in folded(warming.notes):
        note(text)
    _announce(warming, duration)
    with ending():
        code = _send(warming, duration, app.environ, as_json=as_json)
    ctx.exit(code)


def _send(warming: Warming, duration: float, environ: Mapping[str, str], *, as_json: bool) -> int:
    """Send the files as often as they have to be, tell of each time, return the exit code."""
    from ccw.warming import warm as sendings

    for result in sendings(warming, duration, environ=environ):
        _print_line(result, warming) if as_json else _tell(result, warming)
        if not result.success:
            return result.exit_code
        if warming.kept(result.usage) is False:
            return NOTHING_STORED
    return 0


def _announce(warming: Warming, duration: float) -> None:
    from ccw.cli.results import money
    from ccw.llm.money import at_most

    what = f"{warming.files} {'file' if warming.files == 1 else 'files'}, {warming.tokens} tokens"
    who = f"{warming.endpoint}: {warming.model} ({warming.provider})"
    bound = "cost unknown" if warming.bound is None else f"at most {at_most(warming.bound)}"
    note(f"warming {who} · {what} · {bound}")
    if not duration:
        return
    moments = warming.moments(duration)
    if not moments:
        note(f"lives for {_span(warming.lifetime)}; nothing has to be sent again")
        return
    again = "cost unknown" if warming.again is None else f"about {money(warming.again)}"
    times = "once" if len(moments) == 1 else f"{len(moments)} times"
    note(f"sent again {times}, {again} each while no file changes: {_clock_times(moments)}")


def _print_line(result: LiteLLMExecutionResult, warming: Warming) -> None:
    """Print what came of one sending as one line of JSON, at once: the next may be an hour off."""
    kept = warming.kept(result.usage) if result.success else False
    until = None if kept is False else f"{_end(warming):%Y-%m-%dT%H:%M:%SZ}"
    fields = camel(dataclasses.asdict(result))
    say(json.dumps({**fields, "kept": kept, "warmUntil": until}, ensure_ascii=False))


def _end(warming: Warming) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=warming.lifetime)


def _tell(result: LiteLLMExecutionResult, warming: Warming) -> None:
    from ccw.cli.results import closing_line

    if not result.success:
        note(f"ccw: {result.error}")
        return
    kept = warming.kept(result.usage)
    if kept is False:
        say(closing_line(result))
        note(
            f"ccw: the provider stored nothing: its usage tells neither of a cache read nor of a "
            f"write; see whether {warming.model} caches prompts, or name more files"
        )
        return
    doubt = "" if kept else " if it keeps prefixes"
    say(f"{closing_line(result)} · warm until {_end(warming):%H:%M:%S} UTC{doubt}")


def _clock_times(moments: tuple[float, ...]) -> str:
    now = datetime.now(UTC)
    times = [f"{now + timedelta(seconds=moment):%H:%M:%S}" for moment in moments]
    shown = times if len(times) <= SHOWN + 1 else [*times[:SHOWN], "…", times[-1]]
    return f"{', '.join(shown)} UTC"


def _span(seconds: float) -> str:
    minutes = seconds / 60
    return f"{minutes / 60:g} h" if minutes >= 60 else f"{minutes:g} min"
