"""`ccw init`: write a first configuration, from what is found and from what is asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from ccw.cli.app import App, json_option, note, print_json, project_option, say
from ccw.cli.fields import user_option
from ccw.cli.provider_options import refuse_slip
from ccw.config.first import Added, add_choice, endpoint_id_for
from ccw.config.layers import load_layer
from ccw.config.manager import change_file
from ccw.config.models import LiteLLMApiConfig
from ccw.config.places import ccw_home, config_path, user_config_path
from ccw.config.provider_types import provider_type
from ccw.config.references import project_environ
from ccw.gateways.first import Found, Preferences, best_match, choose, look_around, next_steps

pass_app = click.make_pass_decorator(App, ensure=True)


@click.command()
@click.option("--type", "type", metavar="TYPE", help="Provider type: openai, anthropic, local, ...")
@click.option("--model", metavar="MODEL", help="Model id, as the provider names it.")
@click.option("--id", "endpoint_id", metavar="ID", help="Endpoint id, to ask it by --model ID.")
@click.option("--provider-id", metavar="ID", help="Provider id (default: the type).")
@click.option("--name", metavar="NAME", help="Name to show for both.")
@click.option("--api-key-env", metavar="NAME", help="Variable that holds the key.")
@click.option("--api-base", metavar="URL", help="Where the models are served.")
@click.option("--default/--no-default", default=None, help="Make it the default endpoint or not.")
@click.option("--yes", is_flag=True, help="Ask nothing; take the first that is found.")
@user_option
@json_option
@project_option
@pass_app
def init(
    app: App, /, *, project: Path, user: bool, yes: bool, as_json: bool, **options: object
) -> None:
    """Write a first configuration.

    Looks at which usual key variables are set and which gateways answer on loopback (LiteLLM,
    Ollama), and offers the embedded model otherwise. Asks on a terminal; takes options in scripts.
    What is configured already stays as it is.
    """
    wanted, asks = Preferences(**options), not yes and _on_terminal()  # type: ignore[arg-type]
    refuse_slip(wanted.type)
    path = user_config_path(app.environ) if user else config_path(project)
    config = load_layer(project, app.environ, user=user)
    if config.endpoints and wanted == Preferences() and not (asks and _wants_more(config, path)):
        _tell_existing(config, path, as_json=as_json)
        return
    environ = project_environ(project, app.environ)
    found = look_around(environ)
    choice, reason = choose(_ask(wanted, found) if asks else wanted, found)
    added = change_file(
        project,
        lambda old, other: add_choice(old, choice, datetime.now(UTC), other),
        user,
        app.environ,
    )
    note(f"{choice.type}: {reason}")
    _tell(added, path, next_steps(choice, environ, ccw_home(app.environ)), as_json=as_json)


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _wants_more(config: LiteLLMApiConfig, path: Path) -> bool:
    note(f"{path} has {', '.join(e.id for e in config.endpoints)}")
    return click.confirm("Add another endpoint?", default=False, err=True)


def _ask(wanted: Preferences, found: Sequence[Found]) -> Preferences:
    """Ask for the type, the model and an id, or with a type given only for what is missing."""
    picks = wanted.type is None and wanted.api_base is None
    if picks:
        wanted = replace(wanted, type=_ask_type(found))
    one = best_match(wanted, found)
    kind = provider_type(one.type)
    if kind.base_needed and not wanted.api_base:
        wanted = replace(wanted, api_base=_prompt("Address (https://...)", None))
    if not wanted.model and (picks or not one.model):
        wanted = replace(wanted, model=_prompt("Model", one.model))
    if not wanted.endpoint_id and picks:
        suggested = endpoint_id_for(kind.name, wanted.model or "")
        wanted = replace(wanted, endpoint_id=_prompt("Endpoint id", suggested))
    return wanted


def _ask_type(found: Sequence[Found]) -> str:
    for number, one in enumerate(found, 1):
        note(f"  {number}. {one.type}: {one.reason}")
    answer = _prompt("Which one (a number, or any other provider type)", "1")
    known = {str(number): one.type for number, one in enumerate(found, 1)}
    return known.get(answer, answer)


def _prompt(text: str, default: str | None) -> str:
    answer: str = click.prompt(text, default=default, err=True)
    return answer.strip()


def _tell_existing(config: LiteLLMApiConfig, path: Path, *, as_json: bool) -> None:
    ids = [e.id for e in config.endpoints]
    if as_json:
        print_json({"path": str(path), "endpoints": ids, "default": config.default_endpoint})
        return
    say(f"already configured: {path}")
    say(f"endpoints: {', '.join(ids)}; default: {config.default_endpoint or 'none'}")
    note("to add one: ccw init --type TYPE, or ccw endpoint add --help")


def _tell(added: Added, path: Path, steps: Sequence[str], *, as_json: bool) -> None:
    provider, endpoint = added.provider, added.endpoint
    if as_json:
        print_json(
            {
                "path": str(path),
                "provider": provider.id,
                "type": provider.type,
                "endpoint": endpoint.id,
                "model": endpoint.model,
                "default": added.is_default,
                "newProvider": added.is_new_provider,
                "newEndpoint": added.is_new_endpoint,
                "next": list(steps),
            }
        )
        return
    say(f"config: {path}")
    say(f"provider: {provider.id} ({_novelty(added.is_new_provider)})")
    default = ", default" if added.is_default else ""
    say(f"endpoint: {endpoint.id} ({_novelty(added.is_new_endpoint)}{default})")
    for step in steps:
        note(f"next: {step}")


def _novelty(is_new: bool) -> str:
    return "new" if is_new else "was there already"
