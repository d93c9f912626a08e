"""`ccw provider`: where models are served and with which key."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from ccw.cli.app import (
    App,
    json_option,
    note,
    print_columns,
    print_json,
    project_option,
)
from ccw.cli.completion import complete_provider, complete_type
from ccw.cli.fields import confirmed, given, pairs, print_fields, reference
from ccw.cli.set_key import set_key
from ccw.config.edit import find_provider
from ccw.config.edit import remove_provider as without_provider
from ccw.config.models import LiteLLMApiConfig, ProviderCredential
from ccw.config.references import equal_variable, project_environ, references, unset_variables
from ccw.config.selection import with_implicit
from ccw.config.store import load
from ccw.config.views import masked
from ccw.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])
HEADER = ("ID", "NAME", "TYPE", "KEY", "BASE", "STATE")
pass_app = click.make_pass_decorator(App, ensure=True)
provider_argument = click.argument("provider_id", metavar="ID", shell_complete=complete_provider)


@click.group()
def provider() -> None:
    """Manage providers: where models are served and with which key."""


provider.add_command(set_key)


@provider.command("list")
@json_option
@project_option
@pass_app
def list_(app: App, /, *, project: Path, as_json: bool) -> None:
    """List the providers; the one that LITELLM_ENABLED makes included."""
    providers = [masked(item) for item in _config(app, project).providers]
    if as_json:
        print_json({"providers": providers, "count": len(providers)})
        return
    if not providers:
        note("no providers yet; ccw provider add --help tells how to add one")
    print_columns(HEADER, (_row(item) for item in providers))


@provider.command()
@provider_argument
@json_option
@project_option
@pass_app
def show(app: App, /, *, provider_id: str, project: Path, as_json: bool) -> None:
    """Show one provider; a key as written, or masked when it is no reference."""
    fields = masked(find_provider(_config(app, project), provider_id))
    (print_json if as_json else print_fields)(fields)


@provider.command()
@click.option(
    "--type",
    "type",
    required=True,
    metavar="TYPE",
    shell_complete=complete_type,
    help="openai, anthropic, google, azure, mistral, deepseek, openrouter, groq, xai, zai, "
    "bedrock, ollama, litellm, custom, local, or any provider of litellm.",
)
@click.option("--id", "id", metavar="ID", help="Id (default: TYPE-<milliseconds>).")
@settings
@json_option
@project_option
@pass_app
def add(app: App, /, *, project: Path, as_json: bool, **options: Any) -> None:
    """Add a provider."""
    from ccw.config import manager

    environ = project_environ(project, app.environ)  # first: a broken .env is told before a save
    added = manager.add_provider(project, _patch(**options))
    _hints(added, environ, typed=options["api_key"])
    if as_json:
        print_json(masked(added))
        return
    click.echo(f"added {added.id}")
    note(f"next: ccw endpoint add ID --provider {added.id} --model MODEL")


@provider.command()
@provider_argument
@click.option("--type", "type", metavar="TYPE", shell_complete=complete_type, help="New type.")
@settings
@json_option
@project_option
@pass_app
def update(app: App, /, *, provider_id: str, project: Path, as_json: bool, **options: Any) -> None:
    """Change the given settings of a provider; an empty value takes one to its default."""
    from ccw.config import manager

    patch = _patch(**options)
    if not patch:
        raise UsageError("nothing to change; ccw provider update --help lists the options")
    environ = project_environ(project, app.environ)
    changed = manager.update_provider(project, provider_id, patch)
    _hints(changed, environ, typed=options["api_key"])
    if as_json:
        print_json(masked(changed))
        return
    click.echo(f"updated {changed.id}")


@provider.command()
@provider_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@project_option
def remove(*, provider_id: str, project: Path, yes: bool) -> None:
    """Remove a provider and its endpoints."""
    from ccw.config import manager

    before = load(project)
    after, gone = without_provider(before, provider_id)
    confirmed(f"Remove provider {provider_id}{_also(gone)}?", yes=yes)
    gone = manager.remove_provider(project, provider_id, warn=note)
    click.echo(f"removed {provider_id}{_also(gone)}")
    tell_default(before, after)


def tell_default(before: LiteLLMApiConfig, after: LiteLLMApiConfig) -> None:
    """Tell on stderr when the default endpoint has moved."""
    if before.default_endpoint != after.default_endpoint:
        note(f"default endpoint: {after.default_endpoint or 'none'}")


def _config(app: App, project: Path) -> LiteLLMApiConfig:
    return with_implicit(load(project), project_environ(project, app.environ))


def _row(fields: dict[str, Any]) -> tuple[str, ...]:
    state = "enabled" if fields["enabled"] else "disabled"
    names = ("id", "name", "type", "apiKey", "apiBase")
    return (*(fields[name] or "-" for name in names), state)


def _also(gone: tuple[str, ...]) -> str:
    return f" and its endpoints {', '.join(gone)}" if gone else ""


def _hints(item: ProviderCredential, environ: Mapping[str, str], *, typed: str | None) -> None:
    for name in unset_variables(item.api_key, environ):
        note(f"note: {name} is not set at present; export it, or put it into the project's .env")
    if typed and item.api_key and not references(item.api_key):
        same = equal_variable(item.api_key, environ)
        instead = f"--api-key-env {same or 'NAME'}"
        why = f"it equals ${same}; " if same else ""
        note(
            f"warning: the key itself is now in the config file; {why}prefer a reference: "
            f"ccw provider update {item.id} {instead}"
        )
