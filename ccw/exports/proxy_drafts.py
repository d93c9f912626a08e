"""Entries of a proxy's `model_list` as providers and endpoints: equal settings are one provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ccw.config.models import CustomEndpoint, ProviderCredential
from ccw.config.provider_types import provider_type
from ccw.exports.deployments import PURPOSES
from ccw.exports.proxy_file import Entry, ProxyFile
from ccw.exports.proxy_models import ProviderOf, type_and_model, usual_variable
from ccw.exports.proxy_providers import Draft, Server, free_id, provider_of_drafts, valid, valid_id
from ccw.exports.proxy_values import Values
from ccw.exports.variables import variable_name

_PURPOSE_OF = {mode: purpose for purpose, mode in PURPOSES.items()}
_CHAT_MODES = (None, "chat", "completion", "responses")


@dataclass(slots=True)
class Drafted:
    """What generic entries come to; `ids` leads from a model_name to its endpoint's id.

    `taken` holds the ids of all endpoints.
    """

    providers: list[ProviderCredential] = field(default_factory=list)
    endpoints: list[CustomEndpoint] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def drafted(
    proxy: ProxyFile, entries: Sequence[Entry], values: Values, provider_of: ProviderOf
) -> Drafted:
    """Return the providers and endpoints of *entries*; ids are valid and none comes twice."""
    result = Drafted()
    groups: dict[str, list[Draft]] = {}
    for entry in entries:
        if entry.params.model.strip() == "*":
            result.notes.append(f"{entry.name}: a wildcard for all providers gives none")
            continue
        _group(groups, entry, _server(entry, proxy, values, provider_of), values)
    providers = _providers(groups, proxy, result)
    for name, drafts in groups.items():
        _add_endpoints(name, drafts, providers, proxy, values, result)
    return result


def _server(
    entry: Entry, proxy: ProxyFile, values: Values, provider_of: ProviderOf
) -> tuple[Server, str]:
    kind, model = type_and_model(entry, proxy.file, provider_of)
    params, settings = entry.params, proxy.settings
    base = values.base(entry, variable_name(kind, "API_BASE"))
    if base is None and provider_type(kind).base_needed:
        base = f"${{{variable_name(kind, 'API_BASE')}}}"  # where litellm looks as well
    retries = settings.num_retries if params.max_retries is None else params.max_retries
    server = Server(
        kind,
        base,
        params.api_version,
        params.organization,
        values.headers(entry, kind),
        params.rpm,
        params.tpm,
        params.timeout or settings.timeout,
        retries,
    )
    return server, model


def _group(
    groups: dict[str, list[Draft]], entry: Entry, found: tuple[Server, str], values: Values
) -> None:
    """Add *entry* to the drafts of its name: another key of a draft, or a draft of its own."""
    server, model = found
    key = values.key(entry, usual_variable(server.type, server.base))
    drafts = groups.setdefault(entry.name, [])
    draft = next((d for d in drafts if (d.server, d.model) == (server, model)), None)
    if draft is None:
        draft = Draft(server, model, entry)
        drafts.append(draft)
    if all(key != there for there, _ in draft.keys):
        draft.keys.append((key, entry.params.weight))


def _providers(
    groups: dict[str, list[Draft]], proxy: ProxyFile, result: Drafted
) -> dict[Any, ProviderCredential]:
    """Return a provider for each set of server and keys, by that."""
    shared: dict[Any, list[Draft]] = {}
    for drafts in groups.values():
        for draft in drafts:
            shared.setdefault(draft.provider_key, []).append(draft)
    made: dict[Any, ProviderCredential] = {}
    for key, drafts in shared.items():
        made[key] = provider_of_drafts(drafts, proxy, {p.id for p in made.values()}, result.notes)
    result.providers.extend(made.values())
    return made


def _add_endpoints(
    name: str,
    drafts: Sequence[Draft],
    providers: dict[Any, ProviderCredential],
    proxy: ProxyFile,
    values: Values,
    result: Drafted,
) -> None:
    """Add an endpoint for each draft of *name*; from the second on they are its fallbacks."""
    usable = [draft for draft in drafts if _is_endpoint(name, draft, result)]
    ids: list[str] = []
    for _ in usable:
        ids.append(free_id(valid_id(name), result.taken))
        result.taken.add(ids[-1])
    for draft, endpoint_id in zip(usable, ids, strict=True):
        data = {
            "id": endpoint_id,
            "name": name,
            "providerId": providers[draft.provider_key].id,
            **_endpoint_fields(draft, values),
            **({"fallbacks": ids[1:]} if endpoint_id == ids[0] and ids[1:] else {}),
        }
        result.endpoints.append(valid(CustomEndpoint, data, proxy, draft.entry))
    if usable:
        result.ids[name] = ids[0]
    if len(ids) > 1:
        result.notes.append(
            f"{name}: spread over different models there; here {', '.join(ids[1:])} "
            f"{'is its fallback' if len(ids) == 2 else 'are its fallbacks'}"
        )


def _endpoint_fields(draft: Draft, values: Values) -> dict[str, Any]:
    params = values.call_params(draft.entry)
    return {
        "model": draft.model,
        "purpose": _PURPOSE_OF.get(draft.entry.info.mode or "", "chat"),
        **({"params": params} if params else {}),
    }


def _is_endpoint(name: str, draft: Draft, result: Drafted) -> bool:
    mode = draft.entry.info.mode
    if "*" in name or "*" in draft.model:
        result.notes.append(f"{name}: a wildcard gives a provider without endpoints")
        return False
    if mode not in _CHAT_MODES and mode not in _PURPOSE_OF:
        result.notes.append(f"{name}: ccw has no endpoints of mode {mode}")
        return False
    return True
