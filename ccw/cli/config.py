"""`ccw config`: where the configuration is, what it says, whether it is sound."""

from __future__ import annotations

from pathlib import Path

import click

from ccw.cli.app import App, json_option, note, print_json, project_option
from ccw.config.store import config_path, load

pass_app = click.make_pass_decorator(App, ensure=True)
CONFIGURATION = 3  # the exit code of a configuration that cannot be used


@click.group()
def config() -> None:
    """Show and check the project's configuration."""


@config.command()
@json_option
@project_option
def path(*, project: Path, as_json: bool) -> None:
    """Print where the config file is, or would be."""
    file = config_path(project)
    if as_json:
        print_json({"path": str(file), "project": str(project), "exists": file.exists()})
        return
    click.echo(str(file))


@config.command()
@json_option
@project_option
def show(*, project: Path, as_json: bool) -> None:  # noqa: ARG001 (JSON is the only form)
    """Print the whole configuration as JSON, defaults included, literal keys masked."""
    from ccw.config.views import masked

    current = load(project)
    print_json(masked(current))
    if not config_path(project).exists():
        note("no config file yet, these are the defaults; ccw init writes one")


@config.command()
@json_option
@project_option
@pass_app
@click.pass_context
def validate(ctx: click.Context, app: App, /, *, project: Path, as_json: bool) -> None:
    """Check the configuration; exit 3 when it has errors, 0 with warnings only."""
    from ccw.config.checks import check
    from ccw.llm.marks import never_marked

    report = check(project, app.environ, never_marked)
    if as_json:
        print_json(report.as_json())
    else:
        for finding in report.findings:
            click.echo(f"{finding.level}: {finding.text}")
        note(f"{report.path}: {report.summary}")
    ctx.exit(0 if report.is_valid else CONFIGURATION)


@config.command()
def schema() -> None:
    """Print the JSON Schema of the config file."""
    from ccw.config.schema import schema_text

    click.echo(schema_text(), nl=False)
