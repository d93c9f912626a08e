"""A LiteLLM proxy's `config.yaml` as a plan, and the plan put into a configuration."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ccw.config.edit import add_endpoint, add_provider, set_default_endpoint
from ccw.config.lookup import ALONE, Other
from ccw.config.models import CustomEndpoint, LiteLLMApiConfig, ProviderCredential, by_id
from ccw.config.views import plain
from ccw.errors import AlreadyExists, ImportRefused
from ccw.exports.clean import without_stamps
from ccw.exports.proxy_drafts import Drafted, drafted
from ccw.exports.proxy_fallbacks import Fallbacks
from ccw.exports.proxy_file import ProxyFile, parse_proxy
from ccw.exports.proxy_models import ProviderOf
from ccw.exports.proxy_own import own_part
from ccw.exports.proxy_providers import free_id
from ccw.exports.proxy_values import Values, variables_of
from ccw.exports.yaml_file import read_yaml

_STAMPS = ("createdAt", "updatedAt")


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What a file configures; ids in `named` are its own and not to be changed."""

    providers: tuple[ProviderCredential, ...]
    endpoints: tuple[CustomEndpoint, ...]
    default_endpoint: str | None = None
    named: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """A provider or endpoint of a plan, as it is in the configuration; old ones were there."""

    item: ProviderCredential | CustomEndpoint
    is_new: bool


@dataclass(frozen=True, slots=True)
class Merged:
    """What has come of a plan, with what could not be put in."""

    imported: tuple[Imported, ...]
    notes: tuple[str, ...] = ()


def read_litellm(path: Path, only: str | None, provider_of: ProviderOf) -> ImportPlan:
    """Return what the proxy's configuration at *path* comes to; nothing is changed.

    *only*, a regular expression, takes some of its models; *provider_of* knows whose a bare model
    id is. ImportRefused tells file and line of what is wrong.
    """
    return plan_import(parse_proxy(read_yaml(path), only), provider_of, whole=only is None)


def plan_import(proxy: ProxyFile, provider_of: ProviderOf, *, whole: bool = True) -> ImportPlan:
    """Return the providers and endpoints of *proxy*; not *whole*: of its entries alone."""
    own = own_part(proxy, whole=whole)
    kept = {endpoint.id for endpoint in own.endpoints}
    values = Values(proxy.file, variables_of(proxy.entries))
    generic = [entry for entry in proxy.entries if entry.name not in kept]
    made = drafted(proxy, generic, values, provider_of)
    made = _apart(made, {provider.id for provider in own.providers})
    fallbacks = Fallbacks(proxy, made.ids, kept)
    endpoints = tuple(map(fallbacks.applied, (*own.endpoints, *made.endpoints)))
    edited = (f"{name}: its entry was edited, so it is read anew" for name in sorted(own.edited))
    return ImportPlan(
        (*own.providers, *made.providers),
        endpoints,
        own.default_endpoint,
        frozenset(provider.id for provider in own.providers),
        (*proxy.notes, *own.notes, *values.notes, *made.notes, *edited, *fallbacks.notes),
    )


def refuse_commands(plan: ImportPlan) -> None:
    """Raise ImportRefused where *plan* would run commands or read files to get at a key."""
    for provider in plan.providers:
        text = json.dumps(plain(provider), ensure_ascii=False)
        found = next((kind for kind in ("${cmd:", "${file:") if kind in text), None)
        if found:
            raise ImportRefused(
                f"provider {provider.id} refers to {found}…}}, which your own configuration takes "
                "from nobody; import it into a project, where ccw asks before it is used"
            )


def merge_plan(
    config: LiteLLMApiConfig, plan: ImportPlan, now: datetime, other: Other = ALONE
) -> tuple[LiteLLMApiConfig, Merged]:
    """Return *config* with *plan* in it, and what was new; *other* is the file beside it.

    What is there with the same settings stays as it is; AlreadyExists names all that is there
    with other ones.
    """
    changed, renamed, imported = _with_providers(config, plan, now)
    clashes, notes = [*_clashing_providers(config, plan)], list[str]()
    known = {endpoint.id for endpoint in (*config.endpoints, *plan.endpoints)}
    for endpoint in plan.endpoints:
        moved = _moved(_pruned(endpoint, known, notes), renamed)
        there = by_id(config.endpoints, endpoint.id)
        if there is None:
            changed, added = add_endpoint(changed, without_stamps(moved), now, other)
            imported.append(Imported(added, is_new=True))
        elif _content(there) == _content(moved):
            imported.append(Imported(there, is_new=False))
        else:
            clashes.append(f"Endpoint ID already exists: {endpoint.id}")
    _refuse(clashes)
    merged = Merged(tuple(imported), tuple(notes))
    if not any(one.is_new for one in imported):
        return config, merged
    return _with_default(changed, config, plan), merged


def _refuse(clashes: Sequence[str]) -> None:
    if clashes:
        raise AlreadyExists(
            f"{'; '.join(clashes)} (with other settings); nothing was imported; take some models "
            "with --only REGEX, or remove what is there first"
        )


def _pruned(endpoint: CustomEndpoint, known: set[str], notes: list[str]) -> CustomEndpoint:
    """Return *endpoint* without fallbacks that nobody knows."""
    missing = [name for name in endpoint.fallbacks if name not in known]
    if not missing:
        return endpoint
    notes.append(f"{endpoint.id}: its fallbacks {', '.join(missing)} are not imported")
    kept = tuple(name for name in endpoint.fallbacks if name in known)
    return endpoint.model_copy(update={"fallbacks": kept})


def _apart(made: Drafted, taken: set[str]) -> Drafted:
    """Return *made* with no provider id that is *taken*."""
    renamed: dict[str, str] = {}
    for provider in made.providers:
        renamed[provider.id] = free_id(provider.id, taken | set(renamed.values()))
    if all(old == new for old, new in renamed.items()):
        return made
    providers = [p.model_copy(update={"id": renamed[p.id]}) for p in made.providers]
    endpoints = [_moved(endpoint, renamed) for endpoint in made.endpoints]
    return replace(made, providers=providers, endpoints=endpoints)


def _clashing_providers(config: LiteLLMApiConfig, plan: ImportPlan) -> Iterable[str]:
    for provider in plan.providers:
        there = by_id(config.providers, provider.id)
        if provider.id in plan.named and there and _content(there) != _content(provider):
            yield f"Provider ID already exists: {provider.id}"


def _with_providers(
    config: LiteLLMApiConfig, plan: ImportPlan, now: datetime
) -> tuple[LiteLLMApiConfig, dict[str, str], list[Imported]]:
    """Return *config* with the providers, and by which id each goes there."""
    changed, renamed, imported = config, dict[str, str](), list[Imported]()
    for provider in plan.providers:
        same = _same_provider(config, provider, is_named=provider.id in plan.named)
        if same is not None:
            imported.append(Imported(same, is_new=False))
            renamed[provider.id] = same.id
            continue
        new_id = free_id(provider.id, {p.id for p in changed.providers})
        data = {**without_stamps(provider), "id": new_id}
        changed, added = add_provider(changed, data, now)
        imported.append(Imported(added, is_new=True))
        renamed[provider.id] = added.id
    return changed, renamed, imported


def _same_provider(
    config: LiteLLMApiConfig, provider: ProviderCredential, *, is_named: bool
) -> ProviderCredential | None:
    if is_named:
        return by_id(config.providers, provider.id)
    free = ("id", "name")  # nobody has chosen them
    wanted = _content(provider, free)
    return next((p for p in config.providers if _content(p, free) == wanted), None)


def _with_default(
    changed: LiteLLMApiConfig, before: LiteLLMApiConfig, plan: ImportPlan
) -> LiteLLMApiConfig:
    endpoint = by_id(changed.endpoints, plan.default_endpoint)
    if before.default_endpoint or endpoint is None:
        return changed
    usable = endpoint.enabled and endpoint.purpose == "chat"
    return set_default_endpoint(changed, endpoint.id) if usable else changed


def _moved(endpoint: CustomEndpoint, renamed: Mapping[str, str]) -> CustomEndpoint:
    provider_id = renamed.get(endpoint.provider_id, endpoint.provider_id)
    if provider_id == endpoint.provider_id:
        return endpoint
    return endpoint.model_copy(update={"provider_id": provider_id})


def _content(
    value: ProviderCredential | CustomEndpoint, apart_from: Iterable[str] = ()
) -> dict[str, Any]:
    left_out = {*_STAMPS, *apart_from}
    return {name: item for name, item in plain(value).items() if name not in left_out}
