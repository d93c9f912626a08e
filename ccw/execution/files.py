"""The files that a prompt names, packed for its endpoint, and what there is to say about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ccw.config.places import home_folder
from ccw.config.references import substitute
from ccw.context.files.find import DEFAULT_MAX_FILE_SIZE, Scope, Skipped
from ccw.context.pack.render import quote_path
from ccw.context.session import PackedContext, PackRequest, pack_context
from ccw.context.session import tell_sent as tell_cache
from ccw.context_cache import open_cache
from ccw.execution.caching import minimum_of, seconds_kept
from ccw.execution.plan import Aim
from ccw.execution.question import ONLY_FILES, only_names_files

if TYPE_CHECKING:
    from ccw.context.cache.store import ContextCache
    from ccw.execution.options import LiteLLMExecutionOptions
    from ccw.execution.plan import Plan
    from ccw.execution.targets import Target

CONTEXT_TEXT_NAME = "<stdin>"
NONE = PackedContext(b"")
NOTING_SECONDS = 0.5  # waited for another process's transaction while an answer is kept back
SAFE_BYTES_PER_TOKEN = 2.5  # of code: a window times this leaves room for prompt and answer
FEW_BYTES_PER_TOKEN = 2  # of dense text, though not of tables of digits: likely below a minimum


def cache_of(
    options: LiteLLMExecutionOptions, aim: Aim, environ: Mapping[str, str]
) -> ContextCache | None:
    """Return the context cache for the files of a prompt, None for a prompt that names none."""
    if not _names_files(options, aim):
        return None
    return open_cache(aim.project, aim.config.global_cache_settings, environ)


def pack_files(
    options: LiteLLMExecutionOptions,
    aim: Aim,
    environ: Mapping[str, str],
    now: float,
    cache: ContextCache | None,
    *,
    bounded: bool,
    keep: bool,
) -> PackedContext:
    """Return the files of a prompt as one text, empty for a prompt that names none.

    *bounded*: the strategy's size holds; without the cache only the model's window does. Without
    *keep* the context cache is looked at and stays as it is.
    """
    if aim.found.unclosed:
        from ccw.context.files.slips import check_unclosed

        check_unclosed(aim.found.unclosed, _scope(options, aim.project, environ))
    if not _names_files(options, aim):
        return NONE
    try:
        request = _pack_request(options, aim, environ, bounded=bounded)
        return pack_context(request, cache, now=now, keep=keep)
    finally:
        if cache is not None:
            cache.close()


def tell_sent(plan: Plan, now: float) -> tuple[str, ...]:
    """Tell the context cache that the files of *plan* were sent *now*: an answer came.

    Returns why that was not possible, if it was not and nothing has told so yet.
    """
    cache = plan.context_cache
    if plan.packed is None or cache is None:
        return ()
    known = len(cache.warnings)
    cache.patience = NOTING_SECONDS
    try:
        tell_cache(cache, plan.packed, now)
    finally:
        cache.close()
    return tuple(cache.warnings[known:])


def notes_about(
    options: LiteLLMExecutionOptions, aim: Aim, packed: PackedContext
) -> tuple[str, ...]:
    """Return what there is to say about the prompt's patterns and their files."""
    names_only = not options.context_text and only_names_files(aim.found)
    only_files = (ONLY_FILES,) if names_only else ()
    missing = (f"{token} matched nothing" for token in packed.failed)
    left_out = map(_left_out, packed.skipped)
    slips = (*aim.found.notes, *_likely_files(options, aim))
    return (*only_files, *slips, *packed.notes, *missing, *packed.warnings, *left_out)


def _likely_files(options: LiteLLMExecutionOptions, aim: Aim) -> Iterable[str]:
    if not aim.found.likely:
        return ()
    from ccw.context.files.slips import notes_of_likely

    return notes_of_likely(aim.found.likely, _cwd(options, aim.project))


def _pack_request(
    options: LiteLLMExecutionOptions, aim: Aim, environ: Mapping[str, str], *, bounded: bool
) -> PackRequest:
    strategy = aim.target.endpoint.cache_strategy
    max_kb = options.max_size_kb or (strategy.max_size_kb if bounded else None)
    return PackRequest(
        scope=_scope(options, aim.project, environ),
        patterns=aim.found.patterns,
        text=options.context_text,
        text_name=CONTEXT_TEXT_NAME,
        file_patterns=strategy.file_patterns,
        layout=strategy.layout,
        max_bytes=None if max_kb is None else int(max_kb * 1024),
        over="drop" if options.over == "drop" else "fail",
        ttl_minutes=strategy.ttl_minutes,
        provider_seconds=seconds_kept(aim.target),
        room_bytes=room_of(aim.target),
        receiver=receiver_of(aim.target, environ),
        least_marked=(minimum_of(aim.target) or 0) * FEW_BYTES_PER_TOKEN,
    )


def room_of(target: Target) -> int | None:
    """Return the bytes of files that certainly fit the window of *target*, if that is known."""
    window = target.facts.context_window
    return int(window * SAFE_BYTES_PER_TOKEN) if window else None


def receiver_of(target: Target, environ: Mapping[str, str]) -> str:
    """Return what stands for whom *target* sends to: its provider, its address, its model."""
    provider = target.provider
    address = substitute(provider.api_base or "", environ)
    return "\0".join((provider.id, provider.type, address, target.model))


def _names_files(options: LiteLLMExecutionOptions, aim: Aim) -> bool:
    return bool(aim.found.patterns) or options.context_text is not None


def _scope(options: LiteLLMExecutionOptions, project: Path, environ: Mapping[str, str]) -> Scope:
    cwd = _cwd(options, project)
    return Scope(
        project=project,
        cwd=cwd,
        include_dirs=tuple(cwd / folder for folder in options.include_dirs),
        home=home_folder(environ),
        max_file_size=options.max_file_size or DEFAULT_MAX_FILE_SIZE,
        allow_missing=options.allow_missing,
        allow_secrets=options.allow_secrets,
        outputs=options.outputs,
    )


def _cwd(options: LiteLLMExecutionOptions, project: Path) -> Path:
    return project if options.cwd is None else Path(options.cwd).absolute()


def _left_out(skipped: Skipped) -> str:
    return f"left out: {quote_path(skipped.path)}: {skipped.reason}"
