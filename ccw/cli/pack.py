"""`ccw pack`: print the files that patterns match as one text, or what they would cost."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ccw.cli.app import App, counted, filled, json_option, json_text, note, project_option
from ccw.cli.completion import complete_endpoint
from ccw.cli.file_options import file_options, scope_of
from ccw.cli.left_out import LEFT_OUT, folded
from ccw.cli.sink import open_sink, put
from ccw.cli.streams import output_files
from ccw.context.pattern import parse_patterns
from ccw.context.request import PackRequest
from ccw.context.streaming import stream_context
from ccw.errors import PatternError, UsageError

if TYPE_CHECKING:
    from ccw.context.files.find import Skipped
    from ccw.execution.packing import PackCost
    from ccw.execution.planning import Target

NO_PATTERN = (
    'name the files to pack, for example: ccw pack "src/**/*.py" README.md '
    "(quoted, so that the shell leaves the pattern alone)"
)
NOTHING_TO_EXPLAIN = (
    "name also the patterns that the file is in or out of, for example: "
    'ccw pack --explain src/app.py "src/**"'
)


def _in_cwd(ctx: click.Context, param: click.Parameter, value: str | None) -> Path | None:
    app: App = ctx.ensure_object(App)
    filled(ctx, param, value)
    return app.cwd / value if value and value != "-" else None


@click.command()
@click.argument("patterns", nargs=-1, metavar="[PATTERN]...", type=click.Path(readable=False))
@click.option(
    "--model",
    metavar="ENDPOINT",
    callback=filled,
    shell_complete=complete_endpoint,
    help="Bound, tokens and price of this endpoint.",
)
@file_options
@click.option("--tree", is_flag=True, help="Show the files with bytes, tokens and price.")
@click.option(
    "--explain",
    metavar="PATH",
    type=click.Path(readable=False),
    help="Tell why PATH is in or out.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(readable=False),
    callback=_in_cwd,
    help="Write to FILE instead of standard output.",
)
@json_option
@project_option
@click.pass_context
def pack(
    ctx: click.Context,
    /,
    *,
    patterns: tuple[str, ...],
    project: Path,
    model: str | None,
    tree: bool,
    explain: str | None,
    output: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Print the files that the PATTERNs match as one text.

    Patterns are globs, files or folders: "src/**/*.py" README.md docs/ "!docs/old/**"
    """
    app: App = ctx.ensure_object(App)
    if not patterns:
        raise UsageError(NO_PATTERN if explain is None else NOTHING_TO_EXPLAIN)
    target = _target(app, project, model)
    request = _request(app, project, patterns, target, options)
    if explain is not None:
        ctx.exit(_print_explanation(explain, request, output, as_json))
    request = _without_outputs(output, request)
    if tree:
        _print_tree(_cost(app, project, request, target), output, as_json)
    else:
        (_print_pack_json if as_json else _print_pack)(request, output)


def _target(app: App, project: Path, model: str | None) -> Target | None:
    if model is None:
        return None
    from ccw.execution.packing import endpoint_of

    return endpoint_of(project, model, app.environ)


def _request(
    app: App,
    project: Path,
    patterns: tuple[str, ...],
    target: Target | None,
    options: dict[str, Any],
) -> PackRequest:
    return PackRequest(
        scope=scope_of(app, project, options),
        patterns=parse_patterns(patterns),
        file_patterns=target.endpoint.cache_strategy.file_patterns if target else (),
        max_bytes=_max_bytes(options["max_size_kb"], options["over"], target),
        over=options["over"],
    )


def _max_bytes(max_size: float | None, over: str, target: Target | None) -> int | None:
    if max_size is not None:
        return int(max_size * 1024)
    if target is not None:
        from ccw.execution.packing import max_bytes_of

        return max_bytes_of(target)
    if over == "drop":
        raise UsageError("--over drop needs a bound: add --max-size KB or --model ENDPOINT")
    return None


def _without_outputs(into: Path | None, request: PackRequest) -> PackRequest:
    if into is None and not output_files():
        return request
    from ccw.cli.written_to import without_outputs

    return without_outputs(into, request)


def _print_explanation(path: str, request: PackRequest, output: Path | None, as_json: bool) -> int:
    """Return the exit code, which tells whether there is such a file."""
    from ccw.context.explain import explain

    _check_output(output, request)
    explanation = explain(path, request.patterns, request.scope)
    put(json_text(asdict(explanation)) if as_json else str(explanation), output)
    return PatternError.exit_code if explanation.is_missing else 0


def _check_output(output: Path | None, request: PackRequest) -> None:
    """Raise UsageError where *output* holds what writing would destroy."""
    if output is not None:
        from ccw.cli.earlier_output import is_earlier_output
        from ccw.context.own_output import excluding_output

        excluding_output(output, request.patterns, request.scope, is_earlier_output)


def _cost(app: App, project: Path, request: PackRequest, target: Target | None) -> PackCost:
    import time

    from ccw.execution.packing import cost_of_call

    return cost_of_call(request, target, project=project, environ=app.environ, now=time.time())


def _print_tree(cost: PackCost, output: Path | None, as_json: bool) -> None:
    from ccw.cli.tree import tree_json, tree_lines

    if as_json:
        put(json_text(tree_json(cost)), output)
        return
    put("\n".join(tree_lines(cost)), output)
    _tell(cost.notes, cost.skipped)


def _print_pack_json(request: PackRequest, output: Path | None) -> None:
    pieces: list[bytes] = []
    summary = stream_context(request, pieces.append)
    shown = {
        "content": b"".join(pieces).decode("utf-8"),
        "files": [{"path": f.path, "bytes": f.bytes} for f in summary.files],
        "skippedFiles": [{"path": s.path, "reason": s.reason} for s in summary.skipped],
        "totalBytes": summary.total_bytes,
        "notes": list(summary.notes),
    }
    put(json_text(shown), output)


def _print_pack(request: PackRequest, output: Path | None) -> None:
    with open_sink(output) as sink:
        summary = stream_context(request, sink.write)
    _tell(summary.notes, summary.skipped)
    out = f", {len(summary.skipped):,} left out" if summary.skipped else ""
    size = counted(summary.total_bytes, "byte")
    note(f"{counted(len(summary.files), 'file')}, {size}{out}")


def _tell(notes: tuple[str, ...], skipped: tuple[Skipped, ...]) -> None:
    from ccw.context.pack.render import quote_path

    left_out = (f"{LEFT_OUT}{quote_path(item.path)}: {item.reason}" for item in skipped)
    for text in folded((*notes, *left_out)):
        note(text)
