"""`ccw models`: what the configured providers have, with windows and prices."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ccw.cli.app import App, in_line, json_option, note, print_json, project_option
from ccw.cli.columns import print_columns
from ccw.cli.completion import complete_provider

if TYPE_CHECKING:
    from ccw.gateways.models import ModelList
    from ccw.llm.gateway.details import ModelDetails

HEADER = ("PROVIDER", "MODEL", "WINDOW", "INPUT $/M", "OUTPUT $/M", "CACHED $/M", "AGE")
UNKNOWN = "?"
INSTEAD = {
    "cache": "the last list is shown",
    "built-in": "a built-in list is shown",
    "configured": "the models of the configuration are shown",
}
pass_app = click.make_pass_decorator(App, ensure=True)
refresh_option = click.option("--refresh", is_flag=True, help="Ask now, whatever is kept.")


@click.command()
@refresh_option
@click.option(
    "--provider",
    "provider_id",
    metavar="ID",
    shell_complete=complete_provider,
    help="Of this provider alone.",
)
@click.option("--filter", "text", metavar="TEXT", help="Whose id or name holds TEXT.")
@json_option
@project_option
@pass_app
def models(
    app: App,
    /,
    *,
    project: Path,
    refresh: bool,
    provider_id: str | None,
    text: str | None,
    as_json: bool,
) -> None:
    """List the models of the enabled providers, by provider.

    Lists are kept for 5 minutes. A window with ~ is the usual one of the model's family, ? is
    unknown. A model that no list has can be used all the same: --model PROVIDER/MODEL.
    """
    from ccw.gateways.models import all_models, list_models

    with progress("asking for models …"):
        if provider_id is None:
            lists = all_models(project, refresh=refresh, environ=app.environ)
        else:
            lists = (list_models(project, provider_id, refresh=refresh, environ=app.environ),)
    if not lists:
        note("no provider is enabled; ccw init configures one")
    show_lists([_filtered(listed, text) for listed in lists], as_json=as_json)


def show_lists(lists: Sequence[ModelList], *, as_json: bool) -> None:
    """Print *lists*; where none has a model to show, the first that failed ends the command."""
    if as_json:
        from ccw.gateways.shapes import shape_of_list

        shapes = [shape_of_list(listed) for listed in lists]
        count = sum(len(listed.models) for listed in lists)
        print_json({"providers": shapes, "count": count})
    else:
        rows = (_row(listed, model) for listed in lists for model in listed.models)
        print_columns(HEADER, rows, stacked=True)
    tell(lists, as_json=as_json)


def tell(lists: Sequence[ModelList], *, as_json: bool) -> None:
    """Say on stderr what is wrong with *lists*, and end with an error where that is all."""
    failures = [listed.failure for listed in lists if listed.failure is not None]
    if failures and not any(listed.models for listed in lists):
        if as_json:
            click.get_current_context().exit(failures[0].exit_code)
        raise failures[0]
    for listed in lists:
        for said in _notes(listed):
            note(f"{listed.provider}: {said}")


@contextmanager
def progress(text: str) -> Iterator[None]:
    """Show *text* on a terminal while something takes its time; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield
        return
    click.echo(in_line(text), err=True, nl=False)
    try:
        yield
    finally:
        click.echo("\r\033[K", err=True, nl=False)


def _filtered(listed: ModelList, text: str | None) -> ModelList:
    if not text:
        return listed
    wanted = text.lower()
    kept = (m for m in listed.models if wanted in m.id.lower() or wanted in m.name.lower())
    return replace(listed, models=tuple(kept))


def _notes(listed: ModelList) -> Iterator[str]:
    if listed.error:
        shown = f" ({INSTEAD[listed.source]}{_old(listed)})" if listed.source in INSTEAD else ""
        yield f"{listed.error}{shown if listed.models else ''}"
    if listed.skipped:
        yield f"{listed.skipped} entries of its list could not be read"


def _old(listed: ModelList) -> str:
    return f", {_age(listed)} old" if listed.age is not None else ""


def _row(listed: ModelList, model: ModelDetails) -> tuple[str, ...]:
    return (
        listed.provider,
        model.id,
        _window(model),
        _price(model.input_cost_per_million),
        _price(model.output_cost_per_million),
        _price(model.cache_read_cost_per_million),
        _standing(listed),
    )


def _window(model: ModelDetails) -> str:
    if model.context_window is None:
        return UNKNOWN
    return f"{'~' if model.context_window_estimated else ''}{model.context_window}"


def _price(per_million: float | None) -> str:
    return UNKNOWN if per_million is None else f"{per_million:.10g}"


def _standing(listed: ModelList) -> str:
    if listed.age is None:
        return listed.source
    return f"{_age(listed)}{' stale' if listed.stale else ''}"


def _age(listed: ModelList) -> str:
    seconds = listed.age or 0.0
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
