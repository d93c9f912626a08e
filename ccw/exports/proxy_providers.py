"""The provider of entries that agree on server and keys, as ccw keeps it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ccw.config.first import endpoint_id_for
from ccw.config.models import CustomEndpoint, ProviderCredential
from ccw.config.strategies import LITELLM_STRATEGIES, SHUFFLE
from ccw.config.validation import parse
from ccw.errors import CcwError
from ccw.exports.deployments import LIMITS, PRICES
from ccw.exports.proxy_file import Entry, Info, ProxyFile, Settings
from ccw.exports.text import one_line

Model = TypeVar("Model", ProviderCredential, CustomEndpoint)
_STRATEGIES = {theirs: own for own, theirs in LITELLM_STRATEGIES.items() if theirs != SHUFFLE}


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


def provider_of_drafts(
    drafts: Sequence[Draft], proxy: ProxyFile, taken: set[str], notes: list[str]
) -> ProviderCredential:
    """Return the provider that *drafts* share, its id none of *taken*."""
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
        data["routingStrategy"] = _strategy(proxy.settings, keys, notes)
    filled = {name: value for name, value in data.items() if value not in (None, {}, [])}
    return valid(ProviderCredential, filled, proxy, drafts[0].entry)


def valid(model: type[Model], data: object, proxy: ProxyFile, entry: Entry) -> Model:
    """Return *data*, made of *entry*, as *model*; ImportRefused tells what it cannot hold."""

    def error(problems: str) -> CcwError:
        where = f"model_list[{entry.index}]"
        return proxy.file.error(f"{where}: {one_line(problems)}", "model_list", entry.index)

    return parse(model, data, error)


def valid_id(text: str) -> str:
    """Return *text* as an id can hold it."""
    return re.sub(r"^[^A-Za-z0-9]+", "", endpoint_id_for("model", text)) or "model"


def free_id(wanted: str, taken: set[str]) -> str:
    """Return *wanted*, or with a number that makes it one that is not *taken*."""
    result, number = wanted, 2
    while result in taken:
        result, number = f"{wanted[:60]}-{number}", number + 1
    return result


def _named(keys: list[tuple[str, float | None]]) -> list[tuple[str, float | None]]:
    """Return *keys* without the empty one, which among others is none."""
    return [key for key in keys if key[0]] or keys[:1]


def _pool_key(number: int, reference: str, weight: float | None) -> dict[str, Any]:
    label = reference[2:-1] or None
    return _filled(id=f"key-{number}", key=reference, label=label, weight=weight)


def _strategy(
    settings: Settings, keys: Iterable[tuple[str, float | None]], notes: list[str]
) -> str:
    given = settings.routing_strategy or SHUFFLE
    if given not in _STRATEGIES and given != SHUFFLE:
        note = f"routing_strategy: ccw has no {given}; simple-shuffle is used"
        if note not in notes:
            notes.append(note)
    is_weighted = any(weight is not None for _, weight in keys)
    return _STRATEGIES.get(given, "weighted" if is_weighted else "simple-shuffle")


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


def _filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
