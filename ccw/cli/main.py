"""The root command: groups load lazily, errors become one line and an exit code here."""

from __future__ import annotations

import click

from ccw import __version__
from ccw.cli.lazy import SuggestingGroup, loaded
from ccw.errors import CcwError, ConfigError, NotTrusted

_ARGUMENTS = "ccw.arguments"  # where the context of the root keeps them
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
    "models": "ccw.cli.models:models",
    "pack": "ccw.cli.pack:pack",
    "provider": "ccw.cli.provider:provider",
    "serve": "ccw.cli.serve:serve",
    "trust": "ccw.cli.trust:trust",
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
    "models": "List the models of the providers, with windows and prices.",
    "pack": "Print the files that patterns match as one text.",
    "provider": "Manage providers: where models are served.",
    "serve": "Serve the HTTP API and the pages.",
    "trust": "Show what this project asks for, and agree to it.",
    "view": "The same as serve.",
}


class Cli(SuggestingGroup):
    """A group whose commands are imported on use and whose errors print as one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        target = COMMANDS.get(cmd_name)
        return None if target is None else loaded(target)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in self.list_commands(ctx)])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_ARGUMENTS] = tuple(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return self._invoke_trusted(ctx)
        except KeyboardInterrupt as stop:
            from ccw.cli.signals import Ended

            if not isinstance(stop, Ended):
                raise
            ctx.exit(stop.exit_code)
        except BrokenPipeError:  # click would call a reader that is gone a failure
            ctx.exit(BROKEN_PIPE)
        except CcwError as error:
            from ccw.cli.app import note

            note(f"ccw: {error}")
            ctx.exit(error.exit_code)

    def _invoke_trusted(self, ctx: click.Context) -> object:
        """Run the command; where it lacks trust, ask on a terminal, then run it again."""
        try:
            return super().invoke(ctx)
        except NotTrusted as error:
            from ccw.cli.app import App
            from ccw.cli.trust_question import REFUSED, on_terminal, settled

            if not on_terminal():
                raise
            environ = (ctx.find_object(App) or App()).environ
            if not settled(error.project, environ, error.wishes):
                raise ConfigError(REFUSED) from None
        arguments = list(ctx.meta[_ARGUMENTS])
        with self.make_context(ctx.info_name, arguments, parent=ctx.parent, obj=ctx.obj) as again:
            return super().invoke(again)


@click.group(cls=Cli, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ccw", message="%(prog)s %(version)s")
def cli() -> None:
    """Ask any language model about exactly the files you name."""
