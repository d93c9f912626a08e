"""A configuration as `config.yaml` of a LiteLLM proxy."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from typing import Any

import yaml

from ccw.config.models import LiteLLMApiConfig
from ccw.config.strategies import LITELLM_STRATEGIES, SHUFFLE
from ccw.exports.clean import without_stamps
from ccw.exports.deployments import entries, keys_of
from ccw.exports.export import Export, Pair, Selection, select
from ccw.exports.text import commented
from ccw.exports.variables import ENVIRON, Variables

MASTER_KEY = "LITELLM_MASTER_KEY"
_ODD_BREAK = re.compile("[\x85\u2028\u2029]")


def export_litellm(
    config: LiteLLMApiConfig, endpoint_ids: Sequence[str] = (), is_set: Container[str] = ()
) -> Export:
    """Return a proxy's `config.yaml` whose models are the endpoints.

    Keys are `os.environ/NAME`; *is_set* names the variables that are set, so that a key that may
    be missing is asked for only where it is there. What the proxy has no place for is kept in
    `model_info` and in the section `ccw`, which it does not read.
    """
    chosen = select(config, endpoint_ids, markers=(ENVIRON,))
    document, variables, notes = _document(chosen, is_set)
    left_out = (*chosen.left_out, *variables.notes, *notes)
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    endpoints = tuple(pair.endpoint.id for pair in chosen.pairs)
    return Export(commented(left_out, text), endpoints, left_out, tuple(variables.names))


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        """Write out what occurs twice: people read and edit the file."""
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Escape line breaks that other styles would fold into spaces."""
    style = '"' if _ODD_BREAK.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _document(
    chosen: Selection, is_set: Container[str]
) -> tuple[dict[str, Any], Variables, list[str]]:
    variables, notes = Variables(chosen.names), list[str]()
    models = [entry for pair in chosen.pairs for entry in entries(pair, variables, is_set, notes)]
    notes += dict.fromkeys(
        f"provider {pair.provider.id}: the proxy for its calls; set HTTPS_PROXY where this one runs"
        for pair in chosen.pairs
        if pair.provider.advanced_settings.proxy
    )
    variables.use(MASTER_KEY)
    document = {
        "model_list": models,
        "router_settings": _router(chosen, notes),
        "general_settings": {"master_key": ENVIRON + MASTER_KEY},
        "ccw": _own(chosen),
    }
    return document, variables, notes


def _router(chosen: Selection, notes: list[str]) -> dict[str, Any]:
    retries = _agreed(
        "maxRetries",
        ((pair, pair.provider.advanced_settings.max_retries) for pair in chosen.pairs),
        notes,
    )
    strategy = _agreed(
        "routingStrategy",
        (
            (pair, LITELLM_STRATEGIES[pair.provider.routing_strategy])
            for pair in chosen.pairs
            if len(keys_of(pair.provider)) > 1
        ),
        notes,
    )
    return {
        "routing_strategy": strategy or SHUFFLE,
        **({"num_retries": retries} if retries is not None else {}),
        **({"fallbacks": fallbacks} if (fallbacks := _fallbacks(chosen, notes)) else {}),
    }


def _agreed(field: str, values: Iterable[tuple[Pair, Any]], notes: list[str]) -> Any:
    """Return the most frequent value, because a proxy has one for all; others are noted."""
    given = {pair.provider.id: value for pair, value in values if value is not None}
    if not given:
        return None
    value = Counter(given.values()).most_common(1)[0][0]
    others = [name for name, other in given.items() if other != value]
    if others:
        notes.append(f"{field} of {', '.join(others)}: the proxy has one for all, {value}")
    return value


def _fallbacks(chosen: Selection, notes: list[str]) -> list[dict[str, list[str]]]:
    there = {pair.endpoint.id for pair in chosen.pairs}
    result = []
    for pair in chosen.pairs:
        kept = [name for name in pair.endpoint.fallbacks if name in there]
        gone = [name for name in pair.endpoint.fallbacks if name not in there]
        if gone:
            notes.append(f"endpoint {pair.endpoint.id}: its fallbacks {', '.join(gone)}")
        if kept:
            result.append({pair.endpoint.id: kept})
    return result


def _own(chosen: Selection) -> dict[str, Any]:
    """Return what an import needs to make the same configuration again."""
    there = {pair.endpoint.id for pair in chosen.pairs}
    config = chosen.config
    rest = [e for e in config.endpoints if e.id not in there] if not chosen.is_partial else []
    used = {pair.provider.id for pair in chosen.pairs}
    return {
        "providers": [
            without_stamps(provider)
            for provider in config.providers
            if provider.id in used or not chosen.is_partial
        ],
        **({"endpoints": [without_stamps(endpoint) for endpoint in rest]} if rest else {}),
        **({"defaultEndpoint": config.default_endpoint} if config.default_endpoint else {}),
    }
