"""`ccw cache explain`: why the last call hit or missed the caches."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ccw.cli.app import camel, json_option, note, print_json, project_option, say
from ccw.cli.completion import complete_session

if TYPE_CHECKING:
    from ccw.explaining import Verdict
    from ccw.history.traces import Changes

STATES = {True: "hit", False: "miss", None: "unknown"}


@click.command()
@click.argument("session_id", required=False, shell_complete=complete_session)
@json_option
@project_option
def explain(*, session_id: str | None, as_json: bool, project: Path) -> None:
    """Tell why the last call about files hit or missed, here and at the provider.

    With a SESSION_ID, the last call that sent that session.
    """
    from ccw.explaining import explain as look
    from ccw.explaining import failed

    found = look(project, session_id)
    if as_json:
        print_json(camel(dataclasses.asdict(found)))
        return
    say(f"{found.endpoint}: {found.model} · {found.time} · {found.session or 'no session'}")
    say(_line("context cache", found.local))
    _print_changes(found.changes)
    say(_line("provider's cache", found.provider))
    if found.seconds_since is not None:
        click.echo(f"  sent before: {found.seconds_since:,.0f} s earlier")
    if found.failed_since is not None:
        note(f"note: {failed(found.failed_since)}")


def _line(cache: str, verdict: Verdict) -> str:
    return f"{cache}: {STATES[verdict.hit]}: {verdict.message}"


def _print_changes(changes: Changes) -> None:
    lists = {"changed": changes.changed, "added": changes.added, "removed": changes.removed}
    for name, paths in lists.items():
        for path in paths:
            say(f"  {name}: {path}")
    more = changes.count - sum(map(len, lists.values()))
    if more:
        click.echo(f"  and {more:,} more")
