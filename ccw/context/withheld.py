"""Files that are gone from a pack, but not because they were deleted: nothing of these stays."""

from __future__ import annotations

import os
from collections.abc import Iterable

from ccw.context.files.hints import ignored_by
from ccw.context.files.names import is_secret
from ccw.context.scope import Scope


def withheld(paths: Iterable[str], scope: Scope) -> frozenset[str]:
    """Return those of *paths*, as shown and no longer packed, that are kept from the pack.

    That is every one that may still be there, and one that is deleted and would be left out.
    """
    project = os.path.realpath(scope.project)
    return frozenset(
        path for path in paths if _is_withheld(os.path.normpath(os.path.join(project, path)), scope)
    )


def _is_withheld(location: str, scope: Scope) -> bool:
    if not _is_deleted(location):
        return True
    if is_secret(os.path.basename(location)) and not scope.allow_secrets:
        return True
    return bool(ignored_by(location, scope))


def _is_deleted(location: str) -> bool:
    """Tell whether it is sure that there is nothing at *location*."""
    try:
        os.lstat(location)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False
