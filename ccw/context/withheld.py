"""Files that are gone from a pack, but not because they were deleted: nothing of these stays."""

from __future__ import annotations

import os
from collections.abc import Iterable

from ccw.context.files.hints import ignored_by
from ccw.context.files.names import is_secret
from ccw.context.files.start import IgnoreRules
from ccw.context.scope import Scope


def withheld(paths: Iterable[str], scope: Scope) -> frozenset[str]:
    """Return those of *paths*, as shown and no longer packed, that are kept from the pack.

    That is every one that may still be there, and one that is deleted and would be left out.
    """
    project = os.path.realpath(scope.project)
    rules = IgnoreRules(project)
    locations = {path: os.path.normpath(os.path.join(project, path)) for path in paths}
    return frozenset(path for path, at in locations.items() if _is_withheld(at, scope, rules))


def _is_withheld(location: str, scope: Scope, rules: IgnoreRules) -> bool:
    if not _is_deleted(location):
        return True
    if is_secret(os.path.basename(location)) and not scope.allow_secrets:
        return True
    return bool(ignored_by(location, scope, rules))


def _is_deleted(location: str) -> bool:
    """Tell whether it is sure that there is nothing at *location*."""
    try:
        os.lstat(location)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False
