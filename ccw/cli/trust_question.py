"""The question on a terminal when a command lacks trust; what was asked for then goes on."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ccw.cli.app import note
from ccw.errors import ConfigError

if TYPE_CHECKING:
    from ccw.config.trust.wishes import Wish

REFUSED = "you did not agree; nothing was sent or run"


def on_terminal() -> bool:
    """Tell whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirmed(project: Path) -> bool:
    """Ask whether *project* may have what was just shown; the answer is remembered by nobody."""
    from ccw.config.trust.showing import harmless

    return click.confirm(f"Do you trust {harmless(str(project))} with that?", err=True)


def require_for_all(wishes: frozenset[Wish], *, yes: bool) -> None:
    """Show what a file would ask for in every project; go on with *yes* or a yes at the question.

    ConfigError otherwise: nothing is remembered, what follows puts it into the user's own file.
    """
    from ccw.config.trust.showing import listed

    if not wishes or yes:
        return
    note(f"this file, in every project of yours, would:{listed(wishes)}")
    if not on_terminal():
        raise ConfigError("nothing was imported; if you trust the file with that, add --yes")
    if not click.confirm("Do you trust the file with that?", err=True):
        raise ConfigError("nothing was imported")


def settled(
    project: Path, environ: Mapping[str, str], wishes: frozenset[Wish] = frozenset()
) -> bool:
    """Show *wishes* and all else that *project* asks for, ask, and remember a yes."""
    from ccw.config.places import ccw_home
    from ccw.config.trust.record import agree
    from ccw.config.trust.showing import listed
    from ccw.config.trust.standing import project_standing

    wanted = wishes | project_standing(project, environ).missing
    note(f"ccw: this project asks for what you have not agreed to:{listed(wanted)}")
    if not confirmed(project):
        return False
    agree(ccw_home(environ), project, wanted)
    return True
