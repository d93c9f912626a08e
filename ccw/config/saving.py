"""Save a change of one of the two config files, with what has to be done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ccw.config import layers, store
from ccw.config.lookup import Other
from ccw.config.models import LiteLLMApiConfig
from ccw.config.reading import BaseDir, Environ, real_environ
from ccw.config.references import project_environ
from ccw.config.selection import with_implicit

Change = Callable[[LiteLLMApiConfig, Other], tuple[LiteLLMApiConfig, store.Result]]
# called under the lock with a file's configuration before and after; what it raises stops the save
Check = Callable[[LiteLLMApiConfig, LiteLLMApiConfig], None] | None


def change_file(
    base_dir: BaseDir,
    change: Change[store.Result],
    user: bool = False,
    environ: Environ = None,
    check: Check = None,
) -> store.Result:
    """Save a change of one file that may look at the other; every writing comes through here.

    Return the second result of *change*. It is done under a lock, so that no other change is lost.
    """
    target = layers.target_of(Path(base_dir), real_environ(environ), user=user)
    other = replace(target.other, made=lambda: _made(Path(base_dir), environ, user))

    def checked(config: LiteLLMApiConfig) -> tuple[LiteLLMApiConfig, store.Result]:
        changed, result = change(config, other)
        if check is not None:
            check(config, changed)
        return changed, result

    def remember(old: LiteLLMApiConfig, new: LiteLLMApiConfig) -> None:
        from ccw.config.trust import checking

        checking.remember(Path(base_dir), old, new, real_environ(environ))

    # what the user's own file asks for needs no agreement
    return store.update_file(target.path, checked, None if user else remember)


def update_config(
    base_dir: BaseDir,
    change: store.Edit[store.Result],
    *,
    user: bool = False,
    environ: Environ = None,
) -> store.Result:
    """Save a change of one file; see `change_file`."""
    return change_file(base_dir, lambda config, _other: change(config), user, environ)


def _made(project: Path, environ: Environ, user: bool) -> tuple[str, ...]:
    """Return the providers of the environment; a project's `.env` makes none for other projects."""
    values = real_environ(environ)
    if not user:
        values = project_environ(project, values)
    return tuple(provider.id for provider in with_implicit(LiteLLMApiConfig(), values).providers)
