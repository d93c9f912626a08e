"""What is wrong, doubtful or without effect in a configuration, for `ccw config validate`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ccw.config.models import CustomEndpoint, LiteLLMApiConfig, ProviderCredential, Value, by_id
from ccw.config.provider_types import KNOWN_TYPES
from ccw.config.reference_checks import is_fillable, reference_remarks
from ccw.config.references import project_environ
from ccw.config.resolve import resolve_provider
from ccw.config.selection import with_implicit
from ccw.config.store import config_path, load
from ccw.errors import CcwError

Level = Literal["error", "warning"]
_NO_EFFECT = "has no effect yet"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know; `field` is a path in the file such as `providers[0].apiKey`, or ""."""

    level: Level
    field: str
    message: str

    @property
    def text(self) -> str:
        """The finding as one line."""
        return f"{self.field}: {self.message}" if self.field else self.message


@dataclass(frozen=True, slots=True)
class Report:
    """All findings about one file, errors first."""

    path: Path
    findings: tuple[Finding, ...]

    @property
    def is_valid(self) -> bool:
        """Whether there is no error; warnings do not count."""
        return all(finding.level != "error" for finding in self.findings)

    @property
    def summary(self) -> str:
        """How many errors and warnings there are, in a few words."""
        errors = sum(finding.level == "error" for finding in self.findings)
        warnings = len(self.findings) - errors
        return f"{errors} error(s), {warnings} warning(s)" if self.findings else "valid"

    def as_json(self) -> dict[str, Any]:
        """Return the report in camelCase."""
        items = [{"field": f.field, "message": f.message, "level": f.level} for f in self.findings]
        return {
            "path": str(self.path),
            "valid": self.is_valid,
            "errors": [item for item in items if item["level"] == "error"],
            "warnings": [item for item in items if item["level"] == "warning"],
        }


def check(
    project: Path, environ: Mapping[str, str], never_marked: Callable[[str], bool] | None = None
) -> Report:
    """Read the project's config file and `.env` and return what there is to say about them.

    `never_marked` tells of a provider type whether cache marks are never sent to it.
    """
    path = config_path(project)
    try:
        found = findings(load(project), project_environ(project, environ), never_marked)
    except CcwError as error:
        found = (Finding("error", "", str(error)),)
    return Report(path, found)


def findings(
    config: LiteLLMApiConfig,
    environ: Mapping[str, str],
    never_marked: Callable[[str], bool] | None = None,
) -> tuple[Finding, ...]:
    """Return what there is to say about *config*, errors first; pure.

    `never_marked` tells of a provider type whether cache marks are never sent to it.
    """
    found = [
        *_default(config),
        *_unknown(config, ""),
        *(f for i, p in enumerate(config.providers) for f in _provider(p, i, environ)),
        *(_unsent_marks(config, never_marked) if never_marked else ()),
        *(f for i, e in enumerate(config.endpoints) for f in _endpoint(e, i, config, environ)),
    ]
    return tuple(sorted(found, key=lambda finding: finding.level != "error"))


def _default(config: LiteLLMApiConfig) -> Iterator[Finding]:
    name = config.default_endpoint
    if name is None:
        return
    endpoint = by_id(config.endpoints, name)
    if endpoint is None:
        yield Finding("error", "defaultEndpoint", f"Endpoint not found: {name}")
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
    from difflib import get_close_matches

    close = get_close_matches(key, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _provider(
    provider: ProviderCredential, index: int, environ: Mapping[str, str]
) -> Iterator[Finding]:
    where = f"providers[{index}]"
    if provider.type not in KNOWN_TYPES:
        message = f"{provider.type} is taken as litellm's provider of that name"
        yield Finding("warning", f"{where}.type", message)
    for level, field, message in reference_remarks(provider, environ):
        yield Finding(level, f"{where}.{field}", message)
    yield from _waiting_provider(provider, where)
    if provider.enabled and is_fillable(provider, environ):
        yield from _unresolvable(provider, where, environ)


def _unresolvable(
    provider: ProviderCredential, where: str, environ: Mapping[str, str]
) -> Iterator[Finding]:
    try:
        resolve_provider(provider, environ)
    except CcwError as error:
        yield Finding("warning", where, str(error))


def _waiting_provider(provider: ProviderCredential, where: str) -> Iterator[Finding]:
    """Yield the settings that are kept but not used yet."""
    advanced = provider.advanced_settings
    waiting = {
        "apiKeys": provider.api_keys,
        "routingStrategy": provider.routing_strategy != "simple-shuffle",
        "advancedSettings.rpm": advanced.rpm,
        "advancedSettings.tpm": advanced.tpm,
    }
    yield from (
        Finding("warning", f"{where}.{n}", _NO_EFFECT) for n, is_set in waiting.items() if is_set
    )


def _unsent_marks(
    config: LiteLLMApiConfig, never_marked: Callable[[str], bool]
) -> Iterator[Finding]:
    for index, provider in enumerate(config.providers):
        if provider.advanced_settings.cache_marks and never_marked(provider.type):
            field = f"providers[{index}].advancedSettings.cacheMarks"
            message = f"has no effect: marks are never sent to providers of type {provider.type}"
            yield Finding("warning", field, message)


def _endpoint(
    endpoint: CustomEndpoint, index: int, config: LiteLLMApiConfig, environ: Mapping[str, str]
) -> Iterator[Finding]:
    where = f"endpoints[{index}]"
    providers = {p.id: p for p in with_implicit(config, environ).providers}
    provider = providers.get(endpoint.provider_id)
    if provider is None:
        message = f"Provider not found: {endpoint.provider_id}"
        yield Finding("error", f"{where}.providerId", message)
    elif endpoint.enabled and not provider.enabled:
        message = f"provider {provider.id} is disabled, so {endpoint.id} cannot be used"
        yield Finding("warning", f"{where}.providerId", message)
    known = {e.id for e in config.endpoints}
    for position, name in enumerate(endpoint.fallbacks):
        if name not in known:
            yield Finding(
                "warning", f"{where}.fallbacks[{position}]", f"Endpoint not found: {name}"
            )
    yield from _waiting_endpoint(endpoint, where)


def _waiting_endpoint(endpoint: CustomEndpoint, where: str) -> Iterator[Finding]:
    if endpoint.fallbacks:
        yield Finding("warning", f"{where}.fallbacks", _NO_EFFECT)
