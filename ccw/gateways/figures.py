"""What is known of one model beside litellm's map: the user's figures over its gateway's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ccw.config.models import ModelInfo
from ccw.gateways.kept import keeps_lists, kept_path, read_kept

if TYPE_CHECKING:
    from ccw.config.models import ProviderCredential
    from ccw.gateways.providers import World
    from ccw.llm.gateway.parsing import Listed

_FIGURES = tuple(name for name in ModelInfo.model_fields if name not in ("id", "name"))


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one model: figures, of which each wins over those before it.

    `serves` are the models that answer under its name, as the gateway tells them.
    """

    figures: tuple[ModelInfo | None, ...] = ()
    serves: tuple[str, ...] = ()


def overlay_of(overlays: Iterable[ModelInfo], model: str) -> ModelInfo | None:
    """Return what the user knows about *model*, None for nothing."""
    return next((info for info in overlays if info.id == model), None)


def profile_of(provider: ProviderCredential, model: str, world: World) -> Profile:
    """Return what the list that was kept of the gateway tells of *model*, and the user.

    Nothing is asked for and nothing written.
    """
    own = overlay_of(provider.models, model)
    if not keeps_lists(world.home):
        return Profile((own,))
    kept = read_kept(kept_path(provider, world))
    listed = next((entry for entry in kept.models if entry.id == model), None) if kept else None
    if listed is None:
        return Profile((own,))
    return Profile((_figures(listed), own), listed.serves or ())


def _figures(listed: Listed) -> ModelInfo:
    told = {name: getattr(listed, name) for name in _FIGURES}
    return ModelInfo.model_construct(id=listed.id, **told)
