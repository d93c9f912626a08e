"""Which endpoint and provider a call goes to: by id, by `NAME/model`, or the default."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from ccw.config.lookup import closest
from ccw.config.models import CustomEndpoint, LiteLLMApiConfig, ProviderCredential, by_id
from ccw.config.provider_types import KNOWN_TYPES, provider_type
from ccw.errors import ConfigError, InvalidValue, NotFound

Names = Callable[[], Collection[str]]  # of litellm's providers; empty when nobody can tell
IMPLICIT = "litellm"
START = "run ccw init to configure a provider, or ccw local install for the embedded model"
TRUE = frozenset({"1", "true", "yes", "on"})  # what a variable says to switch something on


@dataclass(frozen=True, slots=True)
class Selected:
    """An endpoint that may be called, with its provider; keys are still as written."""

    endpoint: CustomEndpoint
    provider: ProviderCredential


def makes_implicit(environ: Mapping[str, str]) -> bool:
    """Tell whether LITELLM_ENABLED=true makes a provider."""
    return environ.get("LITELLM_ENABLED", "").strip().lower() in TRUE


def with_implicit(config: LiteLLMApiConfig, environ: Mapping[str, str]) -> LiteLLMApiConfig:
    """Return *config* with the provider `litellm` that LITELLM_ENABLED=true makes."""
    if not makes_implicit(environ) or any(provider.id == IMPLICIT for provider in config.providers):
        return config
    base, key = environ.get("LITELLM_BASE_URL"), environ.get("LITELLM_API_KEY")
    implicit = ProviderCredential(
        id=IMPLICIT,
        name="LiteLLM (environment)",
        type="litellm",
        api_key="${LITELLM_API_KEY}" if key else "",
        api_base="${LITELLM_BASE_URL}" if base else None,
    )
    return config.model_copy(update={"providers": (*config.providers, implicit)})


def select_endpoint(
    config: LiteLLMApiConfig,
    name: str | None,
    environ: Mapping[str, str],
    model: str | None = None,
    names: Names = tuple,
) -> Selected:
    """Return the endpoint *name* (None: the default) with its provider, both usable for chat.

    *model* replaces the endpoint's own; *names* gives litellm's providers, to tell slips from them.

    `NAME/model` that is no endpoint's id goes to the provider with that id, else to the first
    enabled one of that type, else to litellm's provider of that name with its usual key; its
    endpoint is made for the call and bears the text as its id.
    """
    selected = _selected(with_implicit(config, environ), name, names)
    if not model:
        return _served(selected)
    return _served(
        replace(selected, endpoint=selected.endpoint.model_copy(update={"model": model}))
    )


def _selected(config: LiteLLMApiConfig, name: str | None, names: Names) -> Selected:
    endpoint = by_id(config.endpoints, name) if name else _default(config)
    if endpoint is None and name is not None:
        provider_name, _, model = name.partition("/")
        if not provider_name or not model:
            raise NotFound(_not_found(config, name))
        provider = _provider_for(config, provider_name, names)
        return Selected(_made(name, provider.id, model), _enabled_provider(provider))
    assert endpoint is not None
    return Selected(_usable(endpoint), _enabled_provider(_provider_of(config, endpoint)))


def _default(config: LiteLLMApiConfig) -> CustomEndpoint:
    if config.default_endpoint is not None:
        endpoint = by_id(config.endpoints, config.default_endpoint)
        if endpoint is None:
            raise NotFound(
                f"Endpoint not found: {config.default_endpoint} (it is set as defaultEndpoint; "
                f"choose another: ccw endpoint default ID{_available(config)})"
            )
        return endpoint
    raise ConfigError(_no_default(config))


def _no_default(config: LiteLLMApiConfig) -> str:
    if config.endpoints:
        return (
            "no default endpoint is set; choose one: ccw endpoint default ID, or name it: "
            f"--model ID{_available(config)}"
        )
    if config.providers:
        example = config.providers[0].id
        return (
            f"no endpoint is configured; add one: ccw endpoint add ID --provider {example} "
            f"--model MODEL, or name a model: --model {example}/MODEL"
        )
    return f"nothing is configured for this project yet; {START}"


def _available(config: LiteLLMApiConfig) -> str:
    ids = [e.id for e in config.endpoints if e.enabled and e.purpose == "chat"]
    return f"; there are: {', '.join(ids)}" if ids else ""


def _not_found(config: LiteLLMApiConfig, name: str) -> str:
    if not config.endpoints:
        return f"Endpoint not found: {name}; {_no_default(config)}"
    if by_id(config.providers, name):
        own = [e.id for e in config.endpoints if e.provider_id == name and e.enabled]
        choice = (
            f"ask its endpoint {' or '.join(own)}, or a model" if own else "ask one of its models"
        )
        return f"Endpoint not found: {name}; it is a provider: {choice}: --model {name}/MODEL"
    close = closest(name, (e.id for e in config.endpoints))
    hint = f"did you mean {close}?" if close else "ccw endpoint list shows what there is"
    return f"Endpoint not found: {name}; {hint}"


def _served(selected: Selected) -> Selected:
    """Refuse a model that the provider cannot have: its server would answer as another one."""
    endpoint, provider = selected.endpoint, selected.provider
    models = provider_type(provider.type).models
    if not models or provider.api_base or endpoint.model in models:
        return selected
    raise InvalidValue(
        f"Model not found: {endpoint.model} of provider {provider.id}; "
        f"there is only {', '.join(models)}: --model {provider.id}/{models[0]}"
    )


def _provider_for(config: LiteLLMApiConfig, name: str, names: Names) -> ProviderCredential:
    by_id = [p for p in config.providers if p.id == name]
    by_type = sorted((p for p in config.providers if p.type == name), key=lambda p: not p.enabled)
    if by_id or by_type:
        return [*by_id, *by_type][0]
    if provider_type(name).base_needed:
        raise NotFound(
            f"Provider not found: {name} (its address is needed); "
            f"ccw provider add --type {name} --api-base https://…"
        )
    problem = unknown_type(name, names(), [p.id for p in config.providers])
    if problem is not None:
        raise NotFound(f"Provider not found: {name}; {problem}")
    return ProviderCredential.model_construct(id=name, name=name, type=name)


def unknown_type(name: str, names: Collection[str], ids: Collection[str] = ()) -> str | None:
    """Return what to say of a type that neither ccw nor litellm knows, None when one does.

    *names* are litellm's providers; without any nothing can be said.
    """
    if name in KNOWN_TYPES or name in names or not names:
        return None
    near = closest(name, [*ids, *KNOWN_TYPES]) or closest(name, names)
    known = "neither ccw nor litellm has a provider of that name"
    return f"did you mean {near}? ({known})" if near else known


def _made(text: str, provider_id: str, model: str) -> CustomEndpoint:
    """Return an endpoint for one call; its id is *text*, which no stored endpoint could have."""
    return CustomEndpoint.model_construct(id=text, name=text, provider_id=provider_id, model=model)


def _usable(endpoint: CustomEndpoint) -> CustomEndpoint:
    if not endpoint.enabled:
        raise InvalidValue(
            f"endpoint {endpoint.id} is disabled; "
            f"enable it: ccw endpoint update {endpoint.id} --enable"
        )
    if endpoint.purpose != "chat":
        raise InvalidValue(
            f"endpoint {endpoint.id} is for {endpoint.purpose}, not for chat; "
            "name another one with --model"
        )
    return endpoint


def _provider_of(config: LiteLLMApiConfig, endpoint: CustomEndpoint) -> ProviderCredential:
    found = by_id(config.providers, endpoint.provider_id)
    if found is None:
        raise NotFound(
            f"Provider not found: {endpoint.provider_id} (endpoint {endpoint.id} uses it); "
            f"give it another: ccw endpoint update {endpoint.id} --provider ID"
        )
    return found


def _enabled_provider(provider: ProviderCredential) -> ProviderCredential:
    if not provider.enabled:
        raise InvalidValue(
            f"provider {provider.id} is disabled; "
            f"enable it: ccw provider update {provider.id} --enable"
        )
    return provider
