"""`ccw endpoint`: models under ids of the user's choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ccw.cli.app import App, json_option, note, print_json, project_option, say
from ccw.cli.columns import print_columns
from ccw.cli.completion import complete_endpoint, complete_provider
from ccw.cli.endpoint_options import endpoint_patch, settings
from ccw.cli.fields import confirmed, print_fields, shadows, tell_default, user_option
from ccw.config.edit import find_endpoint
from ccw.config.edit import remove_endpoint as without_endpoint
from ccw.config.layers import load_config, load_layer, target_of
from ccw.config.models import CustomEndpoint
from ccw.config.views import masked
from ccw.errors import UsageError

HEADER = ("ID", "PROVIDER", "MODEL", "PURPOSE", "STATE")
pass_app = click.make_pass_decorator(App, ensure=True)
endpoint_argument = click.argument("endpoint_id", metavar="ID", shell_complete=complete_endpoint)


@click.group()
def endpoint() -> None:
    """Manage endpoints: models of a provider under ids of your choice."""


@endpoint.command("list")
@json_option
@project_option
@pass_app
def list_(app: App, /, *, project: Path, as_json: bool) -> None:
    """List the endpoints."""
    config = load_config(project, app.environ)
    if as_json:
        endpoints = [masked(item) for item in config.endpoints]
        default = {"defaultEndpoint": config.default_endpoint}
        print_json({"endpoints": endpoints, "count": len(endpoints), **default})
        return
    if not config.endpoints:
        note("no endpoints yet; ccw endpoint add --help tells how to add one")
    rows = (_row(item, config.default_endpoint) for item in config.endpoints)
    print_columns(HEADER, rows, stacked=True)


@endpoint.command()
@endpoint_argument
@json_option
@project_option
@pass_app
def show(app: App, /, *, endpoint_id: str, project: Path, as_json: bool) -> None:
    """Show one endpoint."""
    fields = masked(find_endpoint(load_config(project, app.environ), endpoint_id))
    (print_json if as_json else print_fields)(fields)


@endpoint.command()
@click.argument("endpoint_id", metavar="ID", required=False)
@click.option("--id", "id_option", metavar="ID", help="The same as the argument.")
@click.option(
    "--provider",
    "provider_id",
    required=True,
    metavar="ID",
    shell_complete=complete_provider,
    help="Provider that serves the model.",
)
@click.option("--model", required=True, metavar="MODEL", help="As the provider names it.")
@settings
@user_option
@json_option
@project_option
@pass_app
def add(
    app: App,
    /,
    *,
    endpoint_id: str | None,
    id_option: str | None,
    project: Path,
    as_json: bool,
    user: bool,
    **options: Any,
) -> None:
    """Add an endpoint; the first one for chat becomes the default."""
    from ccw.config import manager

    given_id = endpoint_id or id_option
    if not given_id or (endpoint_id and id_option and endpoint_id != id_option):
        raise UsageError("give one id: ccw endpoint add ID --provider ID --model MODEL")
    before = load_config(project, app.environ)
    data = {"id": given_id, **endpoint_patch(**options)}
    added = manager.add_endpoint(project, data, user=user, environ=app.environ)
    shadows(added, target_of(project, app.environ, user=user).other)
    if before.default_endpoint:
        tell_default(before, load_config(project, app.environ))
    _tell_fallbacks(app, project, added, asked=options["fallbacks"])
    if as_json:
        print_json(masked(added))
        return
    click.echo(f"added {added.id}")
    note(f'next: ccw cli --model {added.id} -p "@README.md What is this about?"')


@endpoint.command()
@endpoint_argument
@click.option(
    "--provider",
    "provider_id",
    metavar="ID",
    shell_complete=complete_provider,
    help="Provider that serves the model.",
)
@click.option("--model", metavar="MODEL", help="As the provider names it.")
@settings
@user_option
@json_option
@project_option
@pass_app
def update(
    app: App, /, *, endpoint_id: str, project: Path, as_json: bool, user: bool, **options: Any
) -> None:
    """Change the given settings of an endpoint; an empty value takes one to its default."""
    from ccw.config import manager

    patch = endpoint_patch(**options)
    if not patch:
        raise UsageError("nothing to change; ccw endpoint update --help lists the options")
    changed = manager.update_endpoint(project, endpoint_id, patch, user=user, environ=app.environ)
    _tell_fallbacks(app, project, changed, asked=options["fallbacks"])
    if as_json:
        print_json(masked(changed))
        return
    click.echo(f"updated {changed.id}")


@endpoint.command()
@endpoint_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@user_option
@project_option
@pass_app
def remove(app: App, /, *, endpoint_id: str, project: Path, user: bool, yes: bool) -> None:
    """Remove an endpoint, also from the fallbacks of others."""
    from ccw.config import manager

    target = target_of(project, app.environ, user=user)
    before = load_layer(project, app.environ, user=user)
    after = without_endpoint(before, endpoint_id, target.other)
    users = [e.id for e in before.endpoints if endpoint_id in e.fallbacks]
    also = f" and from the fallbacks of {', '.join(users)}" if users else ""
    was, becomes = (target.effective(c).default_endpoint for c in (before, after))
    default = f" The default endpoint becomes {becomes or 'none'}." if was != becomes else ""
    confirmed(f"Remove endpoint {endpoint_id}{also}?{default}", yes=yes)
    manager.remove_endpoint(project, endpoint_id, user=user, environ=app.environ)
    click.echo(f"removed {endpoint_id}{also}")
    if default:
        note(default.strip())


@endpoint.command()
@click.argument("endpoint_id", metavar="[ID]", required=False, shell_complete=complete_endpoint)
@click.option("--clear", is_flag=True, help="Have no default.")
@user_option
@json_option
@project_option
@pass_app
def default(
    app: App,
    /,
    *,
    endpoint_id: str | None,
    project: Path,
    clear: bool,
    user: bool,
    as_json: bool,
) -> None:
    """Show the default endpoint, or make ID the default."""
    from ccw.config import manager

    if endpoint_id and clear:
        raise UsageError("an ID and --clear exclude each other")
    if endpoint_id or clear:
        manager.set_default_endpoint(project, endpoint_id, user=user, environ=app.environ)
    config = load_layer(project, app.environ, user=True) if user else None
    current = (config or load_config(project, app.environ)).default_endpoint
    if as_json:
        print_json({"defaultEndpoint": current})
    elif current:
        say(current)
    else:
        note("no default endpoint; choose one: ccw endpoint default ID")


def _row(item: CustomEndpoint, default_id: str | None) -> tuple[str, ...]:
    state = "enabled" if item.enabled else "disabled"
    state = "default" if item.id == default_id and item.enabled else state
    return item.id, item.provider_id, item.model, item.purpose, state


def _tell_fallbacks(
    app: App, project: Path, item: CustomEndpoint, *, asked: tuple[str, ...]
) -> None:
    if not asked:
        return
    from ccw.config.advice import endpoint_advice

    for text in endpoint_advice(item, load_config(project, app.environ)):
        note(f"note: {text}")
