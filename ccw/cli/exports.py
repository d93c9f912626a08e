"""`ccw config export` and `ccw config import`: the configuration of other programs."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ccw.atomic import replace_file
from ccw.cli.app import App, json_option, note, print_json, project_option
from ccw.cli.fields import user_option
from ccw.cli.trust_question import require_for_all
from ccw.config.layers import load_config, load_layer, target_of
from ccw.config.models import LiteLLMApiConfig, ProviderCredential
from ccw.config.references import mask, mask_address, project_environ
from ccw.config.store import update_file
from ccw.config.trust.checking import check_providers, new_to_user
from ccw.errors import ConfigError, OutputFailed, UsageError
from ccw.exports.targets import TARGETS, export_config, provider_of_model
from ccw.exports.text import one_line

if TYPE_CHECKING:
    from ccw.exports.export import Export
    from ccw.exports.litellm_import import Imported, ImportPlan, Merged

pass_app = click.make_pass_decorator(App, ensure=True)


@click.command()
@click.argument("target", type=click.Choice(TARGETS))
@click.option("-o", "--output", metavar="FILE", help="Write there, not to standard output.")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.option("--endpoint", "endpoints", multiple=True, metavar="ID", help="Only this; repeatable.")
@json_option
@project_option
@pass_app
def export(
    app: App,
    /,
    *,
    target: str,
    output: str | None,
    force: bool,
    endpoints: tuple[str, ...],
    project: Path,
    as_json: bool,
) -> None:
    """Write the configuration for another program, keys as references.

    What that program has no place for is told on stderr, and in the file where it has comments.
    """
    environ = project_environ(project, app.environ)
    at_hand = {name for name in environ if environ[name]}
    config = load_config(project, app.environ)
    made = export_config(target, config, endpoints, at_hand)
    check_providers(_providers(config, made), environ)
    for line in made.left_out:
        note(f"left out: {one_line(line)}")
    if not made.endpoints:
        raise ConfigError(f"no endpoint can be written for {target}; ccw endpoint list shows all")
    missing = [name for name in made.variables if not app.environ.get(name)]  # it reads no .env
    if missing:
        note(f"note: it reads variables that are not set here: {', '.join(missing)}")
    if output is not None and output != "-":
        _write(app.cwd / output, made.text, force=force)
        note(f"written: {output}")
    elif not as_json:
        click.echo(made.text, nl=False)
    if as_json:
        print_json(_as_json(target, made))


@click.command("import")
@click.argument("source", type=click.Choice(["litellm"]))
@click.argument("file", metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Show what would be imported, change nothing.")
@click.option("--only", metavar="REGEX", help="Only models whose model_name this finds.")
@click.option("--yes", is_flag=True, help="With --user: agree to what it asks for, unasked.")
@user_option
@json_option
@project_option
@pass_app
def import_(
    app: App,
    /,
    *,
    source: str,  # noqa: ARG001 (litellm is the only one)
    file: str,
    dry_run: bool,
    only: str | None,
    yes: bool,
    user: bool,
    project: Path,
    as_json: bool,
) -> None:
    """Take in the models of a LiteLLM proxy's config.yaml as providers and endpoints.

    All of it or nothing. A key that is written out in the file is not copied. Before a key goes
    to a host for the first time, ccw asks; with --user, where it holds for all projects, at once.
    """
    from ccw.exports.litellm_import import merge_plan, read_litellm, refuse_commands

    plan = read_litellm(app.cwd / file, _checked(only), provider_of_model)
    if user:  # what the user's own file asks for needs no agreement later
        refuse_commands(plan)
        wanted = new_to_user(plan.providers, project_environ(project, app.environ))
        require_for_all(wanted, yes=yes or dry_run)
    now = datetime.now(UTC)
    target = target_of(project, app.environ, user=user)
    if dry_run:
        before = load_layer(project, app.environ, user=user)
        _, merged = merge_plan(before, plan, now, target.other)
    else:
        # without remembering it as agreed: the file may come from anywhere
        merged = update_file(
            target.path, lambda config: merge_plan(config, plan, now, target.other)
        )
    _tell(plan, merged, dry_run=dry_run, as_json=as_json)


def _providers(config: LiteLLMApiConfig, made: Export) -> list[ProviderCredential]:
    used = {e.provider_id for e in config.endpoints if e.id in made.endpoints}
    return [provider for provider in config.providers if provider.id in used]


def _checked(only: str | None) -> str | None:
    try:
        re.compile(only or "")
    except re.error as error:
        problem = str(error)
    else:
        return only
    raise UsageError(f"--only is no regular expression: {problem}")


def _write(path: Path, text: str, *, force: bool) -> None:
    """Write a file that was not there, or with *force* in place of one; mode 0600 from birth."""
    target = Path(os.path.realpath(path))
    if os.path.lexists(target) and not target.is_file():
        raise UsageError(f"{path} is no file; name another one with -o")
    try:
        if force:
            replace_file(target, text.encode())
            return
        with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(text.encode())
            return
    except FileExistsError:
        problem = None
    except OSError as error:
        problem = error.strerror
    if problem is None:
        raise UsageError(f"{path} exists; name another file, or overwrite it with --force")
    raise OutputFailed(f"cannot write {path}: {problem}")


def _as_json(target: str, made: Export) -> dict[str, object]:
    return {
        "target": target,
        "text": made.text,
        "endpoints": list(made.endpoints),
        "leftOut": list(made.left_out),
        "variables": list(made.variables),
    }


def _tell(plan: ImportPlan, merged: Merged, *, dry_run: bool, as_json: bool) -> None:
    notes = [one_line(text) for text in (*plan.notes, *merged.notes)]
    for text in notes:
        note(f"note: {text}")
    rows = [_row(one) for one in merged.imported]
    if as_json:
        print_json({"dryRun": dry_run, "imported": rows, "notes": notes})
        return
    for row in rows:
        click.echo(f"{row['kind']} {row['id']}: {one_line(str(row['what']))} ({row['state']})")
    new = sum(one.is_new for one in merged.imported)
    done = "would be imported" if dry_run else "imported"
    note(f"{done}: {new} new, {len(rows) - new} already there")


def _row(one: Imported) -> dict[str, object]:
    item, state = one.item, "new" if one.is_new else "unchanged"
    if not isinstance(item, ProviderCredential):
        what = f"{item.model} of {item.provider_id}"
        return {"kind": "endpoint", "id": item.id, "what": what, "state": state}
    keys = [mask(key) for key in (item.api_key, *(k.key for k in item.api_keys)) if key]
    to = f" at {mask_address(item.api_base)}" if item.api_base else ""
    what = f"{item.type}{to}, {'key ' + ', '.join(keys) if keys else 'no key'}"
    return {"kind": "provider", "id": item.id, "what": what, "state": state}
