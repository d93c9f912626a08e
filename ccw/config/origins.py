"""Where each part of a configuration comes from: a file, a variable or the defaults.

Never what a variable holds: a value here is a reference as written, an id or a setting.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ccw.config.bases import checked_base
from ccw.config.layers import Effective
from ccw.config.models import ProviderCredential, by_id
from ccw.config.provider_texts import provider_texts
from ccw.config.provider_types import provider_type
from ccw.config.references import ProjectEnviron, Reference, mask, references
from ccw.config.selection import with_implicit

Layer = Literal[
    "project", "user", "environment", "default", ".env", "unset", "keyring", "file", "command"
]
_KINDS: dict[str, Layer] = {"keyring": "keyring", "file": "file", "cmd": "command"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the part *name*, such as `providers.openai.apiKey`, comes from.

    `path` is the file that holds it, None where there is none.
    """

    name: str
    value: str
    origin: Layer
    path: Path | None = None


def origins(effective: Effective, environ: ProjectEnviron) -> list[Origin]:
    """Return the origin of every provider, endpoint and setting, and of each reference."""
    return [
        *_providers(effective, environ),
        *(_item(effective, "endpoints", e.id, e.model) for e in effective.config.endpoints),
        _default(effective),
        *_settings(effective),
    ]


def _providers(effective: Effective, environ: ProjectEnviron) -> Iterator[Origin]:
    for provider in with_implicit(effective.config, environ).providers:
        yield _item(effective, "providers", provider.id, provider.type)
        for field, reference in _references(provider, environ):
            yield _filled(f"providers.{provider.id}.{field}", reference, environ)


def _item(effective: Effective, kind: str, item_id: str, value: str) -> Origin:
    name = f"{kind}.{item_id}"
    if by_id(getattr(effective.project, kind), item_id):
        return Origin(name, value, "project", effective.project_path)
    if by_id(getattr(effective.user, kind), item_id):
        return Origin(name, value, "user", effective.user_path)
    return Origin(name, value, "environment")


def _references(
    provider: ProviderCredential, environ: ProjectEnviron
) -> Iterator[tuple[str, Reference]]:
    for field, text in provider_texts(provider):
        for reference in references(text):
            yield field, reference
    usual = "" if provider.api_key or provider.api_keys else _usual_variable(provider, environ)
    if usual:
        yield "apiKey", Reference("variable", usual, None, f"${{{usual}}}")


def _usual_variable(provider: ProviderCredential, environ: ProjectEnviron) -> str:
    """Return the variable that a call takes the key from when the provider names none."""
    kind, base = provider_type(provider.type), provider.api_base
    if base and (references(base) or not kind.owns(checked_base(base))):
        return ""
    return next((name for name in kind.key_variables if environ.get(name, "").strip()), "")


def _filled(name: str, reference: Reference, environ: ProjectEnviron) -> Origin:
    shown = mask(reference.written)
    if reference.kind != "variable":
        return Origin(name, shown, _KINDS.get(reference.kind, "unset"))
    if reference.argument in environ.process:
        return Origin(name, shown, "environment")
    if reference.argument in environ:
        return Origin(name, shown, ".env", environ.project / ".env")
    return Origin(name, shown, "unset" if reference.default is None else "default")


def _default(effective: Effective) -> Origin:
    chosen = effective.config.default_endpoint
    name, value = "defaultEndpoint", chosen or "none"
    if chosen is None:
        return Origin(name, value, "default")
    if effective.project.default_endpoint is not None:
        return Origin(name, value, "project", effective.project_path)
    return Origin(name, value, "user", effective.user_path)


def _settings(effective: Effective) -> Iterator[Origin]:
    settings = effective.config.global_cache_settings
    own = effective.project.global_cache_settings.model_fields_set
    below = effective.user.global_cache_settings.model_fields_set
    for field, info in type(settings).model_fields.items():
        name, value = (
            f"globalCacheSettings.{info.alias}",
            json.dumps(getattr(settings, field)).strip('"'),
        )
        if field in own:
            yield Origin(name, value, "project", effective.project_path)
        elif field in below:
            yield Origin(name, value, "user", effective.user_path)
        else:
            yield Origin(name, value, "default")
