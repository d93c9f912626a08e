"""What an export is, and which endpoints take part in it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ccw.config.edit import find_endpoint
from ccw.config.models import CustomEndpoint, LiteLLMApiConfig, ProviderCredential, by_id
from ccw.config.views import plain
from ccw.exports.clean import cleaned
from ccw.exports.variables import Names


@dataclass(frozen=True, slots=True)
class Export:
    """A file for another program: its text, what that could not hold, which variables it reads.

    `endpoints` are the ids of those that are in it.
    """

    text: str
    endpoints: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """An endpoint with its provider."""

    endpoint: CustomEndpoint
    provider: ProviderCredential


@dataclass(frozen=True, slots=True)
class Selection:
    """What to export: usable pairs in the order of the file, no literal secret in them.

    `config` is the whole configuration, cleaned of literal secrets as well; `left_out` tells what
    that took away and which endpoints cannot be used, `names` are for what needs a variable.
    """

    config: LiteLLMApiConfig
    pairs: tuple[Pair, ...]
    names: Names
    left_out: tuple[str, ...] = ()
    is_partial: bool = False  # only some endpoints were asked for

    @property
    def first(self) -> Pair | None:
        """The default endpoint where it takes part, else the first one for chat."""
        chat = [pair for pair in self.pairs if pair.endpoint.purpose == "chat"]
        default = (p for p in chat if p.endpoint.id == self.config.default_endpoint)
        return next(default, chat[0] if chat else None)


def select(
    config: LiteLLMApiConfig, endpoint_ids: Sequence[str] = (), *, markers: Sequence[str] = ()
) -> Selection:
    """Return what to export of *config*: all endpoints, or those of *endpoint_ids*.

    A text that holds one of *markers* would be a reference of the other program, which this
    configuration cannot mean: what has one is left out. NotFound for an id that is no endpoint's.
    """
    wanted = {find_endpoint(config, name).id for name in endpoint_ids}
    names = Names(_referred(config))
    clean, notes = cleaned(config, names)
    clean, marked = _unmarked(clean, markers)
    pairs, left_out = [], [*notes, *marked]
    for endpoint in clean.endpoints:
        if wanted and endpoint.id not in wanted:
            continue
        provider = by_id(clean.providers, endpoint.provider_id)
        why = _unusable(endpoint, provider)
        if provider is None or why:
            left_out.append(f"endpoint {endpoint.id}: {why}")
        else:
            pairs.append(Pair(endpoint, provider))
    return Selection(clean, tuple(pairs), names, tuple(left_out), is_partial=bool(wanted))


def _referred(config: LiteLLMApiConfig) -> set[str]:
    """Return all names that may be variables in *config*."""
    return set(re.findall(r"\$\{?([A-Za-z_]\w*)", json.dumps(plain(config))))


def _unmarked(
    config: LiteLLMApiConfig, markers: Sequence[str]
) -> tuple[LiteLLMApiConfig, list[str]]:
    def is_marked(item: ProviderCredential | CustomEndpoint) -> bool:
        text = json.dumps(plain(item), ensure_ascii=False)
        return any(marker in text for marker in markers)

    bad_providers = [item for item in config.providers if is_marked(item)]
    bad_endpoints = [item for item in config.endpoints if is_marked(item)]
    notes = [
        *(f"provider {item.id}: it holds {' or '.join(markers)}" for item in bad_providers),
        *(f"endpoint {item.id}: it holds {' or '.join(markers)}" for item in bad_endpoints),
    ]
    kept = {
        "providers": tuple(item for item in config.providers if item not in bad_providers),
        "endpoints": tuple(item for item in config.endpoints if item not in bad_endpoints),
    }
    return (config.model_copy(update=kept) if notes else config), notes


def _unusable(endpoint: CustomEndpoint, provider: ProviderCredential | None) -> str | None:
    if provider is None:
        return f"its provider {endpoint.provider_id} is not configured"
    if not endpoint.enabled:
        return "it is disabled"
    if not provider.enabled:
        return f"its provider {provider.id} is disabled"
    if provider.type == "local":
        return "the embedded model runs inside ccw alone"
    return None
