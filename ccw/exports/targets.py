"""The programs that a configuration can be written for, by name."""

from __future__ import annotations

from collections.abc import Container, Sequence

from ccw.config.models import LiteLLMApiConfig, ProviderCredential
from ccw.exports.export import Export

TARGETS = ("litellm", "opencode", "codex", "gemini", "qwen", "claude")


def export_config(
    target: str,
    config: LiteLLMApiConfig,
    endpoint_ids: Sequence[str] = (),
    is_set: Container[str] = (),
) -> Export:
    """Return *config* as a file for *target*, one of `TARGETS`.

    *endpoint_ids* are the endpoints to write (none: all), *is_set* names the variables at hand.
    NotFound for an id that is no endpoint's.
    """
    if target == "litellm":
        from ccw.exports.litellm_yaml import export_litellm

        return export_litellm(config, endpoint_ids, is_set)
    if target == "opencode":
        from ccw.exports.opencode import export_opencode

        return export_opencode(config, endpoint_ids, is_set, known_limits)
    if target == "codex":
        from ccw.exports.codex import export_codex

        return export_codex(config, endpoint_ids, is_set)
    from ccw.exports.shells import CLIENTS, export_shell

    return export_shell(CLIENTS[target], config, endpoint_ids, is_set)


def known_limits(
    name: str, provider: ProviderCredential, model: str
) -> tuple[int | None, int | None]:
    """Return the tokens of context and of output of *model*, by the configuration and litellm."""
    from ccw.llm.prices import model_facts

    overlay = next((known for known in provider.models if known.id == model), None)
    facts = model_facts(name, overlay)
    return facts.context_window, facts.max_output_tokens


def provider_of_model(model: str) -> str | None:
    """Return litellm's provider of a bare model id, None where its map has no such model."""
    from ccw.llm.data import model_map

    known = model_map().get(model, {}).get("litellm_provider")
    return str(known) if known else None
