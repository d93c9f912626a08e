"""Options that say which files may be packed, shared by the commands that pack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from ccw.cli.app import App
from ccw.context.scope import DEFAULT_MAX_FILE_SIZE, Scope

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--cd", "cd", metavar="DIR", help="Folder where patterns start."),
    click.option(
        "--include-dirs",
        "--includeDirs",
        "include_dirs",
        metavar="A,B",
        multiple=True,
        help="Further folders whose files may be read.",
    ),
    click.option(
        "--max-size",
        metavar="KB",
        type=click.FloatRange(min=0, min_open=True),
        help="Bound of the pack.",
    ),
    click.option(
        "--max-file-size",
        metavar="BYTES",
        type=click.IntRange(min=1),
        default=DEFAULT_MAX_FILE_SIZE,
        show_default=True,
        help="Leave out larger files.",
    ),
    click.option(
        "--over",
        type=click.Choice(["fail", "drop"]),
        default="fail",
        show_default=True,
        help="Files over the bound: fail, or leave out the largest.",
    ),
    click.option("--allow-missing", is_flag=True, help="Go on when a pattern matches nothing."),
    click.option("--allow-secrets", is_flag=True, help="Read secret-bearing files named exactly."),
)


def scope_options(command: Command) -> Command:
    """Add the options; the command receives them by name and hands them to `scope_from`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def scope_from(app: App, project: Path, options: Mapping[str, Any]) -> Scope:
    """Return the scope that the *options* of a command ask for."""
    from ccw.config.places import home_folder

    folders = ",".join(options["include_dirs"]).split(",")
    return Scope(
        project=project,
        cwd=app.cwd / options["cd"] if options["cd"] else app.cwd,
        include_dirs=tuple(app.cwd / folder for folder in folders if folder),
        home=home_folder(app.environ),
        max_file_size=options["max_file_size"],
        allow_missing=options["allow_missing"],
        allow_secrets=options["allow_secrets"],
    )
