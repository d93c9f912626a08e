"""What is known of one model beside litellm's map: the user's figures over its gateway's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ccw.config.models import ModelInfo
from ccw.gateways.kept import keeps_lists, kept_path, read_kept

if TYPE_CHECKING:
    from ccw.config.models import ProviderCredential
    from ccw.gateways.providers import World

_FIGURES = tuple(name for name in ModelInfo.model_fields if name not in ("id", "name"))


def overlay_of(overlays: Iterable[ModelInfo], model: str) -> ModelInfo | None:
    """Return what the user knows about *model*, None for nothing."""
    return next((info for info in overlays if info.id == model), None)


def known_figures(provider: ProviderCredential, model: str, world: World) -> ModelInfo | None:
    """Return what the user, else the list that was kept of the gateway, tells of *model*.

    Nothing is asked for and nothing written; None where nobody tells anything.
    """
    own = overlay_of(provider.models, model)
    if not keeps_lists(world.home):
        return own
    kept = read_kept(kept_path(provider, world))
    listed = next((entry for entry in kept.models if entry.id == model), None) if kept else None
    if listed is None:
        return own
    return ModelInfo.model_construct(id=model, **{**_told(listed), **_told(own)})


def _told(source: object) -> dict[str, Any]:
    figures = {name: getattr(source, name, None) for name in _FIGURES}
    return {name: value for name, value in figures.items() if value is not None}
