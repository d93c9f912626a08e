"""What the provider and endpoint commands share: options into merge patches, objects as lines."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import click

from ccw.cli.app import in_line, note
from ccw.config.advice import shadow_advice
from ccw.config.lookup import Other
from ccw.config.models import CustomEndpoint, LiteLLMApiConfig, ProviderCredential
from ccw.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])
_NAME = re.compile(r"\$?\{?([A-Za-z_][A-Za-z0-9_]*)\}?")


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were typed, by field; an empty text takes a field to its default."""
    return {
        name: None if value == "" else value
        for name, value in values.items()
        if value is not None and value != ()
    }


def pairs(texts: Iterable[str], option: str) -> dict[str, str | None]:
    """Return `NAME=VALUE` texts as a dict; `NAME=` means: take it away."""
    result: dict[str, str | None] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"{option} expects NAME=VALUE")
        result[name.strip()] = value or None
    return result


def json_pairs(texts: Iterable[str], option: str) -> dict[str, Any]:
    """Return `NAME=VALUE` texts as a dict of JSON values; what is no JSON is a text."""
    return {name: _json_or_text(value) for name, value in pairs(texts, option).items()}


def reference(name: str, option: str = "--api-key-env") -> str:
    """Return `${NAME}`; *name* may be written as a reference already, but not be a key itself."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise UsageError(f"{option} expects the name of a variable, such as OPENAI_API_KEY")
    return f"${{{match[1]}}}"


def user_option(command: Command) -> Command:
    """Add `--user`: what is changed is the user's own configuration, which holds everywhere."""
    return click.option(
        "--user", is_flag=True, help="In your own configuration, for all projects."
    )(command)


def shadows(item: ProviderCredential | CustomEndpoint, other: Other) -> None:
    """Tell that the other file, too, has an object of this kind with this id."""
    for text in shadow_advice(item, other):
        note(f"note: {text}")


def tell_default(before: LiteLLMApiConfig, after: LiteLLMApiConfig) -> None:
    """Tell on stderr when the default endpoint has moved."""
    if before.default_endpoint != after.default_endpoint:
        note(f"default endpoint: {after.default_endpoint or 'none'}")


def confirmed(question: str, *, yes: bool) -> None:
    """Ask before something is lost; without a terminal `--yes` has to say it."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Add --yes to do it without being asked")
    if not click.confirm(question, err=True):
        raise click.exceptions.Exit(1)


def print_fields(fields: Mapping[str, Any], prefix: str = "") -> None:
    """Print an object as `name: value` lines, nested names with dots; empty values are left out."""
    for name, value in fields.items():
        if isinstance(value, dict):
            print_fields(value, f"{prefix}{name}.")
        elif value is not None and value != []:
            click.echo(in_line(f"{prefix}{name}: {_shown(value)}"))


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)


def _json_or_text(value: str | None) -> Any:
    try:
        return None if value is None else json.loads(value)
    except ValueError:
        return value
