"""Entries of a proxy's `model_list` as providers and endpoints: equal settings are one provider."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ccw.config.first import endpoint_id_for
from ccw.config.models import CustomEndpoint, ProviderCredential
from ccw.config.provider_types import provider_type
from ccw.exports.deployments import LIMITS, PRICES, PURPOSES
from ccw.exports.proxy_file import Entry, Info, ProxyFile, Settings
from ccw.exports.proxy_models import ProviderOf, type_and_model, usual_variable
from ccw.exports.proxy_values import Values
from ccw.exports.variables import variable_name

STRATEGIES = {
    "latency-based-routing": "latency-based",
    "cost-based-routing": "cost-based",
    "least-busy": "least-busy",
}
_PURPOSE_OF = {mode: purpose for purpose, mode in PURPOSES.items()}
_CHAT_MODES = (None, "chat", "completion", "responses")


@dataclass(frozen=True, slots=True)
class Server:
    """What entries have to agree on to be of one provider, but the keys."""

    type: str
    base: str | None = None
    api_version: str | None = None
    organization: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    rpm: int | None = None
    tpm: int | None = None
    timeout: float | None = None
    max_retries: int | None = None


@dataclass(slots=True)
class Draft:
    """One model of one server, with the keys that the proxy spreads its calls over."""

    server: Server
    model: str
    entry: Entry
    keys: list[tuple[str, float | None]] = field(default_factory=list)  # reference, weight

    @property
    def provider_key(self) -> tuple[Server, tuple[tuple[str, float | None], ...]]:
        """What drafts of one provider share."""
        return self.server, tuple(self.keys)


@dataclass(slots=True)
class Drafted:
    """What generic entries come to; `ids` leads from a model_name to its endpoint's id."""

    providers: list[ProviderCredential] = field(default_factory=list)
    endpoints: list[CustomEndpoint] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def drafted(
    proxy: ProxyFile, entries: Sequence[Entry], values: Values, provider_of: ProviderOf
) -> Drafted:
    """Return the providers and endpoints of *entries*; ids are valid and none comes twice."""
    result = Drafted()
    groups: dict[str, list[Draft]] = {}
    for entry in entries:
        _group(groups, entry, _server(entry, proxy, values, provider_of), values)
    providers = _providers(groups, proxy.settings, result)
    for name, drafts in groups.items():
        _add_endpoints(name, drafts, providers, values, result)
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
    groups: dict[str, list[Draft]], settings: Settings, result: Drafted
) -> dict[Any, ProviderCredential]:
    """Return a provider for each set of server and keys, by that."""
    shared: dict[Any, list[Draft]] = {}
    for drafts in groups.values():
        for draft in drafts:
            shared.setdefault(draft.provider_key, []).append(draft)
    made: dict[Any, ProviderCredential] = {}
    for key, drafts in shared.items():
        made[key] = _provider(drafts, settings, {p.id for p in made.values()}, result)
    result.providers.extend(made.values())
    return made


def _provider(
    drafts: Sequence[Draft], settings: Settings, taken: set[str], result: Drafted
) -> ProviderCredential:
    server, keys = drafts[0].server, _named(drafts[0].keys)
    provider_id = free_id(valid_id(server.type), taken)
    data: dict[str, Any] = {
        "id": provider_id,
        "name": provider_id,
        "type": server.type,
        "apiKey": keys[0][0] if len(keys) == 1 else "",
        "apiBase": server.base,
        "advancedSettings": _filled(
            apiVersion=server.api_version,
            organization=server.organization,
            customHeaders=dict(server.headers) or None,
            rpm=server.rpm,
            tpm=server.tpm,
            timeout=server.timeout,
            maxRetries=server.max_retries,
        ),
        "models": list(_models(drafts)),
    }
    if len(keys) > 1:
        data["apiKeys"] = [_pool_key(number, *key) for number, key in enumerate(keys, 1)]
        data["routingStrategy"] = _strategy(settings, keys, result)
    return ProviderCredential.model_validate(
        {name: value for name, value in data.items() if value not in (None, {}, [])}
    )


def _named(keys: list[tuple[str, float | None]]) -> list[tuple[str, float | None]]:
    """Return *keys* without the empty one, which among others is none."""
    return [key for key in keys if key[0]] or keys[:1]


def _pool_key(number: int, reference: str, weight: float | None) -> dict[str, Any]:
    label = reference[2:-1] or None
    return _filled(id=f"key-{number}", key=reference, label=label, weight=weight)


def _strategy(settings: Settings, keys: Iterable[tuple[str, float | None]], result: Drafted) -> str:
    given = settings.routing_strategy or "simple-shuffle"
    if given not in STRATEGIES and given != "simple-shuffle":
        note = f"routing_strategy: ccw has no {given}; simple-shuffle is used"
        result.notes += [note] if note not in result.notes else []
    is_weighted = any(weight is not None for _, weight in keys)
    return STRATEGIES.get(given, "weighted" if is_weighted else "simple-shuffle")


def _models(drafts: Iterable[Draft]) -> Iterable[dict[str, Any]]:
    seen = set()
    for draft in drafts:
        facts = _facts(draft.entry.info)
        if facts and draft.model not in seen and "*" not in draft.model:
            seen.add(draft.model)
            yield {"id": draft.model, **facts}


def _facts(info: Info) -> dict[str, Any]:
    prices = {field: getattr(info, name) for name, field in PRICES.items()}
    limits = {field: getattr(info, name) for name, field in LIMITS.items()}
    return _filled(
        **limits, **{n: round(p * 1_000_000, 9) for n, p in prices.items() if p is not None}
    )


def _add_endpoints(
    name: str,
    drafts: Sequence[Draft],
    providers: dict[Any, ProviderCredential],
    values: Values,
    result: Drafted,
) -> None:
    """Add an endpoint for each draft of *name*; from the second on they are its fallbacks."""
    usable = [draft for draft in drafts if _is_endpoint(name, draft, result)]
    taken = {endpoint.id for endpoint in result.endpoints}
    ids: list[str] = []
    for _ in usable:
        ids.append(free_id(valid_id(name), taken | set(ids)))
    for draft, endpoint_id in zip(usable, ids, strict=True):
        is_first = endpoint_id == ids[0]
        data = {
            "id": endpoint_id,
            "name": name,
            "providerId": providers[draft.provider_key].id,
            "model": draft.model,
            "purpose": _PURPOSE_OF.get(draft.entry.info.mode or "", "chat"),
            "params": values.call_params(draft.entry),
            "fallbacks": ids[1:] if is_first else [],
        }
        filled = {k: v for k, v in data.items() if v not in ({}, [])}
        result.endpoints.append(CustomEndpoint.model_validate(filled))
    if usable:
        result.ids[name] = ids[0]
    if len(ids) > 1:
        result.notes.append(
            f"{name}: spread over different models there; here {', '.join(ids[1:])} "
            f"{'is its fallback' if len(ids) == 2 else 'are its fallbacks'}"
        )


def _is_endpoint(name: str, draft: Draft, result: Drafted) -> bool:
    mode = draft.entry.info.mode
    if "*" in name or "*" in draft.model:
        result.notes.append(f"{name}: a wildcard gives a provider without endpoints")
        return False
    if mode not in _CHAT_MODES and mode not in _PURPOSE_OF:
        result.notes.append(f"{name}: ccw has no endpoints of mode {mode}")
        return False
    return True


def valid_id(text: str) -> str:
    """Return *text* as an id can hold it."""
    return re.sub(r"^[^A-Za-z0-9]+", "", endpoint_id_for("model", text)) or "model"


def free_id(wanted: str, taken: set[str]) -> str:
    """Return *wanted*, or with a number that makes it one that is not *taken*."""
    result, number = wanted, 2
    while result in taken:
        result, number = f"{wanted[:60]}-{number}", number + 1
    return result


def _filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
