"""The options that say how an endpoint is to be, as merge patches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ccw.cli.completion import complete_endpoint
from ccw.cli.fields import given, json_pairs
from ccw.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])
PURPOSES = ("chat", "embedding", "image", "speech")
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
    click.option(
        "--fallback",
        "fallbacks",
        multiple=True,
        metavar="ID",
        shell_complete=complete_endpoint,
        help="Endpoint to ask when this one fails (repeatable, in order; replaces the list; "
        "empty: none).",
    ),
    click.option("--no-fallbacks", is_flag=True, help="Ask no other endpoint."),
    click.option("--enable/--disable", "enabled", default=None, help="Use it or not."),
)


def settings(command: Command) -> Command:
    """Add the options that both `add` and `update` take."""
    for option in reversed(_SETTINGS):
        command = option(command)
    return command


def endpoint_patch(
    *,
    ttl: float | None,
    max_size: float | None,
    patterns: tuple[str, ...],
    layout: str | None,
    cache: bool | None,
    provider_cache: str | None,
    params: tuple[str, ...],
    fallbacks: tuple[str, ...],
    no_fallbacks: bool,
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
    if fallbacks and no_fallbacks:
        raise UsageError("--fallback and --no-fallbacks exclude each other")
    if fallbacks or no_fallbacks:
        patch["fallbacks"] = [name for name in dict.fromkeys(fallbacks) if name]
    if params:
        patch["params"] = json_pairs(params, "--param")
    return patch
