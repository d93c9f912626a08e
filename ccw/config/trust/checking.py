"""Where trust is asked for: before a key leaves, a command runs, a folder is written to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from ccw.config.kept import seen_in
from ccw.config.layers import NOTHING, Effective
from ccw.config.models import LiteLLMApiConfig, ProviderCredential, by_id
from ccw.config.places import ccw_home
from ccw.config.references import ProjectEnviron, project_environ, references
from ccw.config.trust.edits import agreed_by_edit, switched_on
from ccw.config.trust.record import agree, vouched
from ccw.config.trust.shadows import Layers, users_environ, wishes_of_shadow
from ccw.config.trust.showing import refusal
from ccw.config.trust.standing import agreed_for_process, standing, users_config
from ccw.config.trust.wishes import (
    Wish,
    asks_the_same_anywhere,
    wishes,
    wishes_of_cache,
    wishes_of_provider,
)
from ccw.errors import ConfigError, NotTrusted


def check_provider(provider: ProviderCredential, environ: ProjectEnviron) -> None:
    """Raise NotTrusted when a call to *provider* asks for more than the user agreed to."""
    asked = _asked(provider, environ)
    _require(frozenset(wish for wish in asked if _has_value(wish, environ)), environ)


def check_providers(providers: Iterable[ProviderCredential], environ: ProjectEnviron) -> None:
    """Raise NotTrusted when another program, told of *providers*, would do more than was agreed.

    An unset variable counts as well: it may be set when that program runs.
    """
    asked = (_asked(provider, environ) for provider in providers)
    _require(frozenset().union(*asked), environ)


def new_to_user(
    providers: Iterable[ProviderCredential], environ: ProjectEnviron
) -> frozenset[Wish]:
    """Return what *providers*, put into the user's own file, would ask for beyond it."""
    own = users_environ(environ)
    asked = (wishes_of_provider(switched_on(provider), own) for provider in providers)
    return frozenset().union(*asked) - wishes(users_config(own), own)


def check_cache_dir(project: Path, cache_dir: str, environ: Mapping[str, str]) -> None:
    """Raise NotTrusted when *cache_dir* leads where the user has not agreed to."""
    values = (
        environ
        if isinstance(environ, ProjectEnviron)
        else ProjectEnviron(project, environ, {}, environ)
    )
    _require(wishes_of_cache(cache_dir, values), values)


def remember(
    project: Path,
    old: LiteLLMApiConfig,
    new: LiteLLMApiConfig,
    environ: Mapping[str, str],
) -> None:
    """Take what the edit from *old* to *new* wrote as agreed: the user's own ccw did it.

    What was there before stays as it was. It is saved already, so a record or `.env` that refuses
    is told when it is needed.
    """
    try:
        values, home = project_environ(project, environ), ccw_home(environ)
        known = vouched(home, project)
        users = users_config(values)
        added = agreed_by_edit(Layers(old, users), Layers(new, users), known, values)
        if added:
            agree(home, project, added)
    except ConfigError:
        return


def _asked(provider: ProviderCredential, environ: ProjectEnviron) -> frozenset[Wish]:
    effective = seen_in(environ.project, environ)

    def look() -> frozenset[Wish]:
        layers = Layers(effective.project, effective.user)
        return wishes_of_provider(provider, environ) | wishes_of_shadow(provider, layers, environ)

    if environ.dotenv or not _is_the_projects(provider, effective):
        return look()
    fixed = effective.once(
        ("asked", provider.id), lambda: look() if asks_the_same_anywhere(provider) else None
    )
    return look() if fixed is None else fixed


def _is_the_projects(provider: ProviderCredential, effective: Effective) -> bool:
    """Tell whether it is just what the project's file says, and no file of the user's beside it."""
    configured = by_id(effective.project.providers, provider.id)
    return configured is provider and effective.user is NOTHING


def _require(asked: frozenset[Wish], environ: ProjectEnviron) -> None:
    if not asked or agreed_for_process(environ):
        return
    lacking = standing(asked, environ).missing
    if lacking:
        message = refusal(environ.project, lacking)
        raise NotTrusted(message, project=environ.project, wishes=lacking)


def _has_value(wish: Wish, environ: ProjectEnviron) -> bool:
    """Tell whether there is anything to send: an unset variable is another error's business."""
    found = references(wish.what) if wish.kind in ("key", "proxy") else ()
    if not found or found[0].kind != "variable" or found[0].written != wish.what:
        return True
    return bool(environ.get(found[0].argument))
