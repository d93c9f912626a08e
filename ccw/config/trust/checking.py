"""Where trust is asked for: before a key leaves, a command runs, a folder is written to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ccw.config.models import LiteLLMApiConfig, ProviderCredential
from ccw.config.places import ccw_home, user_config_path
from ccw.config.references import ProjectEnviron, project_environ, references
from ccw.config.store import load_file
from ccw.config.trust.record import agree, agreed
from ccw.config.trust.showing import refusal
from ccw.config.trust.wishes import Wish, wishes, wishes_of_cache, wishes_of_provider
from ccw.errors import ConfigError, NotTrusted

VARIABLE = "CCW_TRUST"  # in the real environment it agrees for one process
_TRUE = frozenset({"1", "true", "yes", "on"})


def check_provider(provider: ProviderCredential, environ: ProjectEnviron) -> None:
    """Raise NotTrusted when a call to *provider* asks for more than the user agreed to."""
    asked = wishes_of_provider(provider, environ)
    _require(frozenset(wish for wish in asked if _has_value(wish, environ)), environ)


def check_cache_dir(project: Path, cache_dir: str, environ: Mapping[str, str]) -> None:
    """Raise NotTrusted when *cache_dir* leads where the user has not agreed to."""
    values = (
        environ
        if isinstance(environ, ProjectEnviron)
        else ProjectEnviron(project, environ, {}, environ)
    )
    _require(wishes_of_cache(cache_dir, values), values)


def missing(asked: frozenset[Wish], environ: ProjectEnviron) -> frozenset[Wish]:
    """Return what of *asked* the user has not agreed to, for this process or for good."""
    if not asked or environ.process.get(VARIABLE, "").strip().lower() in _TRUE:
        return frozenset()
    return asked - agreed(ccw_home(environ.process), environ.project) - _of_user(environ)


def remember(
    project: Path,
    old: LiteLLMApiConfig,
    new: LiteLLMApiConfig,
    environ: Mapping[str, str],
) -> None:
    """Take what *new* asks for beyond *old* as agreed: the user's own ccw wrote it.

    What was there before stays as it was. It is saved already, so a record or `.env` that refuses
    is told when it is needed.
    """
    try:
        values = project_environ(project, environ)
        added = wishes(new, values) - wishes(old, values)
        if added:
            agree(ccw_home(environ), project, added)
    except ConfigError:
        return


def _require(asked: frozenset[Wish], environ: ProjectEnviron) -> None:
    lacking = missing(asked, environ)
    if lacking:
        raise NotTrusted(refusal(environ.project, lacking), wishes=lacking)


def _has_value(wish: Wish, environ: ProjectEnviron) -> bool:
    """Tell whether there is anything to send: an unset variable is another error's business."""
    names = [r.argument for r in references(wish.what) if r.kind == "variable"]
    return not names or any(environ.get(name) for name in names)


def _of_user(environ: ProjectEnviron) -> frozenset[Wish]:
    """Return what the user's own configuration asks for; the project's `.env` has no say in it."""
    config = load_file(user_config_path(environ.process))
    if config is None:
        return frozenset()
    own = ProjectEnviron(environ.project, environ.process, {}, environ.process)
    return wishes(config, own)
