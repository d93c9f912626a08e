"""Whom a call asks: an endpoint with its provider, and what is known of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ccw.config.json_values import not_json
from ccw.config.models import CustomEndpoint, LiteLLMApiConfig, ProviderCredential
from ccw.config.provider_types import ProviderType, litellm_model, provider_type
from ccw.config.resolve import select_endpoint
from ccw.config.steering import check_model, check_params
from ccw.errors import UsageError
from ccw.execution.question import merged_params
from ccw.llm.data import provider_names
from ccw.llm.prices import FREE, ModelFacts, model_facts


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ask: an endpoint, its provider, and what is known of the model."""

    endpoint: CustomEndpoint
    provider: ProviderCredential
    kind: ProviderType
    model: str  # as litellm names it
    facts: ModelFacts

    @property
    def is_local(self) -> bool:
        """Whether the embedded model answers."""
        return self.kind.name == "local"


def find_target(
    config: LiteLLMApiConfig,
    endpoint_id: str | None,
    environ: Mapping[str, str],
    model: str | None = None,
) -> Target:
    """Return whom to ask; *model* replaces the endpoint's own."""
    selected = select_endpoint(config, endpoint_id, environ, model, provider_names)
    endpoint = selected.endpoint
    kind = provider_type(selected.provider.type)
    name = litellm_model(kind, endpoint.model)
    check_params(endpoint.id, endpoint.params)
    if not kind.verbatim:
        check_model(endpoint.id, name)
    overlay = next((m for m in selected.provider.models if m.id == endpoint.model), None)
    facts = local_facts() if kind.name == "local" else model_facts(name, overlay)
    return Target(endpoint, selected.provider, kind, name, facts)


def local_facts() -> ModelFacts:
    """What is known of the embedded model: it costs nothing."""
    from ccw.llm.local.server import CONTEXT_WINDOW

    return ModelFacts(context_window=CONTEXT_WINDOW, prices=FREE)


def with_params(target: Target, params: Mapping[str, Any]) -> Target:
    """Return *target* with the parameters of one call over those of its endpoint.

    UsageError for one that no request can hold.
    """
    for name, value in params.items():
        problem = not_json(value)
        if problem is not None:
            raise UsageError(f"params: {name} {problem}")
    if not params:
        return target
    merged = merged_params(target.endpoint.params, params)
    return replace(target, endpoint=target.endpoint.model_copy(update={"params": merged}))
