"""`ccw completion`: the script that a shell needs, and the ids that it offers."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem, get_completion_class

from ccw.cli.app import App
from ccw.errors import CcwError

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_CCW_COMPLETE"
INSTALL = {
    "bash": 'eval "$(ccw completion bash)" in ~/.bashrc',
    "zsh": 'eval "$(ccw completion zsh)" in ~/.zshrc',
    "fish": "ccw completion fish > ~/.config/fish/completions/ccw.fish",
}


@click.command(epilog="; ".join(f"{shell}: {how}" for shell, how in INSTALL.items()))
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, *, shell: str) -> None:
    """Print the completion script of a shell, endpoint and provider ids included."""
    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(ctx.find_root().command, {}, "ccw", VARIABLE).source())


def complete_endpoint(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the project's endpoints; nothing when its configuration cannot be read."""
    from ccw.config.store import load

    try:
        endpoints = load(_project(ctx)).endpoints
    except CcwError:
        return []
    return [
        CompletionItem(e.id, help=f"{e.model} of {e.provider_id}")
        for e in endpoints
        if e.id.startswith(incomplete)
    ]


def complete_provider(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the project's providers; nothing when its configuration cannot be read."""
    from ccw.config.store import load

    try:
        providers = load(_project(ctx)).providers
    except CcwError:
        return []
    return [
        CompletionItem(p.id, help=f"{p.name} ({p.type})")
        for p in providers
        if p.id.startswith(incomplete)
    ]


def complete_type(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the types of provider that ccw knows; litellm knows more."""
    from ccw.config.provider_types import KNOWN_TYPES

    return [CompletionItem(name) for name in KNOWN_TYPES if name.startswith(incomplete)]


def _project(ctx: click.Context) -> Path:
    chosen = ctx.params.get("project")
    return chosen if isinstance(chosen, Path) else ctx.ensure_object(App).project()
