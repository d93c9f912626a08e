"""`ccw endpoint`: models under ids of the user's choice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ccw.cli.app import json_option, note, print_columns, print_json, project_option
from ccw.cli.completion import complete_endpoint, complete_provider
from ccw.cli.fields import confirmed, given, json_pairs, print_fields
from ccw.config.edit import find_endpoint
from ccw.config.edit import remove_endpoint as without_endpoint
from ccw.config.models import CustomEndpoint
from ccw.config.store import load
from ccw.config.views import masked
from ccw.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])
HEADER = ("ID", "PROVIDER", "MODEL", "PURPOSE", "STATE")
PURPOSES = ("chat", "embedding", "image", "speech")
endpoint_argument = click.argument("endpoint_id", metavar="ID", shell_complete=complete_endpoint)


_SETTINGS = (
    click.option("--name", metavar="TEXT", help="Name to show (default: the id)."),
    click.option("--description", metavar="TEXT", help="What it is for."),
    click.option("--purpose", type=click.Choice(PURPOSES), help="Default: chat."),
    click.option("--ttl", type=float, metavar="MINUTES", help="Life of a packed context."),
    click.option("--max-size", type=float, metavar="KB", help="Bound of a packed context."),
    click.option(
        "--pattern",
        "patterns",
        multiple=True,
        metavar="GLOB",
        help="Files that go into the cached prefix (repeatable; empty: all).",
    ),
    click.option(
        "--layout",
        type=click.Choice(["stable", "path", "overlay"]),
        help="Order of the files: changed ones last, by path, or appended as replacements.",
    ),
    click.option("--cache/--no-cache", default=None, help="Use the context cache or not."),
    click.option(
        "--provider-cache",
        type=click.Choice(["5m", "1h", "off"]),
        help="Life of the prefix in the provider's cache, where that can be said.",
    ),
    click.option(
        "--param",
        "params",
        multiple=True,
        metavar="NAME=VALUE",
        help="Passed to the call; VALUE as JSON or text, NAME= drops (repeatable).",
    ),
    click.option("--enable/--disable", "enabled", default=None, help="Use it or not."),
)


def settings(command: Command) -> Command:
    """Add the options that both `add` and `update` take."""
    for option in reversed(_SETTINGS):
        command = option(command)
    return command


@click.group()
def endpoint() -> None:
    """Manage endpoints: models of a provider under ids of your choice."""


@endpoint.command("list")
@json_option
@project_option
def list_(*, project: Path, as_json: bool) -> None:
    """List the endpoints."""
    config = load(project)
    if as_json:
        endpoints = [masked(item) for item in config.endpoints]
        default = {"defaultEndpoint": config.default_endpoint}
        print_json({"endpoints": endpoints, "count": len(endpoints), **default})
        return
    if not config.endpoints:
        note("no endpoints yet; ccw endpoint add --help tells how to add one")
    print_columns(HEADER, (_row(item, config.default_endpoint) for item in config.endpoints))


@endpoint.command()
@endpoint_argument
@json_option
@project_option
def show(*, endpoint_id: str, project: Path, as_json: bool) -> None:
    """Show one endpoint."""
    fields = masked(find_endpoint(load(project), endpoint_id))
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
@json_option
@project_option
def add(
    *, endpoint_id: str | None, id_option: str | None, project: Path, as_json: bool, **options: Any
) -> None:
    """Add an endpoint; the first one for chat becomes the default."""
    from ccw.config import manager

    given_id = endpoint_id or id_option
    if not given_id or (endpoint_id and id_option and endpoint_id != id_option):
        raise UsageError("give one id: ccw endpoint add ID --provider ID --model MODEL")
    added = manager.add_endpoint(project, {"id": given_id, **_patch(**options)})
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
@json_option
@project_option
def update(*, endpoint_id: str, project: Path, as_json: bool, **options: Any) -> None:
    """Change the given settings of an endpoint; an empty value takes one to its default."""
    from ccw.config import manager

    patch = _patch(**options)
    if not patch:
        raise UsageError("nothing to change; ccw endpoint update --help lists the options")
    changed = manager.update_endpoint(project, endpoint_id, patch)
    if as_json:
        print_json(masked(changed))
        return
    click.echo(f"updated {changed.id}")


@endpoint.command()
@endpoint_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@project_option
def remove(*, endpoint_id: str, project: Path, yes: bool) -> None:
    """Remove an endpoint, also from the fallbacks of others."""
    from ccw.config import manager

    before = load(project)
    after = without_endpoint(before, endpoint_id)
    users = [e.id for e in before.endpoints if endpoint_id in e.fallbacks]
    also = f" and from the fallbacks of {', '.join(users)}" if users else ""
    moves = before.default_endpoint != after.default_endpoint
    default = f" The default endpoint becomes {after.default_endpoint or 'none'}." if moves else ""
    confirmed(f"Remove endpoint {endpoint_id}{also}?{default}", yes=yes)
    manager.remove_endpoint(project, endpoint_id)
    click.echo(f"removed {endpoint_id}{also}")
    if default:
        note(default.strip())


@endpoint.command()
@click.argument("endpoint_id", metavar="[ID]", required=False, shell_complete=complete_endpoint)
@click.option("--clear", is_flag=True, help="Have no default.")
@json_option
@project_option
def default(*, endpoint_id: str | None, project: Path, clear: bool, as_json: bool) -> None:
    """Show the default endpoint, or make ID the default."""
    from ccw.config import manager

    if endpoint_id and clear:
        raise UsageError("an ID and --clear exclude each other")
    if endpoint_id or clear:
        manager.set_default_endpoint(project, endpoint_id)
    current = load(project).default_endpoint
    if as_json:
        print_json({"defaultEndpoint": current})
    elif current:
        click.echo(current)
    else:
        note("no default endpoint; choose one: ccw endpoint default ID")


def _row(item: CustomEndpoint, default_id: str | None) -> tuple[str, ...]:
    state = "enabled" if item.enabled else "disabled"
    state = "default" if item.id == default_id and item.enabled else state
    return item.id, item.provider_id, item.model, item.purpose, state


def _patch(
    *,
    ttl: float | None,
    max_size: float | None,
    patterns: tuple[str, ...],
    layout: str | None,
    cache: bool | None,
    provider_cache: str | None,
    params: tuple[str, ...],
    **options: Any,
) -> dict[str, Any]:
    """Return the options as a merge patch in snake_case."""
    strategy = given(
        {
            "ttl_minutes": ttl,
            "max_size_kb": max_size,
            "layout": layout,
            "enabled": cache,
            "provider_cache": provider_cache,
        }
    )
    if patterns:
        strategy["file_patterns"] = [pattern for pattern in patterns if pattern]
    patch = given(options)
    if strategy:
        patch["cache_strategy"] = strategy
    if params:
        patch["params"] = json_pairs(params, "--param")
    return patch
