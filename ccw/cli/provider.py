"""`ccw provider`: where models are served and with which key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from ccw.cli.app import (
    App,
    json_option,
    note,
    print_json,
    project_option,
)
from ccw.cli.columns import print_columns
from ccw.cli.completion import complete_provider
from ccw.cli.fields import confirmed, print_fields, shadows, tell_default, user_option
from ccw.cli.provider_options import (
    KEY_OPTIONS,
    checked_type,
    key_settings,
    keys_patch,
    provider_patch,
    settings,
    type_option,
)
from ccw.cli.provider_probe import models, test
from ccw.cli.set_key import set_key
from ccw.config.advice import literal_advice, provider_advice
from ccw.config.edit import find_provider
from ccw.config.edit import remove_provider as without_provider
from ccw.config.layers import load_config, load_layer, target_of
from ccw.config.models import LiteLLMApiConfig, ProviderCredential, by_id
from ccw.config.references import project_environ
from ccw.config.selection import with_implicit
from ccw.config.state import read_state, with_state
from ccw.config.views import masked
from ccw.errors import UsageError

HEADER = ("ID", "NAME", "TYPE", "KEY", "BASE", "STATE")
HEADER_FIELDS = ("id", "name", "type", "apiKey", "apiBase")
pass_app = click.make_pass_decorator(App, ensure=True)
provider_argument = click.argument("provider_id", metavar="ID", shell_complete=complete_provider)


@click.group()
def provider() -> None:
    """Manage providers: where models are served and with which key."""


provider.add_command(models)
provider.add_command(set_key)
provider.add_command(test)


@provider.command("list")
@json_option
@project_option
@pass_app
def list_(app: App, /, *, project: Path, as_json: bool) -> None:
    """List the providers; the one that LITELLM_ENABLED makes included."""
    providers = _shown(_config(app, project).providers, project)
    if as_json:
        print_json({"providers": providers, "count": len(providers)})
        return
    if not providers:
        note("no providers yet; ccw provider add --help tells how to add one")
    print_columns(HEADER, (_row(item) for item in providers), stacked=True)


@provider.command()
@provider_argument
@json_option
@project_option
@pass_app
def show(app: App, /, *, provider_id: str, project: Path, as_json: bool) -> None:
    """Show one provider; a key as written, or masked when it is no reference."""
    [fields] = _shown([find_provider(_config(app, project), provider_id)], project)
    (print_json if as_json else print_fields)(fields)


@provider.command()
@type_option(required=True)
@click.option("--id", "id", metavar="ID", help="Id (default: TYPE-<milliseconds>).")
@settings
@user_option
@json_option
@project_option
@pass_app
def add(app: App, /, *, project: Path, as_json: bool, user: bool, **options: Any) -> None:
    """Add a provider."""
    from ccw.config import manager

    patch = provider_patch(**checked_type(options))
    environ = project_environ(project, app.environ)  # first: a broken .env is told before a save
    added = manager.add_provider(project, patch, user=user, environ=app.environ)
    _hints(added, environ, typed=options["api_key"], user=user)
    shadows(added, target_of(project, app.environ, user=user).other)
    if as_json:
        print_json(masked(added))
        return
    click.echo(f"added {added.id}")
    note(f"next: ccw endpoint add ID --provider {added.id} --model MODEL")


@provider.command()
@provider_argument
@type_option(required=False)
@settings
@key_settings
@user_option
@json_option
@project_option
@pass_app
def update(
    app: App, /, *, provider_id: str, project: Path, as_json: bool, user: bool, **options: Any
) -> None:
    """Change the given settings of a provider; an empty value takes one to its default."""
    from ccw.config import manager

    keys = {name: options.pop(name) for name in KEY_OPTIONS}
    patch = keys_patch(provider_patch(**checked_type(options)), **keys)
    if not patch:
        raise UsageError("nothing to change; ccw provider update --help lists the options")
    environ = project_environ(project, app.environ)
    changed = manager.update_provider(
        project, provider_id, patch, user=user, environ=app.environ, warn=note
    )
    _hints(changed, environ, typed=options["api_key"], user=user)
    if as_json:
        print_json(masked(changed))
        return
    click.echo(f"updated {changed.id}")


@provider.command()
@provider_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@user_option
@project_option
@pass_app
def remove(app: App, /, *, provider_id: str, project: Path, user: bool, yes: bool) -> None:
    """Remove a provider and its endpoints."""
    from ccw.config import manager

    target = target_of(project, app.environ, user=user)
    before = load_layer(project, app.environ, user=user)
    after, gone = without_provider(before, provider_id, target.other)
    confirmed(f"Remove provider {provider_id}{_also(gone)}?", yes=yes)
    gone = manager.remove_provider(project, provider_id, user=user, environ=app.environ, warn=note)
    click.echo(f"removed {provider_id}{_also(gone)}")
    tell_default(target.effective(before), target.effective(after))
    _tell_orphans(target.effective(after), provider_id)


def _config(app: App, project: Path) -> LiteLLMApiConfig:
    return with_implicit(load_config(project, app.environ), project_environ(project, app.environ))


def _shown(items: Iterable[ProviderCredential], project: Path) -> list[dict[str, Any]]:
    """Return *items* masked, each with what its last test has shown."""
    seen = read_state(project).providers
    return [with_state(masked(item), seen.get(item.id)) for item in items]


def _row(fields: dict[str, Any]) -> tuple[str, ...]:
    state = "enabled" if fields["enabled"] else "disabled"
    shown = {**fields, "apiKey": _keys(fields)}
    return (*(shown[name] or "-" for name in HEADER_FIELDS), state)


def _keys(fields: dict[str, Any]) -> str:
    """Return the key, or how many a pool has that may be used."""
    if not fields["apiKeys"]:
        return str(fields["apiKey"])
    usable = sum(entry["enabled"] for entry in fields["apiKeys"]) + bool(fields["apiKey"])
    return f"{usable} key" if usable == 1 else f"{usable} keys"


def _tell_orphans(config: LiteLLMApiConfig, provider_id: str) -> None:
    """Tell which endpoints, those of the other file, are left without their provider."""
    if by_id(config.providers, provider_id):
        return
    for item in config.endpoints:
        if item.provider_id == provider_id:
            note(f"note: endpoint {item.id} has lost its provider; give it another, or remove it")


def _also(gone: tuple[str, ...]) -> str:
    return f" and its endpoints {', '.join(gone)}" if gone else ""


def _hints(
    item: ProviderCredential, environ: Mapping[str, str], *, typed: str | None, user: bool
) -> None:
    for text in provider_advice(item, environ, user=user):
        note(f"note: {text}")
    for text in literal_advice(item, environ, user=user) if typed else ():
        note(f"warning: {text}")
