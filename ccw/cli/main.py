"""The root command: groups load lazily, errors become one line and an exit code here."""

from __future__ import annotations

import importlib

import click

from ccw import __version__
from ccw.errors import CcwError

BROKEN_PIPE = 141  # what a shell reports for a process that SIGPIPE ended
# name -> "module:attribute"; a module is imported only when its command is used
COMMANDS = {
    "cache": "ccw.cli.cache:cache",
    "cli": "ccw.cli.ask:ask",
    "completion": "ccw.cli.completion:completion",
    "config": "ccw.cli.config:config",
    "endpoint": "ccw.cli.endpoint:endpoint",
    "init": "ccw.cli.init:init",
    "local": "ccw.cli.local:local",
    "pack": "ccw.cli.pack:pack",
    "provider": "ccw.cli.provider:provider",
    "serve": "ccw.cli.serve:serve",
    "view": "ccw.cli.serve:serve",
}
SUMMARIES = {
    "cache": "Look into the context cache, and empty it.",
    "cli": "Ask a model about the files that the prompt names.",
    "completion": "Print the completion script of a shell.",
    "config": "Show and check the project's configuration.",
    "endpoint": "Manage endpoints: models under ids of your choice.",
    "init": "Write a first configuration.",
    "local": "Install and run the embedded model.",
    "pack": "Print the files that patterns match as one text.",
    "provider": "Manage providers: where models are served.",
    "serve": "Serve the HTTP API and the pages.",
    "view": "The same as serve.",
}


class Cli(click.Group):
    """A group whose commands are imported on use and whose errors print as one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        target = COMMANDS.get(cmd_name)
        if target is None:
            return None
        module, attribute = target.split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # click would call a reader that is gone a failure
            ctx.exit(BROKEN_PIPE)
        except CcwError as error:
            click.echo(f"ccw: {error}", err=True)
            ctx.exit(error.exit_code)


@click.group(cls=Cli, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ccw", message="%(prog)s %(version)s")
def cli() -> None:
    """Ask any language model about exactly the files you name."""
