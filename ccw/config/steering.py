"""What an endpoint may say of its calls: how the model answers, never where the call goes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ccw.config.json_values import not_json
from ccw.errors import InvalidValue

# words of litellm's that move a call, change who is asked, or carry a key
_NAMES = frozenset(
    {"azure", "cache", "caching", "callbacks", "custom_prompt_dict", "deployment_id", "guardrails"}
    | {"model", "model_list", "messages", "max_retries", "num_retries", "organization", "proxies"}
    | {"roles", "self", "rust", "silent_model", "ssl_verify", "verify", "verbose", "logger_fn"}
    | {"region_name", "client_id", "tenant_id", "acompletion", "acompletion_with_retries"}
    | {"hf_model_name", "model_alias_map", "model_config", "model_info", "secret_fields"}
    | {"prompt_id", "prompt_label", "prompt_variables", "prompt_version", "prompt_environment"}
    | {"success_callback", "failure_callback", "use_xai_oauth", "extra_query", "user_config"}
    | {"stream_options"}
)
# what a LiteLLM proxy would take from a body: another model, address or key of its own
_BODY_NAMES = frozenset(
    {"model", "api_base", "base_url", "api_key", "user_config", "fallbacks", "mock_response"}
    | {"litellm_credential_name", "model_list", "proxy", "proxies"}
)
_FIRST_WORDS = re.compile(
    r"_|(?:litellm|use_litellm|mock|fallback|context_window_fallback|langfuse"
    r"|langsmith|arize|dd|humanloop|newrelic|posthog|signoz|wandb|weave|gcs|s3|aws|azure|vertex"
    r"|oci|watsonx|gigachat|sap|snowflake|databricks|anthropic|openai|auto_router)(?:_|s$)"
)
_LAST_WORDS = re.compile(
    r"(?:^|_)(?:base|url|uri|host|endpoint|proxy|client|headers?|key|keys|token|secret|password"
    r"|credentials?|provider|session|file|path|arn|profile)(?:_name)?$"
)
_HARMLESS = frozenset(
    {"prompt_cache_key", "eos_token", "bos_token", "aws_region_name", "vertex_location"}
    | {"vertex_project"}
)
_PLACE = re.compile(r"[A-Za-z0-9-]+")  # part of a host's name, never the end of it
REMOVE = "; remove it"
_MOVES = "would change where the call goes or with which key, which belongs to the provider"
_SWITCH = "is a switch of the library that makes the call, and no parameter of a model"
# what else is wrong with a name; the first pattern that matches all of it counts
_REASONS = (
    (
        "model|model_(list|alias_map)|hf_model_name|silent_model|deployment_id",
        "would change which model is asked, which the endpoint's model says",
    ),
    ("messages|prompt_.*", "would change what is asked, which the prompt says"),
    ("(max|num)_retries", "belongs to the provider (maxRetries), or to a call (--max-retries)"),
    ("(context_window_)?fallback.*", "belongs to the endpoint's fallbacks (--fallback)"),
    ("mock.*", "would answer in place of the model"),
    ("organization", "belongs to the provider (--organization)"),
    ("(.*_)?headers?", "belongs to the provider's customHeaders (--header)"),
    ("stream_options", "is ccw's own, which asks each stream for its tokens"),
    ("cache|caching|.*callbacks?|verbose|logger_fn|guardrails|acompletion.*", _SWITCH),
    ("roles|rust|self|secret_fields|model_(info|config)", _SWITCH),
)
_ADDRESS = re.compile(r"https?:|//|[?#\\]")


def wire_name(name: str) -> str:
    """Return the name of a parameter as it goes out: `maxTokens` becomes `max_tokens`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def check_params(endpoint_id: str, params: Mapping[str, Any]) -> None:
    """Refuse parameters that would send a call elsewhere, however their names are written.

    InvalidValue names the parameter, also one that no request can hold; never its value.
    """
    for name, value in params.items():
        problem = param_problem(name, value)
        if problem is not None and problem.endswith(REMOVE):
            problem += f": ccw endpoint update {endpoint_id} --param {name}=null"
        if problem is not None:
            raise InvalidValue(f"params.{name} of endpoint {endpoint_id} {problem}")


def param_problem(written: str, value: Any) -> str | None:
    """Return, as the end of a sentence, why no call may have this parameter; None when it may."""
    name = wire_name(written)
    problem = not_json(value)
    if problem is not None:
        return problem
    if name not in _HARMLESS and (_moves(name) or _moves_in_body(name, value)):
        return f"{_why(name)}{REMOVE}"
    if name == "stream" and not isinstance(value, bool):
        return "is true or false"
    if name.startswith(("aws_", "vertex_")) and not _PLACE.fullmatch(str(value)):
        return "may hold letters, digits and hyphens"
    return None


def check_model(endpoint_id: str, model: str) -> None:
    """Refuse a model, as litellm names it, that litellm could take for an address."""
    if _ADDRESS.search(model) or ".." in model.split("/"):
        raise InvalidValue(
            f"type and model of endpoint {endpoint_id} look like an address; write the model's "
            "name, and the address into the provider's apiBase"
        )


def _why(name: str) -> str:
    return next((why for names, why in _REASONS if re.fullmatch(names, name)), _MOVES)


def _moves(name: str) -> bool:
    return name in _NAMES or bool(_FIRST_WORDS.match(name) or _LAST_WORDS.search(name))


def _moves_in_body(name: str, value: Any) -> bool:
    inner = value if name == "extra_body" and isinstance(value, Mapping) else ()
    return any(wire_name(str(key)) in _BODY_NAMES for key in inner)
