"""`ccw cache`: look into the context cache, pack into it, read from it, empty it."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import click

from ccw import context_cache
from ccw.cli.app import App, camel, counted, filled, json_option, note, print_json, project_option
from ccw.cli.cache_explain import explain
from ccw.cli.cache_stats import stats
from ccw.cli.cache_warm import warm
from ccw.cli.columns import print_columns
from ccw.cli.completion import complete_endpoint, complete_session
from ccw.cli.fields import confirmed, print_fields
from ccw.cli.file_options import file_options, scope_of
from ccw.cli.left_out import LEFT_OUT, folded
from ccw.cli.streams import output_files
from ccw.cli.terminal import harmless
from ccw.context.cache.results import PackResult, SessionStatus

NOTHING_KEPT = 1
FIGURES = ("entries", "totalBytes", "hits", "misses")
HEADER = ("SESSION", "FILES", "BYTES", "PACKED", "EXPIRES", "PATTERNS")


@click.group()
def cache() -> None:
    """Look into the context cache, and empty it."""


cache.add_command(explain)
cache.add_command(stats)
cache.add_command(warm)


@cache.command()
@click.argument("session_id", required=False, shell_complete=complete_session)
@json_option
@project_option
@click.pass_context
def status(ctx: click.Context, *, session_id: str | None, as_json: bool, project: Path) -> None:
    """Show the totals, or with a SESSION_ID that session."""
    if session_id is not None:
        ctx.invoke(show, session_id=session_id, as_json=as_json, project=project)
        return
    totals = _plain(context_cache.status(project, environ=_environ(ctx)))
    for text in totals["warnings"]:
        note(text)
    unknown = () if totals["usable"] else FIGURES
    print_json(totals) if as_json else print_fields({**totals, **dict.fromkeys(unknown, "unknown")})


@cache.command(name="list")
@json_option
@project_option
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool, project: Path) -> None:
    """List the sessions, the newest first."""
    sessions = context_cache.sessions(project, environ=_environ(ctx), warn=note)
    if as_json:
        print_json({"sessions": [_plain(s) for s in sessions], "count": len(sessions)})
    else:
        print_columns(HEADER, [_row(session) for session in sessions], stacked=True)


@cache.command()
@click.argument("session_id", shell_complete=complete_session)
@json_option
@project_option
@click.pass_context
def show(ctx: click.Context, *, session_id: str, as_json: bool, project: Path) -> None:
    """Show one session: its files, its size, when it expires."""
    found = context_cache.session(project, session_id, environ=_environ(ctx), warn=note)
    print_json(_plain(found)) if as_json else print_fields(_plain(found))


@cache.command()
@click.argument("patterns", nargs=-1, metavar="[PATTERN]...", type=click.Path(readable=False))
@click.option("--text", metavar="TEXT", help="Pack TEXT after the files.")
@click.option(
    "--model",
    metavar="ENDPOINT",
    callback=filled,
    shell_complete=complete_endpoint,
    help="Pack as this endpoint does: its life, bound and file patterns.",
)
@file_options
@json_option
@project_option
@click.pass_context
def pack(
    ctx: click.Context,
    /,
    *,
    patterns: tuple[str, ...],
    text: str | None,
    model: str | None,
    as_json: bool,
    project: Path,
    **options: Any,
) -> None:
    """Pack files, and print the id of the session that keeps them.

    Exit 1 when the cache could not keep them; stderr tells why.
    """
    app: App = ctx.ensure_object(App)
    result = context_cache.pack(
        project,
        patterns,
        text=text,
        scope=scope_of(app, project, options)._replace(outputs=output_files()),
        strategy=_strategy(app, project, model),
        max_size_kb=options["max_size_kb"],
        over=options["over"],
        environ=app.environ,
    )
    print_json(_plain(result)) if as_json else _print_packed(result)
    ctx.exit(0 if result.session_id else NOTHING_KEPT)


@cache.command()
@click.argument("session_id", shell_complete=complete_session)
@click.option("--offset", type=click.IntRange(min=0), default=0, metavar="BYTES")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=context_cache.READ_LIMIT,
    show_default=True,
    metavar="BYTES",
)
@json_option
@project_option
@click.pass_context
def read(
    ctx: click.Context, *, session_id: str, offset: int, limit: int, as_json: bool, project: Path
) -> None:
    """Print the packed text of a session, or a piece of it."""
    piece = context_cache.read(project, session_id, offset, limit, environ=_environ(ctx), warn=note)
    if as_json:
        print_json(_plain(piece))
        return
    on_terminal = sys.stdout.isatty()
    content = harmless(piece.content)[0] if on_terminal else piece.content
    click.echo(content.encode("utf-8"), nl=False)
    if piece.has_more:
        note(
            f"{counted(piece.total_bytes, 'byte')} in all; go on with --offset {piece.next_offset}"
        )


@cache.command()
@click.argument("session_ids", metavar="SESSION_ID...", nargs=-1, required=True)
@project_option
@click.pass_context
def release(ctx: click.Context, *, session_ids: tuple[str, ...], project: Path) -> None:
    """Throw sessions out."""
    for session_id in session_ids:
        if not context_cache.release(project, session_id, environ=_environ(ctx), warn=note):
            raise context_cache.unknown(session_id)
        click.echo(f"released {session_id}")


@cache.command()
@json_option
@project_option
@click.pass_context
def cleanup(ctx: click.Context, *, project: Path, as_json: bool) -> None:
    """Throw out what has expired."""
    gone = context_cache.cleanup(project, environ=_environ(ctx), warn=note)
    print_json({"removed": gone}) if as_json else click.echo(f"removed {_sessions(gone)}")


@cache.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@project_option
@click.pass_context
def clear(ctx: click.Context, *, yes: bool, project: Path) -> None:
    """Throw everything out, of all projects that share the cache folder."""
    folder = context_cache.folder(project, environ=_environ(ctx))
    confirmed(f"Empty the context cache {folder}?", yes=yes)
    gone = context_cache.clear(project, environ=_environ(ctx), warn=note)
    click.echo(f"removed {_sessions(gone)}")


def _environ(ctx: click.Context) -> Any:
    return ctx.ensure_object(App).environ


def _strategy(app: App, project: Path, model: str | None) -> Any:
    if model is None:
        return None
    from ccw.execution.packing import endpoint_of

    return endpoint_of(project, model, app.environ).endpoint.cache_strategy


def _plain(value: Any) -> Any:
    return camel(dataclasses.asdict(value))


def _row(session: SessionStatus) -> tuple[str, ...]:
    times = (session.packed_at[:19] + "Z", session.expires_at[:19] + "Z")
    patterns = " ".join(session.patterns)
    return (session.session_id, str(len(session.files)), str(session.total_bytes), *times, patterns)


def _print_packed(result: PackResult) -> None:
    left_out = (f"{LEFT_OUT}{item.path}: {item.reason}" for item in result.files_skipped)
    for text in folded((*result.notes, *result.warnings, *left_out)):
        note(text)
    state = "already there" if result.hit else "packed"
    size = counted(result.total_bytes, "byte")
    note(f"{state}: {counted(result.files_packed, 'file')}, {size}")
    if result.session_id is not None:
        click.echo(result.session_id)


def _sessions(count: int) -> str:
    return counted(count, "session")
