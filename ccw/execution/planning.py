"""What a prompt would send: endpoint, packed files, messages; nothing is called here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ccw.config.layers import seen_in
from ccw.config.models import CacheStrategy, GlobalCacheSettings, LiteLLMApiConfig
from ccw.config.places import ccw_home, home_folder
from ccw.context.files.find import DEFAULT_MAX_FILE_SIZE, Scope, Skipped
from ccw.context.pack.render import quote_path
from ccw.context.patterns import Scan
from ccw.context.session import PackedContext, PackRequest, pack_context
from ccw.context_cache import open_cache
from ccw.errors import CcwError
from ccw.execution.caching import caching_of, prefix_key
from ccw.execution.chain import Chain, chain_of
from ccw.execution.keys import UNRESOLVED, FirstKey, first_key
from ccw.execution.question import ONLY_FILES, only_names_files, read_prompt, system_message
from ccw.execution.targets import Target as Target
from ccw.execution.targets import find_target as find_target
from ccw.execution.targets import with_params
from ccw.llm.marks import NOTHING, Caching
from ccw.llm.messages import build_messages

if TYPE_CHECKING:
    from ccw.context.cache.store import ContextCache
    from ccw.execution.options import LiteLLMExecutionOptions

CONTEXT_TEXT_NAME = "<stdin>"
ALONE = Chain()
NO_KEY = FirstKey()
NO_FILES = PackedContext(b"")
SAFE_BYTES_PER_TOKEN = 2.5  # of code: a window times this leaves room for prompt and answer


@dataclass(frozen=True, slots=True)
class Aim:
    """What is asked of whom: known before any key is resolved and any file is read."""

    found: Scan
    config: LiteLLMApiConfig
    target: Target
    chain: Chain


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a call sends but the key.

    `first_difference` is the first byte of the context that the request before had otherwise,
    None when that is not known; token counts are kept in `counts_folder`, if there is one.
    `prefix_key` is what calls about the same files share, None without the cache. `key` is what
    the provider is asked with where it has a pool; where there `has_choice` it may be another one,
    or another endpoint of the `chain`.
    """

    target: Target
    prompt: str
    system: str | None
    packed: PackedContext | None
    notes: tuple[str, ...] = ()
    counts_folder: Path | None = None
    first_difference: int | None = None
    caching: Caching = NOTHING
    prefix_key: str | None = None
    key: FirstKey = NO_KEY
    chain: Chain = ALONE

    @property
    def has_choice(self) -> bool:
        """Whether there are several keys or endpoints, or limits to keep."""
        return self.chain.has_choice(self.target)

    @property
    def context(self) -> str | None:
        """The packed files as text, None when there are none."""
        return self.packed.content.decode("utf-8") if self.packed else None

    def messages(self) -> list[dict[str, Any]]:
        """The messages of the call, in OpenAI's form."""
        return build_messages(self.context, self.prompt, self.system, self.caching)

    def skipped_files(self) -> tuple[dict[str, str], ...]:
        """The files that were left out, each with its path and the reason."""
        skipped = self.packed.skipped if self.packed else ()
        return tuple({"path": item.path, "reason": item.reason} for item in skipped)

    def size(self) -> int:
        """The bytes of all texts that are sent."""
        packed = len(self.packed.content) if self.packed else 0
        return packed + len(self.prompt.encode()) + len((self.system or "").encode())


def aim_of(options: LiteLLMExecutionOptions, environ: Mapping[str, str]) -> Aim:
    """Return what *options* ask of whom, by the prompt and the configuration alone."""
    found = read_prompt(options)
    project = project_of(options)
    config = seen_in(project, environ).config
    own = find_target(config, options.endpoint_id, environ, options.model, project=project)
    target = with_params(own, options.params)
    return Aim(found, config, target, chain_of(config, target, options.fallbacks, environ))


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
    aim = aim or aim_of(options, environ)
    found, target, chain = aim.found, aim.target, aim.chain
    project = project_of(options)
    key = _first_key(target, chain, environ) if call else NO_KEY
    settings = aim.config.global_cache_settings
    use_cache = _uses_cache(options, target, settings)
    packed = NO_FILES
    if found.patterns or options.context_text is not None:
        cache = open_cache(project, settings, environ) if use_cache else None
        packed = _packed(options, found, target, cache, environ, now, keep=call)
    notes = _notes(found, packed, with_text=bool(options.context_text))
    held = packed if packed.content else None
    plan = Plan(
        target,
        found.text,
        system_message(options),
        held,
        (*key.notes, *chain.notes, *notes),
        key=key,
        chain=chain,
    )
    prefix = prefix_key(project, options.cwd, found.patterns)
    return _with_cache(plan, prefix, ccw_home(environ)) if use_cache else plan


def project_of(options: LiteLLMExecutionOptions) -> Path:
    """Return the project folder of *options* as an absolute path."""
    return Path(options.base_dir).absolute()


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


def _with_cache(plan: Plan, key: str, counts_folder: Path) -> Plan:
    target, packed = plan.target, plan.packed
    return replace(
        plan,
        counts_folder=counts_folder,
        first_difference=packed.first_difference if packed else None,
        caching=caching_of(target.provider, target.endpoint, target.model, packed, key),
        prefix_key=key,
    )


def _uses_cache(
    options: LiteLLMExecutionOptions, target: Target, settings: GlobalCacheSettings
) -> bool:
    enabled = target.endpoint.cache_strategy.enabled and settings.enabled
    return enabled and options.enable_cache is not False


def _packed(
    options: LiteLLMExecutionOptions,
    found: Scan,
    target: Target,
    cache: ContextCache | None,
    environ: Mapping[str, str],
    now: float,
    *,
    keep: bool,
) -> PackedContext:
    """Return the files of a prompt as one text."""
    strategy = target.endpoint.cache_strategy
    request = _pack_request(options, found, strategy, environ, bounded=cache is not None)
    if target.facts.context_window:
        room = int(target.facts.context_window * SAFE_BYTES_PER_TOKEN)
        request = replace(request, room_bytes=room)
    try:
        return pack_context(request, cache, now=now, keep=keep)
    finally:
        if cache is not None:
            cache.close()


def _notes(found: Scan, packed: PackedContext, *, with_text: bool) -> tuple[str, ...]:
    """Return what there is to say about the prompt's patterns and their files."""
    only_files = (ONLY_FILES,) if only_names_files(found) and not with_text else ()
    missing = (f"{token} matched nothing" for token in packed.failed)
    left_out = map(_left_out, packed.skipped)
    return (*only_files, *found.notes, *packed.notes, *missing, *packed.warnings, *left_out)


def _pack_request(
    options: LiteLLMExecutionOptions,
    found: Scan,
    strategy: CacheStrategy,
    environ: Mapping[str, str],
    *,
    bounded: bool,
) -> PackRequest:
    """*bounded*: the strategy's size holds; without the cache only the model's window does."""
    max_kb = options.max_size_kb or (strategy.max_size_kb if bounded else None)
    return PackRequest(
        scope=_scope(options, environ),
        patterns=found.patterns,
        text=options.context_text,
        text_name=CONTEXT_TEXT_NAME,
        file_patterns=strategy.file_patterns,
        layout=strategy.layout,
        max_bytes=None if max_kb is None else int(max_kb * 1024),
        over="drop" if options.over == "drop" else "fail",
        ttl_minutes=strategy.ttl_minutes,
    )


def _scope(options: LiteLLMExecutionOptions, environ: Mapping[str, str]) -> Scope:
    project = project_of(options)
    cwd = project if options.cwd is None else Path(options.cwd).absolute()
    return Scope(
        project=project,
        cwd=cwd,
        include_dirs=tuple(cwd / folder for folder in options.include_dirs),
        home=home_folder(environ),
        max_file_size=options.max_file_size or DEFAULT_MAX_FILE_SIZE,
        allow_missing=options.allow_missing,
        allow_secrets=options.allow_secrets,
    )


def _left_out(skipped: Skipped) -> str:
    return f"left out: {quote_path(skipped.path)}: {skipped.reason}"
