"""The options that every command with patterns has: which files may be packed, and how much."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ccw.cli.app import App, Command, filled
from ccw.context.scope import DEFAULT_MAX_FILE_SIZE, Scope


def file_options(command: Command) -> Command:
    """Add the options; the command receives them under the names of the executor's options."""
    for add in reversed(_OPTIONS):
        command = add(command)
    return command


def scope_of(app: App, project: Path, options: Mapping[str, Any]) -> Scope:
    """Return the scope that the *options* of a command ask for."""
    from ccw.config.places import home_folder

    return Scope(
        project=project,
        cwd=options["cwd"],
        include_dirs=options["include_dirs"],
        home=home_folder(app.environ),
        max_file_size=options["max_file_size"] or DEFAULT_MAX_FILE_SIZE,
        allow_missing=options["allow_missing"],
        allow_secrets=options["allow_secrets"],
    )


def _in_cwd(ctx: click.Context, param: click.Parameter, value: str | None) -> Path:
    return _folder(ctx, param, filled(ctx, param, value) or ".")


def _folders(
    ctx: click.Context, param: click.Parameter, value: tuple[str, ...]
) -> tuple[Path, ...]:
    """Options may be repeated, and each may hold several folders parted by commas."""
    names = [name for group in value for name in group.split(",") if name]
    return tuple(_folder(ctx, param, name) for name in names)


def _folder(ctx: click.Context, param: click.Parameter, name: str) -> Path:
    app: App = ctx.ensure_object(App)
    folder = app.cwd / name
    if not folder.is_dir():
        raise click.BadParameter(f"no such folder: {name}", ctx, param)
    return folder


_OPTIONS = (
    click.option(
        "--cd",
        "cwd",
        metavar="DIR",
        type=click.Path(file_okay=False),
        callback=_in_cwd,
        help="Folder where patterns start.",
    ),
    click.option(
        "--include-dirs",
        "--includeDirs",
        metavar="A,B",
        multiple=True,
        callback=_folders,
        help="Further folders whose files may be read.",
    ),
    click.option(
        "--over",
        type=click.Choice(["fail", "drop"]),
        default="fail",
        show_default=True,
        help="Files over the size bound: fail, or leave out the largest.",
    ),
    click.option(
        "--max-size",
        "max_size_kb",
        metavar="KB",
        type=click.FloatRange(min=0, min_open=True),
        help="Bound of the packed files.",
    ),
    click.option(
        "--max-file-size",
        metavar="BYTES",
        type=click.IntRange(min=1),
        help="Leave out larger files (default: 1 MiB).",
    ),
    click.option("--allow-missing", is_flag=True, help="Go on when a pattern matches nothing."),
    click.option("--allow-secrets", is_flag=True, help="Read secret-bearing files named exactly."),
)
