"""`ccw completion`: the script that a shell needs, and the ids that it offers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ccw.cli.app import App, in_line
from ccw.errors import CcwError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ccw.config.models import LiteLLMApiConfig

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
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(ctx.find_root().command, {}, "ccw", VARIABLE).source())


def complete_endpoint(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the project's endpoints."""
    ids = {e.id: f"{e.model} of {e.provider_id}" for e in _config(ctx).endpoints}
    return _items(ids, incomplete)


def complete_provider(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the project's providers."""
    return _items({p.id: f"{p.name} ({p.type})" for p in _config(ctx).providers}, incomplete)


def complete_session(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the sessions of the context cache."""
    from ccw import context_cache

    app = ctx.ensure_object(App)
    try:
        sessions = context_cache.sessions(
            _project(ctx), environ=app.environ, warn=lambda _text: None
        )
    except CcwError:
        return []
    return _items({s.session_id: " ".join(s.patterns) for s in sessions}, incomplete)


def complete_type(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the types of provider that ccw knows; litellm knows more."""
    from ccw.config.provider_types import KNOWN_TYPES

    return _items(dict.fromkeys(KNOWN_TYPES), incomplete)


def _config(ctx: click.Context) -> LiteLLMApiConfig:
    """Return the project's configuration; one that cannot be read offers nothing."""
    from ccw.config.layers import load_config
    from ccw.config.models import LiteLLMApiConfig

    try:
        return load_config(_project(ctx), ctx.ensure_object(App).environ)
    except CcwError:
        return LiteLLMApiConfig()


def _items(known: Mapping[str, str | None], incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem  # known to few commands, and not to load all

    return [
        CompletionItem(name, help=help_text and in_line(help_text))
        for name, help_text in known.items()
        if name.startswith(incomplete)
    ]


def _project(ctx: click.Context) -> Path:
    chosen = ctx.params.get("project")
    return chosen if isinstance(chosen, Path) else ctx.ensure_object(App).project()
