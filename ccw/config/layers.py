"""The two files that make a configuration: the project's, laid over the user's own.

Providers and endpoints are laid over by id, the default endpoint and the cache settings field by
field. A disabled copy in the project hides what the user's own has.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from ccw.config.lookup import Other
from ccw.config.models import GlobalCacheSettings, Item, LiteLLMApiConfig, by_id
from ccw.config.places import config_path, is_there, user_config_path
from ccw.config.store import load_file

NOTHING = LiteLLMApiConfig()
MOST_FOUND = 256  # answers that one configuration remembers
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Effective:
    """What holds in a project, and the two files that it comes from; a missing one is empty."""

    config: LiteLLMApiConfig
    project: LiteLLMApiConfig
    user: LiteLLMApiConfig
    project_path: Path
    user_path: Path
    _found: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, what: Hashable, look: Callable[[], Found]) -> Found:
        """Return what *look* found when *what* was first asked of this configuration.

        That may be long ago: it must depend on the configuration alone, and hold no key's value.
        """
        try:
            known: Found = self._found[what]
        except KeyError:
            known = look()
            if len(self._found) >= MOST_FOUND:
                self._found.clear()
            self._found[what] = known
        return known


@dataclass(frozen=True, slots=True)
class Target:
    """The file that a change goes to, and the other one as it is."""

    path: Path
    other: Other

    def effective(self, config: LiteLLMApiConfig) -> LiteLLMApiConfig:
        """Return what holds in the project when this file says *config*."""
        if self.other.is_below:
            return laid_over(config, self.other.config)
        return laid_over(self.other.config, config)


def load_effective(project: Path, environ: Mapping[str, str]) -> Effective:
    """Return the configuration that holds in *project*; *environ* tells where the user's own is.

    ConfigFileError names the file that cannot be used.
    """
    project_path, user_path = config_path(project), user_config_path(environ)
    own = load_file(project_path) or NOTHING
    user = load_user(user_path)
    if user is None:
        return Effective(own, own, NOTHING, project_path, user_path)
    return Effective(laid_over(own, user), own, user, project_path, user_path)


def load_config(project: Path, environ: Mapping[str, str]) -> LiteLLMApiConfig:
    """Return the configuration that holds in *project*; see `load_effective`."""
    return load_effective(project, environ).config


def load_layer(project: Path, environ: Mapping[str, str], *, user: bool) -> LiteLLMApiConfig:
    """Return what one of the two files says: the user's own, or the project's."""
    found = load_user(user_config_path(environ)) if user else load_file(config_path(project))
    return found or NOTHING


def load_user(path: Path) -> LiteLLMApiConfig | None:
    """Return what the user's own file says, None without one.

    A home that may not be looked into (another user's, /dev/null) holds none; a file that is there
    and cannot be read is an error.
    """
    return load_file(path) if is_there(path) else None


def target_of(project: Path, environ: Mapping[str, str], *, user: bool) -> Target:
    """Return the file to change, and what the other one has."""
    path = user_config_path(environ) if user else config_path(project)
    other = load_layer(project, environ, user=not user)
    return Target(path, Other(other, is_below=not user))


def laid_over(project: LiteLLMApiConfig, user: LiteLLMApiConfig) -> LiteLLMApiConfig:
    """Return *project* over *user*; the project's come first."""
    merged = project.model_copy(
        update={
            "providers": _items(project.providers, user.providers),
            "endpoints": _items(project.endpoints, user.endpoints),
            "global_cache_settings": _settings(project, user),
        }
    )
    return merged.model_copy(update={"default_endpoint": _default(merged, user)})


def _items(project: tuple[Item, ...], user: tuple[Item, ...]) -> tuple[Item, ...]:
    own = {item.id for item in project}
    return project + tuple(item for item in user if item.id not in own)


def _settings(project: LiteLLMApiConfig, user: LiteLLMApiConfig) -> GlobalCacheSettings:
    """Return the project's settings, each that it has not written taken from the user's own."""
    own, below = project.global_cache_settings, user.global_cache_settings
    inherited: dict[str, Any] = {
        name: getattr(below, name) for name in below.model_fields_set - own.model_fields_set
    }
    return own.model_copy(update=inherited)


def _default(merged: LiteLLMApiConfig, user: LiteLLMApiConfig) -> str | None:
    """Return the project's default, else the user's own unless the project's copy hides it."""
    if merged.default_endpoint is not None:
        return merged.default_endpoint
    endpoint = by_id(merged.endpoints, user.default_endpoint)
    is_hidden = endpoint is not None and not endpoint.enabled
    return None if is_hidden else user.default_endpoint
