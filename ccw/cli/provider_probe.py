"""`ccw provider models` and `ccw provider test`: ask a provider what it has, and whether it does.

Attached to the group `provider`; what talks over HTTP is imported only when one of them runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ccw.cli.app import App, camel, json_option, note, print_json, project_option, say
from ccw.cli.completion import complete_provider, complete_type
from ccw.cli.fields import reference
from ccw.cli.models import progress, refresh_option, show_lists, tell
from ccw.cli.provider_options import refuse_slip
from ccw.config.state import state_path
from ccw.errors import MissingVariable, UsageError

if TYPE_CHECKING:
    from ccw.execution.options import LiteLLMExecutionResult
    from ccw.gateways.testing import CheckResult

QUESTION = "Reply with the word OK."
ANSWER_TOKENS = 16
pass_app = click.make_pass_decorator(App, ensure=True)


@click.command()
@click.argument("provider_id", metavar="ID", shell_complete=complete_provider)
@refresh_option
@json_option
@project_option
@pass_app
def models(app: App, /, *, provider_id: str, project: Path, refresh: bool, as_json: bool) -> None:
    """List the models of a provider, with windows and prices."""
    from ccw.gateways.models import list_models
    from ccw.gateways.shapes import shape_of_list

    with progress(f"asking {provider_id} …"):
        listed = list_models(project, provider_id, refresh=refresh, environ=app.environ)
    if not as_json:
        show_lists([listed], as_json=False)
        return
    print_json(shape_of_list(listed))
    tell([listed], as_json=True)


@click.command()
@click.argument("provider_id", metavar="[ID]", required=False, shell_complete=complete_provider)
@click.option("--base-url", metavar="URL", help="Test this address before anything is saved.")
@click.option("--key-env", metavar="NAME", help="With --base-url: variable that holds the key.")
@click.option(
    "--type",
    "type",
    metavar="TYPE",
    shell_complete=complete_type,
    help="With --base-url: in which way it is asked (default: litellm).",
)
@click.option("--call", is_flag=True, help="Make one short real call too, which is billed.")
@click.option("--model", metavar="MODEL", help="With --call: the model to call.")
@json_option
@project_option
@pass_app
def test(app: App, /, *, project: Path, as_json: bool, call: bool, **options: Any) -> None:
    """Test whether a provider answers, and each of its keys; not billed, 10 seconds at most.

    Exits with 0 when it answers, also when only its rate is limited; 5 for a refused key, 6 when
    nobody answers, 3 for a wrong configuration, 1 for anything else that is no list of models.
    """
    model = options.pop("model")
    with progress("asking …"):
        result = _checked(app, project, call=call or model is not None, **options)
    called = _called(app, project, result, model) if call else None
    if as_json:
        _print_json(result, called)
    else:
        _print(result, project if options["provider_id"] else None)
        _print_call(called)
    _end(result, called, as_json=as_json)


test.__test__ = False  # type: ignore[attr-defined]  # no test of pytest's


def _checked(
    app: App,
    project: Path,
    *,
    provider_id: str | None,
    base_url: str | None,
    key_env: str | None,
    type: str | None,
    call: bool,
) -> CheckResult:
    from ccw.gateways.testing import check_connection, check_provider

    if (provider_id is None) == (base_url is None):
        raise UsageError("name a provider, or an address: ccw provider test ID | --base-url URL")
    if provider_id is not None:
        if key_env or type:
            raise UsageError("--key-env and --type go with --base-url; a provider has its own")
        return check_provider(project, provider_id, environ=app.environ)
    if call:
        raise UsageError("--call and --model need a saved provider; ccw provider add saves one")
    refuse_slip(type, insist=False)
    assert base_url is not None
    key = None if key_env is None else _key(app, project, reference(key_env, "--key-env")[2:-1])
    return check_connection(base_url, key, type or "litellm")


def _key(app: App, project: Path, variable: str) -> str:
    from ccw.config.references import project_environ

    key = project_environ(project, app.environ).get(variable)
    if key:
        return key
    raise MissingVariable(
        f"{variable} is not set (--key-env); export it, or put it into the project's .env"
    )


def _called(
    app: App, project: Path, result: CheckResult, model: str | None
) -> LiteLLMExecutionResult | None:
    """Make the real call, after the user was told; None where the test failed before."""
    from ccw.executor import LiteLLMExecutionOptions, execute_litellm_endpoint

    if not result.success and result.kind != "untested":
        return None
    chosen = model or _model_of(app, project, result)
    note(f"calling {result.provider}/{chosen} now; this call is billed")
    options = LiteLLMExecutionOptions(
        QUESTION,
        f"{result.provider}/{chosen}",
        project,
        enable_cache=False,
        stream=False,
        max_retries=0,
        params={"maxTokens": ANSWER_TOKENS},
    )
    return execute_litellm_endpoint(options, environ=app.environ)


def _model_of(app: App, project: Path, result: CheckResult) -> str:
    from ccw.config.layers import load_config

    endpoints = load_config(project, app.environ).endpoints
    own = [e for e in endpoints if e.provider_id == result.provider and e.enabled]
    named = [e.model for e in own if e.purpose == "chat"]
    listed = [model.id for model in result.models if model.purpose in (None, "chat")]
    if not named and not listed:
        raise UsageError("no model of it is known; add --model MODEL")
    return [*named, *listed][0]


def _print(result: CheckResult, project: Path | None) -> None:
    told_below = f"{result.error} {result.note}"
    for key in result.keys:
        told = f" ({key.error})" if key.error and key.error not in told_below else ""
        say(f"key {key.name}: {key.state or 'not told'}{told}")
    if result.kind == "limited":
        say(f"{result.provider}: {result.note}")
    elif result.success:
        models = len(result.models)
        say(f"{result.provider} answers: {models} models, {result.latency_ms:g} ms")
    if result.note and result.kind != "limited":
        note(f"note: {result.note}")
    if project is not None and not result.kept and state_path(project).parent.is_dir():
        note(f"note: the result is not kept: {state_path(project)} cannot be written")


def _print_call(called: LiteLLMExecutionResult | None) -> None:
    if called is not None and called.success:
        cost = "cost unknown" if called.cost is None else f"${called.cost:.6f}"
        say(f"{called.model} answered: {called.output.strip()} ({cost})")


def _print_json(result: CheckResult, called: LiteLLMExecutionResult | None) -> None:
    from dataclasses import asdict

    from ccw.gateways.shapes import shape_of_check

    names = ("success", "model", "output", "error", "error_type", "usage", "cost", "duration_ms")
    fields = {} if called is None else asdict(called)
    call = None if called is None else camel({name: fields[name] for name in names})
    success = result.success if called is None else called.success
    print_json({**shape_of_check(result), "success": success, "call": call})


def _end(result: CheckResult, called: LiteLLMExecutionResult | None, *, as_json: bool) -> None:
    """End with the error of the call, else of the test."""
    ctx = click.get_current_context()
    if called is not None:
        if not called.success and not as_json:
            note(f"ccw: {called.error}")
        ctx.exit(called.exit_code)
    if result.failure is not None:
        if as_json:
            ctx.exit(result.failure.exit_code)
        raise result.failure
