"""`ccw trust`: what a project asks of the user, and the answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ccw.cli.app import App, json_option, note, project_option
from ccw.cli.trust_question import confirmed, on_terminal
from ccw.config.places import ccw_home
from ccw.config.trust.record import agree, forget
from ccw.config.trust.showing import described, harmless
from ccw.config.trust.standing import Standing, project_standing
from ccw.config.trust.wishes import Wish

pass_app = click.make_pass_decorator(App, ensure=True)
NOT_AGREED = 3  # the exit code of a configuration that cannot be used


@click.command()
@click.option("--list", "only_list", is_flag=True, help="Show it, agree to nothing.")
@click.option("--yes", is_flag=True, help="Agree without being asked.")
@click.option("--revoke", is_flag=True, help="Take back all that was agreed to.")
@json_option
@project_option
@pass_app
@click.pass_context
def trust(
    ctx: click.Context,
    app: App,
    /,
    *,
    project: Path,
    only_list: bool,
    yes: bool,
    revoke: bool,
    as_json: bool,
) -> None:
    """Show what this project asks for, and agree to it.

    A project's files do not send your keys, run commands or read files beyond the harmless until
    you have agreed. What your own ccw writes into the configuration is agreed to.
    """
    if sum((only_list, yes, revoke)) > 1:
        raise click.UsageError("--list, --yes and --revoke exclude each other")
    home = ccw_home(app.environ)
    if revoke:
        _tell_revoked(forget(home, project), project, as_json=as_json)
        return
    current = project_standing(project, app.environ)
    if not as_json:
        _print(current, project)
    wanted = current.missing
    asks = bool(wanted) and not only_list
    if asks and (yes or (on_terminal() and confirmed(project))):
        agree(home, project, wanted)
        note(f"agreed for {harmless(str(project))}; take it back with: ccw trust --revoke")
        current = project_standing(project, app.environ)
    if as_json:
        _print_json(current, project)
    if asks and current.missing:
        note("nothing was agreed to; in scripts: ccw trust --yes")
        ctx.exit(NOT_AGREED)


def _print(current: Standing, project: Path) -> None:
    if not current.asked:
        click.echo(f"{harmless(str(project))} asks for nothing that needs your agreement")
    for wish in sorted(current.asked):
        click.echo(f"{current.state(wish)}: {described(wish)}")
    for wish in sorted(current.unused):
        click.echo(f"agreed, not asked any more: {described(wish)}")


def _print_json(current: Standing, project: Path) -> None:
    """Print ASCII alone: a terminal must not obey what a project has written."""
    value = {
        "project": str(project),
        "trusted": not current.missing,
        "asks": [{**_plain(w), "state": current.state(w)} for w in sorted(current.asked)],
        "unused": [_plain(wish) for wish in sorted(current.unused)],
    }
    click.echo(json.dumps(value, indent=2))


def _plain(wish: Wish) -> dict[str, Any]:
    return {
        "kind": wish.kind,
        "what": wish.what,
        "where": wish.where,
        "text": described(wish),
    }


def _tell_revoked(gone: frozenset[Wish], project: Path, *, as_json: bool) -> None:
    if as_json:
        value = {"project": str(project), "revoked": [_plain(wish) for wish in sorted(gone)]}
        click.echo(json.dumps(value, indent=2))
        return
    for wish in sorted(gone):
        click.echo(f"revoked: {described(wish)}")
    if not gone:
        click.echo(f"nothing was agreed to for {harmless(str(project))}")
