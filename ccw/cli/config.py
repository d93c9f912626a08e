"""`ccw config`: where the configuration is, what it says, whether it is sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ccw.cli.app import App, json_option, note, print_json, project_option, say
from ccw.cli.columns import print_columns
from ccw.cli.fields import user_option
from ccw.cli.lazy import LazyGroup
from ccw.config.layers import Effective, load_effective
from ccw.config.places import config_path, is_there, user_config_path
from ccw.config.references import ProjectEnviron, project_environ

if TYPE_CHECKING:
    from ccw.config.findings import Report

ELSEWHERE = {"export": "ccw.cli.exports:export", "import": "ccw.cli.exports:import_"}
ORIGIN_HEADER = ("NAME", "VALUE", "ORIGIN", "FILE")
pass_app = click.make_pass_decorator(App, ensure=True)
CONFIGURATION = 3  # the exit code of a configuration that cannot be used


@click.group(cls=LazyGroup, lazy=ELSEWHERE)
def config() -> None:
    """Show and check the project's configuration."""


@config.command()
@user_option
@json_option
@project_option
@pass_app
def path(app: App, /, *, project: Path, user: bool, as_json: bool) -> None:
    """Print where the config file is, or would be."""
    file = user_config_path(app.environ) if user else config_path(project)
    if as_json:
        print_json({"path": str(file), "project": str(project), "exists": is_there(file)})
        return
    click.echo(str(file))


@config.command()
@click.option("--origin", is_flag=True, help="Tell where each value comes from.")
@json_option
@project_option
@pass_app
def show(app: App, /, *, project: Path, origin: bool, as_json: bool) -> None:
    """Print the whole configuration as JSON, defaults included, literal keys masked."""
    from ccw.config.views import masked

    effective = load_effective(project, app.environ)
    if origin:
        _print_origins(effective, project_environ(project, app.environ), as_json=as_json)
    else:
        print_json(masked(effective.config))
    files = [file for file in (effective.project_path, effective.user_path) if is_there(file)]
    if not files:
        note("no config file yet, these are the defaults; ccw init writes one")
    elif effective.project_path not in files:
        note(f"no config file in this project; your own: {effective.user_path}")


@config.command()
@json_option
@project_option
@pass_app
@click.pass_context
def validate(ctx: click.Context, app: App, /, *, project: Path, as_json: bool) -> None:
    """Check the configuration; exit 3 when it has errors, 0 with warnings only."""
    from ccw.config.checks import check
    from ccw.config.findings import as_json as reports_json
    from ccw.llm.prefix_caches import never_marked

    reports = check(project, app.environ, never_marked)
    if as_json:
        print_json(reports_json(reports))
    else:
        for index, report in enumerate(reports):
            _print_report(report, of_user=index > 0)
    ctx.exit(0 if all(report.is_valid for report in reports) else CONFIGURATION)


@config.command()
def schema() -> None:
    """Print the JSON Schema of the config file."""
    from ccw.config.schema import schema_text

    click.echo(schema_text(), nl=False)


def _print_origins(effective: Effective, environ: ProjectEnviron, *, as_json: bool) -> None:
    from ccw.config.origins import origins
    from ccw.config.views import masked

    found = origins(effective, environ)
    if as_json:
        rows = [
            {"name": o.name, "value": o.value, "origin": o.origin, "path": o.path and str(o.path)}
            for o in found
        ]
        print_json({"config": masked(effective.config), "origins": rows})
        return
    shown = ((o.name, o.value, o.origin, str(o.path or "-")) for o in found)
    print_columns(ORIGIN_HEADER, shown, stacked=True)


def _print_report(report: Report, *, of_user: bool) -> None:
    """Print one finding a line; those of the user's own file bear its path, if only once."""
    for finding in report.findings:
        where = f"{report.path}: " if of_user and finding.field else ""
        say(f"{finding.level}: {where}{finding.text}")
    note(f"{report.path}: {report.summary}")
