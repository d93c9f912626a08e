"""A LiteLLM proxy as the one gateway of a project: tested, listed, configured by plain dicts.

The dicts have the camelCase keys `success`, `models` [{id, name, provider, contextLength}] and
`error`, and `baseUrl`, `enabled`, `lastValidated` (ms since the epoch) and `models`; `apiKey` is
taken in, and never given out.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Container, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from ccw.config import edit, manager
from ccw.config.models import LiteLLMApiConfig, ProviderCredential, by_id
from ccw.config.provider_types import provider_type
from ccw.config.references import substitute
from ccw.config.selection import IMPLICIT
from ccw.config.state import ProviderState, State, state_of, update_state, with_provider
from ccw.config.views import written
from ccw.errors import CcwError, InvalidValue
from ccw.gateways.kept import kept_path, read_kept
from ccw.gateways.models import BaseDir, Clock, described_by, list_models
from ccw.gateways.providers import World, world_of
from ccw.gateways.testing import check_connection
from ccw.llm.gateway.details import ModelDetails
from ccw.llm.gateway.parsing import Listed
from ccw.moments import timestamp

TYPE = "litellm"
Environ = Mapping[str, str] | None  # None: the environment of the process
NOT_CONFIGURED = (
    "LiteLLM is not configured; set LITELLM_ENABLED=true and LITELLM_BASE_URL, or: "
    "ccw provider add --type litellm --id litellm --api-base URL"
)
_CONFIG = {
    "baseUrl": "base_url",
    "apiKey": "api_key",
    "enabled": "enabled",
    "lastValidated": "last_validated",
    "models": "models",
}
_MODEL = ("id", "name", "provider", "contextLength", "contextWindow")


def litellm_provider(world: World) -> ProviderCredential | None:
    """Return the enabled provider `litellm`, else the first enabled one of that type."""
    own = [p for p in world.config.providers if p.type == TYPE and p.enabled]
    return by_id(own, IMPLICIT) or next(iter(own), None)


def test_litellm_connection(
    url: str,
    api_key: str | None = None,  # noqa: PT028
) -> dict[str, Any]:
    """Ask the gateway at *url* for its models: `success` with `models`, or `error`."""
    for name, value in (("url", url), ("api_key", api_key or "")):
        if not isinstance(value, str):
            return {"success": False, "error": f"{name} {_expected('a text', value)}"}
    result = check_connection(url, api_key, TYPE)
    if not result.success:
        return {"success": False, "error": result.error}
    return {"success": True, "models": [_short(model) for model in result.models]}


test_litellm_connection.__test__ = False  # type: ignore[attr-defined]  # no test of pytest's


def fetch_litellm_models(
    base_dir: BaseDir, environ: Environ = None, *, clock: Clock = time.time
) -> dict[str, Any]:
    """Return `success` with the gateway's `models`, or `error`; both when the list is an old one.

    The models are kept for 5 minutes.
    """
    provider = litellm_provider(_world(base_dir, environ))
    if provider is None:
        return {"success": False, "error": NOT_CONFIGURED}
    try:
        listed = list_models(base_dir, provider.id, environ=environ, clock=clock)
    except CcwError as error:
        return {"success": False, "error": str(error)}
    failed = {} if listed.error is None else {"error": listed.error}
    if failed and not listed.stale:
        return {"success": False, **failed}
    return {"success": True, "models": [_short(model) for model in listed.models], **failed}


def get_litellm_config(base_dir: BaseDir, environ: Environ = None) -> dict[str, Any] | None:
    """Return what is configured of the provider `litellm`, None without one; nothing is asked.

    `lastValidated` and `models` are those of the last test and the last list, where there are any.
    """
    world = _world(base_dir, environ)
    provider = by_id(world.config.providers, IMPLICIT)
    if provider is None:
        return None
    base = substitute(provider.api_base or "", world.environ)
    config: dict[str, Any] = {
        "baseUrl": base or provider_type(provider.type).default_base,
        "enabled": provider.enabled,
    }
    validated = state_of(world.project, provider.id).last_validated
    if validated is not None:
        config["lastValidated"] = _milliseconds(validated)
    models = _known_models(provider, world)
    return {**config, "models": models} if models else config


def set_litellm_config(
    base_dir: BaseDir,
    config: Mapping[str, Any] | None,
    environ: Environ = None,
    *,
    clock: Callable[[], datetime] = manager.utc_now,
) -> None:
    """Make *config* the project's provider `litellm`; None removes it with its endpoints.

    `baseUrl` is needed for a new one; what *config* leaves out stays as it is. `apiKey` is best a
    reference, `${LITELLM_API_KEY}`. InvalidValue says which name or value cannot be used.
    """
    if config is None:
        manager.delete_provider(base_dir, IMPLICIT, environ=environ)
        return
    new = _known(config)
    validated = _moment(new)
    manager.update_config(base_dir, partial(_changed, new=new, now=clock()), environ=environ)
    if validated is not None:
        update_state(Path(base_dir), partial(_validated, moment=validated))


def _world(base_dir: BaseDir, environ: Environ) -> World:
    return world_of(Path(base_dir), os.environ if environ is None else environ)


def _short(model: ModelDetails) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": model.name,
        "provider": model.provider,
        "contextLength": model.context_window,
    }


def _known_models(provider: ProviderCredential, world: World) -> list[dict[str, Any]]:
    kept = read_kept(kept_path(provider, world))
    known = kept.models if kept else [Listed(id=info.id) for info in provider.models]
    return [_short(model) for model in described_by(provider, known)]


def _changed(
    old: LiteLLMApiConfig, *, new: Mapping[str, Any], now: datetime
) -> tuple[LiteLLMApiConfig, None]:
    provider = by_id(old.providers, IMPLICIT)
    patch = _patch(new, provider)
    if provider is not None:
        return edit.update_provider(old, IMPLICIT, patch, now)[0], None
    if not patch.get("apiBase"):
        raise InvalidValue("baseUrl is missing; expected an address like http://localhost:4000")
    made = {"id": IMPLICIT, "name": "LiteLLM", "type": TYPE, **patch}
    return edit.add_provider(old, made, now)[0], None


def _known(config: Any) -> dict[str, Any]:
    """Return *config* by its names in camelCase; a name that it cannot have is refused."""
    if not isinstance(config, Mapping):
        raise InvalidValue(_expected("a dict with baseUrl", config))
    camel = {**{snake: name for name, snake in _CONFIG.items()}, **{name: name for name in _CONFIG}}
    _refuse_unknown(config, camel, _CONFIG, "")
    return {camel[name]: value for name, value in config.items()}


def _refuse_unknown(
    given: Iterable[object], known: Container[object], shown: Iterable[str], where: str
) -> None:
    unknown = [str(name) for name in given if name not in known]
    if unknown:
        raise InvalidValue(
            f"{where}{unknown[0]} is no name that is read here; there are {', '.join(shown)}"
        )


def _expected(what: str, given: object) -> str:
    return f"expected {what}, got {type(given).__name__}"


def _patch(new: Mapping[str, Any], old: ProviderCredential | None) -> dict[str, Any]:
    values = {
        "apiBase": new.get("baseUrl"),
        "apiKey": new.get("apiKey"),
        "enabled": new.get("enabled"),
        "models": _models(new.get("models"), old),
    }
    return {name: value for name, value in values.items() if value is not None}


def _models(new: Any, old: ProviderCredential | None) -> Any:
    """Return the entries to save; what the user wrote about a model before stays with it."""
    if not isinstance(new, list | tuple) or not all(isinstance(x, Mapping) for x in new):
        return new  # nothing, or what the config itself refuses with a word on what is expected
    for index, model in enumerate(new):
        _refuse_unknown(model, _MODEL, _MODEL, f"models[{index}].")
    before = {info.id: written(info) for info in (old.models if old else ())}
    return [{**before.get(str(model.get("id")), {}), **_entry(model)} for model in new]


def _entry(model: Mapping[str, Any]) -> dict[str, Any]:
    window = model.get("contextLength", model.get("contextWindow"))
    values = {"id": model.get("id"), "name": model.get("name"), "contextWindow": window}
    return {name: value for name, value in values.items() if value is not None}


def _moment(config: Mapping[str, Any]) -> str | None:
    """Return `lastValidated` in ISO 8601; it comes in milliseconds since the epoch."""
    value = config.get("lastValidated")
    if value is None:
        return None
    if not isinstance(value, int | float) or not 0 <= value < 1e14:
        raise InvalidValue("lastValidated expects milliseconds since 1970, such as 1735689600000")
    return timestamp(datetime.fromtimestamp(value / 1000, UTC))


def _validated(state: State, *, moment: str) -> State:
    before = state.providers.get(IMPLICIT) or ProviderState()
    seen = before.model_copy(update={"last_validated": moment, "ok": True, "error": None})
    return with_provider(state, IMPLICIT, seen)


def _milliseconds(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)
