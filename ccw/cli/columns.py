"""Tables: aligned on a terminal, parted by tabs for a program."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence

import click

from ccw.cli.app import in_line
from ccw.cli.terminal import cells, padded

GAP = "  "


def print_columns(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, stacked: bool = False
) -> None:
    """Print a table in aligned columns; without a terminal the columns are parted by tabs.

    Where a terminal is too narrow, a *stacked* table has a line for each cell of a row.
    """
    lines = [tuple(map(in_line, row)) for row in rows]
    if not sys.stdout.isatty():
        for line in lines:
            click.echo("\t".join(line))
        return
    widths = [max(cells(line[i]) for line in (header, *lines)) for i in range(len(header))]
    room = shutil.get_terminal_size().columns
    if stacked and sum(widths) + len(GAP) * (len(widths) - 1) > room:
        _print_stacked(header, lines)
        return
    for line in (tuple(header), *lines):
        click.echo(GAP.join(map(padded, line, widths)).rstrip())


def _print_stacked(header: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    width = max(map(cells, header))
    for number, line in enumerate(lines):
        if number:
            click.echo()
        for name, cell in zip(header, line, strict=True):
            if cell:
                click.echo(f"{padded(name, width)}{GAP}{cell}")
