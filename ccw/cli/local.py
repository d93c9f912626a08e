"""`ccw local`: install, run and remove the embedded model."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from ccw.cli.app import App, json_option, note, print_json
from ccw.cli.fields import confirmed
from ccw.config.places import ccw_home

pass_app = click.make_pass_decorator(App, ensure=True)
ASK = 'ccw cli --model local/smollm2 -p "Say hello"'


@click.group()
def local() -> None:
    """Install and run the embedded model: a small one that needs no key and no network."""


@local.command()
@pass_app
def install(app: App) -> None:
    """Fetch the embedded model, once for all projects."""
    from ccw.llm.local.install import install as fetch
    from ccw.llm.local.model import model_path, require_installed

    home = ccw_home(app.environ)
    with _progress("fetching the embedded model") as on_progress:
        is_new = fetch(home, environ=app.environ, python=sys.executable, on_progress=on_progress)
    require_installed(home)
    click.echo(f"{'installed' if is_new else 'already installed'}: {model_path(home)}")
    note(f"ask it: {ASK}")


@local.command()
@json_option
@pass_app
def status(app: App, *, as_json: bool) -> None:
    """Tell whether the model is installed and its server kept running."""
    from ccw.llm.local.status import status as look

    report = look(ccw_home(app.environ), now=time.time())
    if as_json:
        print_json(report)
        return
    for name, value in report.items():
        click.echo(f"{name}: {_plain(value)}")


@local.command()
@click.option(
    "--idle",
    type=click.FloatRange(min=0, min_open=True),
    default=15.0,
    show_default=True,
    metavar="MINUTES",
    help="End after so many minutes without a request.",
)
@json_option
@pass_app
def start(app: App, *, idle: float, as_json: bool) -> None:
    """Keep a server of the model running, so that the next question meets a warm one."""
    from ccw.llm.local.kept import Order
    from ccw.llm.local.kept import start as launch
    from ccw.llm.local.model import threads_wanted

    order = Order(str(ccw_home(app.environ)), idle, threads_wanted(app.environ))
    kept, is_new = launch(order, python=sys.executable, environ=app.environ)
    if as_json:
        state = {"port": kept.port, "pid": kept.pid, "idleMinutes": kept.idle_minutes}
        print_json({"started": is_new, **state})
        return
    click.echo(f"{'started' if is_new else 'already running'}: port {kept.port}, pid {kept.pid}")
    note(f"it ends after {kept.idle_minutes:g} minutes without a request, or by: ccw local stop")


@local.command()
@json_option
@pass_app
def stop(app: App, *, as_json: bool) -> None:
    """End the kept server."""
    from ccw.llm.local.kept import stop as end

    ended = end(ccw_home(app.environ))
    if as_json:
        print_json({"stopped": ended})
        return
    click.echo("stopped" if ended else "was not running")


@local.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def remove(app: App, *, yes: bool) -> None:
    """End the kept server and delete the model."""
    confirmed("Delete the embedded model?", yes=yes)

    from ccw.llm.local.install import remove as delete
    from ccw.llm.local.kept import stop as end

    home = ccw_home(app.environ)
    end(home)
    click.echo("removed" if delete(home) else "was not installed")


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int], None] | None]:
    """Show megabytes on a terminal's stderr, in one line that goes away at the end."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        yield lambda size: click.echo(f"\r{label}: {size / 1e6:.0f} MB", err=True, nl=False)
    finally:
        click.echo("\r\x1b[K", err=True, nl=False)
