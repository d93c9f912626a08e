"""What is wrong, doubtful or without effect in a configuration, for `ccw config validate`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ccw.config.fallback_checks import cycle_through, fallback_problems
from ccw.config.findings import Finding, Report, in_order
from ccw.config.layers import NOTHING, laid_over, load_user
from ccw.config.lookup import closest
from ccw.config.models import CustomEndpoint, LiteLLMApiConfig, ProviderCredential, Value, by_id
from ccw.config.places import config_path, is_there, user_config_path
from ccw.config.pool_checks import pool_members, pool_remarks
from ccw.config.provider_types import KNOWN_TYPES, provider_type
from ccw.config.reference_checks import is_fillable, reference_remarks
from ccw.config.references import project_environ
from ccw.config.resolve import resolve_provider
from ccw.config.selection import with_implicit
from ccw.config.steering import param_problem
from ccw.config.store import CHECK_AGAIN, load_file
from ccw.errors import CcwError, ConfigFileError

NeverMarked = Callable[[str], bool]


def check(
    project: Path, environ: Mapping[str, str], never_marked: NeverMarked | None = None
) -> tuple[Report, ...]:
    """Read the config files and `.env`; return what there is to say of the project's file first.

    A second report is that of the user's own file, where there is one. `never_marked` tells of a
    provider type whether cache marks are never sent to it.
    """
    own, user = config_path(project), user_config_path(environ)
    below = _readable(user)
    first = _report(own, below or NOTHING, project, environ, never_marked)
    reports = [first if below else first.without_missing()]  # an unread file may hold it
    if is_there(user):
        reports.append(_report(user, NOTHING, project, environ, never_marked))
    return tuple(reports)


def findings(
    config: LiteLLMApiConfig,
    environ: Mapping[str, str],
    never_marked: NeverMarked | None = None,
    below: LiteLLMApiConfig = NOTHING,
) -> tuple[Finding, ...]:
    """Return what there is to say about *config*, errors first; pure.

    *below* is what the user's own file has, which a project's may refer to.
    """
    whole = with_implicit(laid_over(config, below), environ)
    return in_order(
        [
            *_default(config, whole),
            *_unknown(config, ""),
            *(f for i, p in enumerate(config.providers) for f in _provider(p, i, environ)),
            *(_unsent_marks(config, never_marked) if never_marked else ()),
            *(f for i, e in enumerate(config.endpoints) for f in _endpoint(e, i, whole)),
            *_shadows(config, below),
        ]
    )


def _report(
    path: Path,
    below: LiteLLMApiConfig,
    project: Path,
    environ: Mapping[str, str],
    never_marked: NeverMarked | None,
) -> Report:
    try:
        config = load_file(path) or NOTHING
        found = findings(config, project_environ(project, environ), never_marked, below)
    except CcwError as error:
        found = (Finding("error", "", str(error).removesuffix(CHECK_AGAIN)),)
    return Report(path, found)


def _readable(path: Path) -> LiteLLMApiConfig | None:
    """Return what the file says; None for one that cannot be read: its own report tells why."""
    try:
        return load_user(path) or NOTHING
    except ConfigFileError:
        return None


def _default(config: LiteLLMApiConfig, whole: LiteLLMApiConfig) -> Iterator[Finding]:
    name = config.default_endpoint
    if name is None:
        return
    endpoint = by_id(whole.endpoints, name)
    if endpoint is None:
        message = f"Endpoint not found: {name}"
        yield Finding("error", "defaultEndpoint", message, is_missing=True)
    elif not endpoint.enabled or endpoint.purpose != "chat":
        yield Finding("error", "defaultEndpoint", f"{name} is disabled or not for chat")


def _unknown(value: Any, where: str) -> Iterator[Finding]:
    """Yield every key that the models do not know, with the known one it resembles."""
    if isinstance(value, Value):
        aliases = [field.alias or name for name, field in type(value).model_fields.items()]
        for key in value.model_extra or {}:
            if key != "$schema":
                message = f"unknown key, kept{_resembling(key, aliases)}"
                yield Finding("warning", f"{where}{key}", message)
        for name, field in type(value).model_fields.items():
            yield from _unknown(getattr(value, name), f"{where}{field.alias or name}.")
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _unknown(item, f"{where.removesuffix('.')}[{index}].")


def _resembling(key: str, known: list[str]) -> str:
    near = closest(key, known)
    return f"; did you mean {near}?" if near else ""


def _provider(
    provider: ProviderCredential, index: int, environ: Mapping[str, str]
) -> Iterator[Finding]:
    where = f"providers[{index}]"
    if provider.type not in KNOWN_TYPES:
        message = f"{provider.type} is taken as litellm's provider of that name"
        yield Finding("warning", f"{where}.type", message)
    for level, field, message in reference_remarks(provider, environ):
        yield Finding(level, f"{where}.{field}", message)
    for field, message in pool_remarks(provider):
        yield Finding("warning", f"{where}.{field}", message)
    if provider.enabled and is_fillable(provider, environ):
        found = (f for p in pool_members(provider) for f in _unresolvable(p, where, environ))
        yield from dict.fromkeys(found)


def _unresolvable(
    provider: ProviderCredential, where: str, environ: Mapping[str, str]
) -> Iterator[Finding]:
    try:
        resolve_provider(provider, environ)
    except CcwError as error:
        yield Finding("warning", where, str(error))


def _unsent_marks(config: LiteLLMApiConfig, never_marked: NeverMarked) -> Iterator[Finding]:
    for index, provider in enumerate(config.providers):
        if provider.advanced_settings.cache_marks and never_marked(provider.type):
            field = f"providers[{index}].advancedSettings.cacheMarks"
            message = f"has no effect: marks are never sent to providers of type {provider.type}"
            yield Finding("warning", field, message)


def _endpoint(endpoint: CustomEndpoint, index: int, whole: LiteLLMApiConfig) -> Iterator[Finding]:
    where = f"endpoints[{index}]"
    provider = by_id(whole.providers, endpoint.provider_id)
    if provider is None:
        message = f"Provider not found: {endpoint.provider_id}"
        yield Finding("error", f"{where}.providerId", message, is_missing=True)
    else:
        yield from _unusable(endpoint, provider, where)
    for name, value in endpoint.params.items():
        refused = param_problem(name, value)
        if refused is not None:
            yield Finding("error", f"{where}.params.{name}", refused)
    for position, problem in fallback_problems(endpoint, whole):
        is_missing = by_id(whole.endpoints, endpoint.fallbacks[position]) is None
        field = f"{where}.fallbacks[{position}]"
        yield Finding("warning", field, problem, is_missing=is_missing)
    back = cycle_through(endpoint, whole)
    if back is not None:
        message = f"{back} leads back to {endpoint.id}; only the list of the one asked for is used"
        yield Finding("information", f"{where}.fallbacks", message)


def _unusable(
    endpoint: CustomEndpoint, provider: ProviderCredential, where: str
) -> Iterator[Finding]:
    if endpoint.enabled and not provider.enabled:
        message = f"provider {provider.id} is disabled, so {endpoint.id} cannot be used"
        yield Finding("warning", f"{where}.providerId", message)
    models = provider_type(provider.type).models
    if models and not provider.api_base and endpoint.model not in models:
        message = f"Model not found: {endpoint.model}; there is only {', '.join(models)}"
        yield Finding("warning", f"{where}.model", message)


def _shadows(config: LiteLLMApiConfig, below: LiteLLMApiConfig) -> Iterator[Finding]:
    for kind in ("providers", "endpoints"):
        ids = {item.id for item in getattr(below, kind)}
        for index, item in enumerate(getattr(config, kind)):
            if item.id in ids:
                message = f"{item.id} takes the place of the user's own"
                yield Finding("information", f"{kind}[{index}].id", message)
