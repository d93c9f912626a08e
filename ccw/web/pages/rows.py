"""Providers and endpoints as their pages show them: with their tag, their file, their state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ccw.config.layers import Effective
from ccw.config.models import CustomEndpoint, LiteLLMApiConfig, ProviderCredential, by_id
from ccw.config.provider_types import provider_type
from ccw.config.selection import with_implicit
from ccw.config.state import State, with_state
from ccw.config.views import masked
from ccw.web.etags import etag
from ccw.web.pages.keys import KeyView, key_view
from ccw.web.pages.kinds import FAILURES, NoBase, label_of, no_base

Origin = Literal["project", "user", "environment"]


@dataclass(frozen=True, slots=True)
class TestView:
    """What the last test of a provider told; `when` is ISO 8601 in UTC."""

    ok: bool
    when: str
    says: str


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One provider; `endpoints` are those that go with it when it is removed.

    `used_by` are others that fall back to those; `default_moves` says what becomes of the default.
    """

    id: str
    name: str
    label: str
    base: str
    base_is_default: bool
    no_base: NoBase | None
    enabled: bool
    origin: Origin
    etag: str
    key: KeyView
    test: TestView | None
    endpoints: tuple[str, ...]
    used_by: tuple[str, ...] = ()
    default_moves: str = ""

    @property
    def query(self) -> str:
        """What a change of it adds to the address: which file it goes to."""
        return "?user=true" if self.origin == "user" else ""


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """One endpoint; `used_by` are those that fall back to it.

    `default_moves` says what becomes of the default when it is removed, `missing` are those of its
    fallbacks that there are none of.
    """

    shown: Mapping[str, Any]
    provider: str
    provider_usable: bool
    is_default: bool
    origin: Origin
    etag: str
    used_by: tuple[str, ...]
    default_moves: str = ""
    missing: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """What a change of it adds to the address: which file it goes to."""
        return "?user=true" if self.origin == "user" else ""


def provider_rows(
    found: Effective, state: State, environ: Mapping[str, str]
) -> tuple[ProviderRow, ...]:
    """Return the providers that hold in a project; *environ* tells which keys are set."""
    config = with_implicit(found.config, environ)
    return tuple(_provider_row(provider, found, state, environ) for provider in config.providers)


def endpoint_rows(
    found: Effective, providers: Iterable[ProviderCredential]
) -> tuple[EndpointRow, ...]:
    """Return the endpoints that hold in a project, of *providers* and of such as are gone."""
    known = {provider.id: provider for provider in providers}
    return tuple(_endpoint_row(endpoint, found, known) for endpoint in found.config.endpoints)


def shown_path(path: Path, project: Path) -> str:
    """Return *path* as a page names it: below the project without the way there."""
    return str(path.relative_to(project)) if path.is_relative_to(project) else str(path)


def _provider_row(
    provider: ProviderCredential, found: Effective, state: State, environ: Mapping[str, str]
) -> ProviderRow:
    shown = masked(provider)
    base = shown["apiBase"] or provider_type(provider.type).default_base or ""
    gone = tuple(e.id for e in _file_of(found, provider).endpoints if e.provider_id == provider.id)
    return ProviderRow(
        id=provider.id,
        name=provider.name,
        label=label_of(provider.type),
        base=base,
        no_base=None if base else no_base(provider.type),
        base_is_default=not shown["apiBase"],
        enabled=provider.enabled,
        origin=_origin(found, "providers", provider.id),
        etag=etag(shown),
        key=key_view(provider, environ),
        test=_test(with_state(shown, state.providers.get(provider.id))),
        endpoints=gone,
        used_by=_used_by(found.config, gone),
        default_moves=_default_moves(found.config, gone),
    )


def _endpoint_row(
    endpoint: CustomEndpoint, found: Effective, providers: Mapping[str, ProviderCredential]
) -> EndpointRow:
    shown = masked(endpoint)
    provider = providers.get(endpoint.provider_id)
    return EndpointRow(
        shown=shown,
        provider=provider.name if provider else endpoint.provider_id,
        provider_usable=provider is not None and provider.enabled,
        is_default=endpoint.id == found.config.default_endpoint,
        origin=_origin(found, "endpoints", endpoint.id),
        etag=etag(shown),
        used_by=_used_by(found.config, (endpoint.id,)),
        default_moves=_default_moves(found.config, (endpoint.id,)),
        missing=tuple(i for i in endpoint.fallbacks if not by_id(found.config.endpoints, i)),
    )


def _used_by(config: LiteLLMApiConfig, gone: tuple[str, ...]) -> tuple[str, ...]:
    """Return what stays and falls back to one of *gone*."""
    staying = (e for e in config.endpoints if e.id not in gone)
    return tuple(e.id for e in staying if set(gone) & set(e.fallbacks))


def _default_moves(config: LiteLLMApiConfig, gone: tuple[str, ...]) -> str:
    """Say what becomes of the default endpoint without *gone*, "" where it stays."""
    if config.default_endpoint not in gone:
        return ""
    staying = (e for e in config.endpoints if e.id not in gone)
    if any(e.enabled and e.purpose == "chat" for e in staying):
        return "the default moves to the next enabled chat endpoint"
    return "no default endpoint is left"


def _test(shown: Mapping[str, Any]) -> TestView | None:
    seen = shown.get("lastTest")
    if seen is None:
        return None
    if seen["ok"]:
        took = seen["latencyMs"]
        says = "answers" if took is None else f"answers in {took:.0f} ms"
        return TestView(True, shown["lastValidated"], says)
    return TestView(False, shown["lastValidated"], FAILURES.get(seen["error"], "failed"))


def _origin(found: Effective, kind: str, item_id: str) -> Origin:
    if by_id(getattr(found.project, kind), item_id):
        return "project"
    return "user" if by_id(getattr(found.user, kind), item_id) else "environment"


def _file_of(found: Effective, provider: ProviderCredential) -> LiteLLMApiConfig:
    origin = _origin(found, "providers", provider.id)
    return found.user if origin == "user" else found.project
