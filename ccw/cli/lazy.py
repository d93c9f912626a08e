"""Groups that import commands only when they are used, and know them all for a suggestion."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

from ccw.llm.footprint import switched

# pydantic would look for plugins in all that is installed: a twentieth of a small command's time
NO_PLUGINS = {"PYDANTIC_DISABLE_PLUGINS": "__all__"}


class SuggestingGroup(click.Group):
    """A group that suggests also commands that are not imported yet."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that *args* begin with; an unknown one is answered with near ones."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            close = get_close_matches(args[0], self.list_commands(ctx), n=1)
            if not close or "Did you mean" in error.format_message():
                raise
            meant = f"{error.message.rstrip()} Did you mean {close[0]}?"
            raise click.UsageError(meant, ctx) from None


class LazyGroup(SuggestingGroup):
    """A group with further commands, *lazy*: name -> "module:attribute"."""

    def __init__(self, *args: Any, lazy: Mapping[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        return sorted((*super().list_commands(ctx), *self._lazy))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, None for a name that is none."""
        target = self._lazy.get(cmd_name)
        return super().get_command(ctx, cmd_name) if target is None else loaded(target)


def loaded(target: str) -> click.Command:
    """Return the command at *target*, "module:attribute"."""
    module, attribute = target.split(":")
    with switched(NO_PLUGINS):
        command: click.Command = getattr(importlib.import_module(module), attribute)
    return command
