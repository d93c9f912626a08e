"""What an export of ccw has put into a proxy's configuration, taken back as it was."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ccw.config.models import CustomEndpoint, LiteLLMApiConfig, ProviderCredential
from ccw.config.validation import parse
from ccw.errors import CcwError
from ccw.exports.clean import cleaned, cleaned_endpoint
from ccw.exports.deployments import entries as exported_entries
from ccw.exports.export import select
from ccw.exports.proxy_file import Entry, ProxyFile
from ccw.exports.variables import Names, Variables


@dataclass(frozen=True, slots=True)
class Own:
    """What is taken back; `edited` are the models that say something else in the file by now."""

    providers: tuple[ProviderCredential, ...] = ()
    endpoints: tuple[CustomEndpoint, ...] = ()
    default_endpoint: str | None = None
    edited: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


class _Any:
    """A set of variables that holds every name."""

    def __contains__(self, name: object) -> bool:
        return True


def own_part(proxy: ProxyFile, *, whole: bool) -> Own:
    """Return what the section `ccw` and its marks in `model_info` say, where the file still agrees.

    Not *whole* leaves out what has no entry: disabled endpoints and providers without any.
    """
    found, told = cleaned(LiteLLMApiConfig(providers=_providers(proxy)), Names())
    providers, notes = found.providers, list(told)
    there = {provider.id for provider in providers}
    marked = {
        endpoint.id: cleaned_endpoint(endpoint, notes)
        for entry in proxy.entries
        if (endpoint := _endpoint(proxy, entry)) is not None and endpoint.provider_id in there
    }
    candidate = LiteLLMApiConfig(providers=providers, endpoints=tuple(marked.values()))
    agreeing = _agreeing(proxy, candidate)
    rest = [cleaned_endpoint(e, notes) for e in _rest(proxy, there)] if whole else []
    used = {endpoint.provider_id for endpoint in rest}
    used |= {marked[name].provider_id for name in agreeing}
    stale = {marked[name].provider_id for name in marked if name not in agreeing} - used
    return Own(
        tuple(p for p in providers if p.id in used or (whole and p.id not in stale)),
        (*(marked[name] for name in marked if name in agreeing), *rest),
        _default(proxy),
        frozenset(marked) - agreeing,
        tuple(dict.fromkeys(notes)),
    )


def _providers(proxy: ProxyFile) -> tuple[ProviderCredential, ...]:
    found = [
        _valid(ProviderCredential, proxy, item, "ccw", "providers", number)
        for number, item in enumerate(_list(proxy, "providers"))
    ]
    return tuple({provider.id: provider for provider in found}.values())


def _rest(proxy: ProxyFile, there: Container[str]) -> tuple[CustomEndpoint, ...]:
    found = [
        _valid(CustomEndpoint, proxy, item, "ccw", "endpoints", number)
        for number, item in enumerate(_list(proxy, "endpoints"))
    ]
    return tuple(endpoint for endpoint in found if endpoint.provider_id in there)


def _endpoint(proxy: ProxyFile, entry: Entry) -> CustomEndpoint | None:
    """Return the endpoint that *entry* was made of, None where it does not say so."""
    data = (entry.info.ccw or {}).get("endpoint")
    if not isinstance(data, dict) or data.get("id") != entry.name:
        return None
    where = ("model_list", entry.index, "model_info", "ccw", "endpoint")
    endpoint: CustomEndpoint = _valid(CustomEndpoint, proxy, data, *where)
    return endpoint


def _agreeing(proxy: ProxyFile, candidate: LiteLLMApiConfig) -> frozenset[str]:
    """Return the models whose entries are what an export of *candidate* writes."""
    given = _by_name((entry.name, entry.raw_params) for entry in proxy.entries)
    found: set[str] = set()
    for at_hand in ((), _Any()):  # a key may have been at hand when it was exported, or not
        made = _by_name(_exported(candidate, at_hand))
        found |= {name for name in made if made[name] == given.get(name)}
    return frozenset(found)


def _exported(
    candidate: LiteLLMApiConfig, is_set: Container[str]
) -> Iterable[tuple[str, Mapping[str, Any]]]:
    chosen = select(candidate)
    variables = Variables(chosen.names)
    for pair in chosen.pairs:
        for entry in exported_entries(pair, variables, is_set, []):
            yield entry["model_name"], entry["litellm_params"]


def _by_name(
    pairs: Iterable[tuple[str, Mapping[str, Any]]],
) -> dict[str, list[Mapping[str, Any]]]:
    result: dict[str, list[Mapping[str, Any]]] = {}
    for name, params in pairs:
        result.setdefault(name, []).append(params)
    return result


def _default(proxy: ProxyFile) -> str | None:
    given = proxy.own.get("defaultEndpoint")
    return given if isinstance(given, str) else None


def _list(proxy: ProxyFile, name: str) -> list[Any]:
    items = proxy.own.get(name, [])
    if not isinstance(items, list):
        raise proxy.file.error(f"ccw.{name}: expected a list", "ccw", name)
    return items


def _valid(model: Any, proxy: ProxyFile, data: Any, *where: str | int) -> Any:
    def error(problems: str) -> CcwError:
        return proxy.file.error(problems, *where)

    return parse(model, data, error)
