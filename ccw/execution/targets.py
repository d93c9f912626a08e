"""Whom a call asks: an endpoint with its provider, and what is known of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ccw.config.models import CustomEndpoint, LiteLLMApiConfig, ModelInfo, ProviderCredential
from ccw.config.places import ccw_home
from ccw.config.provider_texts import asks_sources
from ccw.config.provider_types import ProviderType, litellm_model, provider_type
from ccw.config.selection import Selected, select_endpoint
from ccw.config.steering import check_model, check_params, param_problem
from ccw.errors import UsageError
from ccw.execution.question import merged_params, wire_names
from ccw.gateways.figures import overlay_of, profile_of
from ccw.gateways.kept import keeps_lists
from ccw.gateways.providers import World
from ccw.llm.data import provider_names
from ccw.llm.prices import FREE, ModelFacts, map_name, model_facts
from ccw.llm.terms import Terms, asked_terms
from ccw.llm.usage import Usage

# Types whose kept lists count, as litellm's map knows little or nothing of their models.
LISTED = frozenset({"custom", "litellm", "openrouter"})


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ask: an endpoint, its provider, and what is known of the model."""

    endpoint: CustomEndpoint
    provider: ProviderCredential
    kind: ProviderType
    model: str  # as litellm names it
    facts: ModelFacts
    serves: tuple[str, ...] = ()  # the models behind a gateway's name for them
    asks: bool = False  # whether a keyring, file or command is asked, which may take seconds

    @property
    def is_local(self) -> bool:
        """Whether the embedded model answers."""
        return self.kind.name == "local"

    @property
    def terms(self) -> Terms:
        """The terms that the endpoint's parameters ask for."""
        params = wire_names(self.endpoint.params)
        return asked_terms(params, self.kind.route, self.provider.api_base)

    def cost(self, usage: Usage) -> float | None:
        """Return what *usage* costs at most on the terms asked for, in USD; None where unknown."""
        return self.facts.most(usage, self.terms)


def find_target(
    config: LiteLLMApiConfig,
    endpoint_id: str | None,
    environ: Mapping[str, str],
    model: str | None = None,
    *,
    project: Path,
) -> Target:
    """Return whom to ask; *model* replaces the endpoint's own.

    What a gateway of *project* has told of its models, when it was last asked, counts too.
    """
    chosen = select_endpoint(config, endpoint_id, environ, model, provider_names)
    return with_list(target_of(chosen), config, environ, project)


def target_of(chosen: Selected) -> Target:
    """Return whom to ask with what the configuration and litellm's map tell of the model."""
    endpoint, provider = chosen.endpoint, chosen.provider
    kind = provider_type(provider.type)
    name = litellm_model(kind, endpoint.model)
    check_params(endpoint.id, endpoint.params)
    if not kind.verbatim:
        check_model(endpoint.id, name)
    facts = _facts(kind, endpoint.model, overlay_of(provider.models, endpoint.model))
    return Target(endpoint, provider, kind, name, facts, asks=asks_sources(provider))


def with_list(
    target: Target, config: LiteLLMApiConfig, environ: Mapping[str, str], project: Path
) -> Target:
    """Return *target* with what its gateway has told of the model, where such a list is kept."""
    home = ccw_home(environ)
    if target.kind.name not in LISTED or not keeps_lists(home):
        return target
    model = target.endpoint.model
    profile = profile_of(target.provider, model, World(project, config, environ, home))
    return replace(
        target, facts=_facts(target.kind, model, *profile.figures), serves=profile.serves
    )


def _facts(kind: ProviderType, model: str, *figures: ModelInfo | None) -> ModelFacts:
    return local_facts() if kind.name == "local" else model_facts(map_name(model, kind), *figures)


def local_facts() -> ModelFacts:
    """What is known of the embedded model: it costs nothing."""
    from ccw.llm.local.server import CONTEXT_WINDOW

    return ModelFacts(context_window=CONTEXT_WINDOW, prices=FREE)


def with_params(target: Target, params: Mapping[str, Any]) -> Target:
    """Return *target* with the parameters of one call over those of its endpoint.

    UsageError for one that no request can hold, or that would send the call elsewhere.
    """
    for name, value in params.items():
        problem = None if value is None else param_problem(name, value)
        if problem is not None:
            raise UsageError(f"params: {name} {problem}")
    if not params:
        return target
    merged = merged_params(target.endpoint.params, params)
    return replace(target, endpoint=target.endpoint.model_copy(update={"params": merged}))
