"""The options that say how a provider is to be, as merge patches."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, get_args

import click

from ccw.cli.app import note
from ccw.cli.completion import complete_type
from ccw.cli.fields import given, pairs, reference
from ccw.config.advice import near_type
from ccw.config.models import ApiKeyEntry, ProviderCredential, RoutingStrategy
from ccw.config.patches import Patch
from ccw.config.pools import changed_keys, key_id_for
from ccw.config.selection import unknown_type
from ccw.errors import UsageError
from ccw.llm.data import provider_names

Command = TypeVar("Command", bound=Callable[..., Any])
KEY_HELP = "Take a key out of the pool, by id, label or variable (repeatable)."
ADVANCED = (
    *("timeout", "max_retries", "organization", "api_version", "proxy", "cache_marks"),
    *("rpm", "tpm"),
)
_SETTINGS = (
    click.option("--name", metavar="TEXT", help="Name to show (default: the type)."),
    click.option("--api-key-env", metavar="NAME", help="Variable that holds the key."),
    click.option("--api-key", metavar="KEY", help="The key itself; - asks for it."),
    click.option("--api-base", metavar="URL", help="Where the models are served."),
    click.option("--enable/--disable", "enabled", default=None, help="Use it or not."),
    click.option("--timeout", type=float, metavar="SECONDS", help="For one call."),
    click.option("--max-retries", type=int, metavar="N", help="After a failed call."),
    click.option("--organization", metavar="ID", help="Sent to the provider."),
    click.option("--api-version", metavar="TEXT", help="Azure's API version."),
    click.option(
        "--header",
        "headers",
        multiple=True,
        metavar="NAME=VALUE",
        help="Sent along; NAME= drops.",
    ),
    click.option("--proxy", metavar="URL", help="HTTP proxy for its calls."),
    click.option(
        "--cache-marks/--no-cache-marks",
        default=None,
        help="Send cache marks as Anthropic's models want them, or never (default: by type).",
    ),
    click.option(
        "--routing-strategy",
        type=click.Choice(get_args(RoutingStrategy)),
        help="How a call chooses among several keys (default: simple-shuffle).",
    ),
    click.option(
        "--rpm", type=click.IntRange(min=0), metavar="N", help="Requests a minute and key."
    ),
    click.option("--tpm", type=click.IntRange(min=0), metavar="N", help="Tokens a minute and key."),
)
KEY_OPTIONS = (
    *("add_key_env", "label", "weight"),
    *("removed", "enabled_keys", "disabled_keys"),
)
_KEYS = (
    click.option("--add-key-env", metavar="NAME", help="Variable of a further key for the pool."),
    click.option("--label", metavar="TEXT", help="Name of that key, to show."),
    click.option(
        "--weight", type=click.FloatRange(min=0), metavar="N", help="Its share (weighted)."
    ),
    click.option("--remove-key", "removed", multiple=True, metavar="KEY", help=KEY_HELP),
    click.option(
        "--enable-key", "enabled_keys", multiple=True, metavar="KEY", help="Use it again."
    ),
    click.option("--disable-key", "disabled_keys", multiple=True, metavar="KEY", help="Spare it."),
)


def settings(command: Command) -> Command:
    """Add the options that both `add` and `update` take."""
    return _with_options(command, _SETTINGS)


def type_option(*, required: bool) -> Callable[[Command], Command]:
    """Add `--type TYPE`, and `--any-type` to insist on one that nobody knows."""

    def add(command: Command) -> Command:
        return _with_options(
            command,
            (
                click.option(
                    "--type",
                    "type",
                    required=required,
                    metavar="TYPE",
                    shell_complete=complete_type,
                    help="openai, anthropic, google, azure, mistral, deepseek, openrouter, groq, "
                    "xai, zai, bedrock, ollama, litellm, custom, local, or any of litellm's.",
                ),
                click.option("--any-type", is_flag=True, help="Take a TYPE that litellm has not."),
            ),
        )

    return add


def checked_type(options: dict[str, Any]) -> dict[str, Any]:
    """Return *options* without `any_type`; UsageError for a type that is probably a slip."""
    if not options["any_type"]:
        refuse_slip(options["type"])
        _tell_near(options["type"])
    return {name: value for name, value in options.items() if name != "any_type"}


def refuse_slip(kind: str | None, *, insist: bool = True) -> None:
    """Raise UsageError for a type that neither ccw nor litellm knows; *insist* tells how to."""
    problem = unknown_type(kind, provider_names()) if kind else None
    if problem is not None:
        remedy = f"; to use it all the same: ccw provider add --type {kind} --any-type"
        raise UsageError(f"--type {kind}: {problem}{remedy if insist else ''}")


def _tell_near(kind: str | None) -> None:
    """Tell of a type of ccw's own that a provider of litellm is easily confused with."""
    near = near_type(kind) if kind else None
    if near:
        note(f"note: {near}")


def key_settings(command: Command) -> Command:
    """Add the options that change the keys of a pool."""
    return _with_options(command, _KEYS)


def provider_patch(
    *, api_key: str | None, api_key_env: str | None, headers: tuple[str, ...], **options: Any
) -> dict[str, Any]:
    """Return the options as a merge patch in snake_case."""
    if api_key is not None and api_key_env is not None:
        raise UsageError("--api-key and --api-key-env exclude each other")
    key = reference(api_key_env) if api_key_env else _typed_key(api_key)
    inner = given({name: options.pop(name) for name in ADVANCED})
    inner.update({name: None for name in ("rpm", "tpm") if inner.get(name) == 0})
    if headers:
        inner["custom_headers"] = pairs(headers, "--header")
    patch = given({**options, "api_key": key})
    return {**patch, "advanced_settings": inner} if inner else patch


def _typed_key(text: str | None) -> str | None:
    """Return the key; for `-` it comes from a hidden prompt, or from a pipe, not from arguments."""
    if text != "-":
        return text
    if sys.stdin.isatty():
        return str(click.prompt("API key", hide_input=True, err=True))
    return sys.stdin.readline().strip()


def keys_patch(
    patch: dict[str, Any],
    *,
    add_key_env: str | None,
    label: str | None,
    weight: float | None,
    removed: tuple[str, ...],
    enabled_keys: tuple[str, ...],
    disabled_keys: tuple[str, ...],
) -> Patch:
    """Return *patch* with the change of the pool, which depends on the keys that are there."""
    if add_key_env is None and (label, weight) != (None, None):
        raise UsageError("--label and --weight describe a new key: --add-key-env NAME")
    added = _entry(add_key_env, label, weight) if add_key_env else None
    if not (added or removed or enabled_keys or disabled_keys):
        return patch
    change = partial(
        changed_keys, added=added, removed=removed, enabled=enabled_keys, disabled=disabled_keys
    )

    def make(provider: ProviderCredential) -> dict[str, Any]:
        return {**patch, "api_keys": change(provider)}

    return make


def _entry(variable: str, label: str | None, weight: float | None) -> ApiKeyEntry:
    written = reference(variable, "--add-key-env")
    fields = given({"label": label, "weight": weight})
    return ApiKeyEntry(id=key_id_for(written[2:-1], label), key=written, **fields)


def _with_options(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
