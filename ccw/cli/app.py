"""What every command shares: the environment it runs in, the `--project` option, plain output."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click

from ccw.cli.terminal import shown_code
from ccw.config.places import find_project
from ccw.errors import UsageError

# what a terminal obeys or shows nothing of: controls, marks of direction, halves of characters;
# compiled when it is first needed, as most commands print plain text alone
_UNSAFE = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff]"
)
_LINE_ENDS = re.compile(r"[\n\t]")
Command = TypeVar("Command", bound=Callable[..., Any])
Value = TypeVar("Value")


def working_directory() -> Path:
    """Return the working directory; UsageError where somebody has deleted it."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise UsageError("the working directory was deleted; cd to a folder that exists") from None


@dataclass(frozen=True, slots=True)
class App:
    """The edge of the process, passed down as plain values so that nothing below reads it."""

    environ: Mapping[str, str] = field(repr=False, default_factory=lambda: dict(os.environ))
    cwd: Path = field(default_factory=working_directory)

    def project(self, explicit: str | None = None) -> Path:
        """Return the project folder: *explicit*, `CCW_PROJECT`, the nearest one, or the cwd."""
        return find_project(self.cwd, self.environ, explicit)


def filled(_ctx: click.Context, _param: click.Parameter, value: Value) -> Value:
    """Refuse an empty value of an option, as an unset variable of the shell makes it."""
    if value == "" or (isinstance(value, tuple) and "" in value):
        raise click.BadParameter("it is empty; give it a value, or leave the option out")
    return value


def project_option(command: Command) -> Command:
    """Add `--project DIR`; the command receives `project`, the resolved folder."""

    def resolve(ctx: click.Context, param: click.Parameter, value: str | None) -> Path:
        app: App = ctx.ensure_object(App)
        return app.project(filled(ctx, param, value))

    return click.option(
        "--project",
        metavar="DIR",
        type=click.Path(file_okay=False),
        callback=resolve,
        help="Project folder (default: the nearest one that holds .ccw/storage).",
    )(command)


def json_option(command: Command) -> Command:
    """Add `--json` as the parameter `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def print_json(value: object) -> None:
    """Print *value* as indented JSON, non-ASCII as it is; bytes that are not UTF-8 as `\\udcXX`."""
    say(json_text(value))


def json_text(value: object) -> str:
    """Return *value* as indented JSON, non-ASCII as it is."""
    import json

    return json.dumps(value, indent=2, ensure_ascii=False)


def camel(value: Any) -> Any:
    """Return *value* with the keys of all dicts in camelCase."""
    if isinstance(value, dict):
        return {_camel_name(key): camel(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [camel(item) for item in value]
    return value


def counted(number: int, noun: str) -> str:
    """Return `1 file`, `2,000 files`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def note(message: str) -> None:
    """Tell something on stderr; stdout carries results alone."""
    with suppress(OSError):  # a reader that is gone; the result is what counts
        click.echo(escaped(message), err=True)


def say(text: str) -> None:
    """Print a line on stdout that may hold what a project, a gateway or a file name says."""
    click.echo(escaped(text))


def escaped(text: str) -> str:
    """Return *text* with control characters and bytes that are not UTF-8 as `\\u001b` and the like.

    Line ends stay; within JSON it means the same as before.
    """
    if text.isascii() and text.isprintable():
        return text
    return re.sub(_UNSAFE, shown_code, text)


def in_line(text: str) -> str:
    """Return *text* fit for one line or cell: `escaped`, line ends and tabs too."""
    return _LINE_ENDS.sub(shown_code, escaped(text))


def _camel_name(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)
