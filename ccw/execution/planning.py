"""What a prompt would send: endpoint, packed files, messages; nothing is called here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ccw.config.kept import seen_in
from ccw.config.layers import Effective
from ccw.config.places import ccw_home
from ccw.config.selection import makes_implicit, select_endpoint
from ccw.errors import CcwError, UsageError
from ccw.execution.caching import caching_of, prefix_key, shortened
from ccw.execution.chain import Chain, chain_of
from ccw.execution.files import cache_of, notes_about, pack_files
from ccw.execution.keys import UNRESOLVED, FirstKey, first_key
from ccw.execution.plan import NO_KEY
from ccw.execution.plan import Aim as Aim
from ccw.execution.plan import Plan as Plan
from ccw.execution.question import read_prompt, system_message
from ccw.execution.targets import Target as Target
from ccw.execution.targets import find_target as find_target
from ccw.execution.targets import target_of, with_list, with_params
from ccw.llm.data import provider_names

if TYPE_CHECKING:
    from ccw.execution.options import LiteLLMExecutionOptions


def project_of(options: LiteLLMExecutionOptions) -> Path:
    """Return the project folder of *options* as an absolute path."""
    folder = options.base_dir
    if isinstance(folder, Path) and folder.is_absolute():
        return folder  # one that has its text already
    return Path(folder).absolute()


def aim_of(
    options: LiteLLMExecutionOptions, environ: Mapping[str, str], now: float | None = None
) -> Aim:
    """Return what *options* ask of whom, by the prompt and the configuration alone.

    With *now*, seconds since 1970, the configuration is read only where it may have changed.
    """
    found = read_prompt(options)
    project = project_of(options)
    if not project.is_dir():
        raise UsageError(f"no such folder: {project}; base_dir is that of the project")
    effective = seen_in(project, environ, now)
    config = effective.config
    own, chain = _asked(effective, options, environ)
    target = with_params(with_list(own, config, environ, project), options.params)
    return Aim(project, found, config, target, chain)


def make_plan(
    options: LiteLLMExecutionOptions,
    environ: Mapping[str, str],
    now: float,
    *,
    aim: Aim | None = None,
    call: bool = True,
) -> Plan:
    """Return what *options* would send; *now* in seconds since 1970, *aim* what is known already.

    Without *call* (a preview) a key may be missing, and the context cache stays as it is. What
    costs least is checked first: the prompt, the endpoint, its key; files are read last.
    """
    aim = aim or aim_of(options, environ, now)
    key = _first_key(aim.target, aim.chain, environ) if call else NO_KEY
    use_cache = _uses_cache(options, aim)
    cache = cache_of(options, aim, environ) if use_cache else None
    packed = pack_files(options, aim, environ, now, cache, bounded=use_cache, keep=call)
    plan = Plan(
        aim.target,
        aim.found.text,
        system_message(options),
        packed if packed.content else None,
        (*key.notes, *aim.chain.notes, *notes_about(options, aim, packed)),
        key=key,
        chain=aim.chain,
        context_cache=cache,
        counts_folder=ccw_home(environ) if use_cache else None,
    )
    if not use_cache or plan.packed is None:
        return plan
    return _with_cache(plan, prefix_key(aim.project, options.cwd, aim.found.patterns))


def _asked(
    effective: Effective, options: LiteLLMExecutionOptions, environ: Mapping[str, str]
) -> tuple[Target, Chain]:
    """Return whom *options* ask, by the configuration alone and thus found once for each."""

    def look() -> tuple[Target, Chain]:
        config, model = effective.config, options.model
        chosen = select_endpoint(config, options.endpoint_id, environ, model, provider_names)
        target = target_of(chosen)
        return target, chain_of(config, target, options.fallbacks, environ)

    if makes_implicit(environ):  # by variables, which are no part of the configuration
        return look()
    fallbacks = None if options.fallbacks is None else tuple(options.fallbacks)
    return effective.once(("asked", options.endpoint_id, options.model, fallbacks), look)


def _first_key(target: Target, chain: Chain, environ: Mapping[str, str]) -> FirstKey:
    """Return the key to begin with; without any it is the turn of the fallbacks, if there are."""
    try:
        return first_key(target.provider, environ)
    except UNRESOLVED as error:
        if not chain.fallbacks:
            raise
        obstacle: CcwError = error.with_traceback(None)
    note = f"endpoint {target.endpoint.id} is passed over: {obstacle}"
    return FirstKey(notes=(note,), obstacle=obstacle)


def _uses_cache(options: LiteLLMExecutionOptions, aim: Aim) -> bool:
    own, settings = aim.target.endpoint.cache_strategy, aim.config.global_cache_settings
    return own.enabled and settings.enabled and options.enable_cache is not False


def _with_cache(plan: Plan, key: str) -> Plan:
    asked = caching_of(plan.target, plan.packed, key)
    notes = (*plan.notes, *shortened(plan.target, asked))
    return replace(plan, notes=notes, caching=asked, prefix_key=key)
