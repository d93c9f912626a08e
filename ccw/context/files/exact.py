"""Files that a pattern names exactly: taken although ignored, but never from outside, no secret."""

from __future__ import annotations

import os
import stat

from ccw.context.files.collect import Collector
from ccw.context.files.contain import containing, not_allowed, printable
from ccw.context.files.names import is_secret
from ccw.errors import PathNotAllowed


def take_exact(path: str, status: os.stat_result, token: str, pattern: int, to: Collector) -> None:
    """Hand the file at the absolute *path*, whose lstat is *status*, to the collector.

    PathNotAllowed when it leads outside, or when it is a secret that was not allowed.
    """
    folder, name = os.path.split(path)
    real_folder = to.real(folder)
    is_link = stat.S_ISLNK(status.st_mode)
    real = os.path.realpath(path) if is_link else os.path.join(real_folder, name)
    if containing(real_folder, to.roots) is None or containing(real, to.roots) is None:
        raise not_allowed(printable(token), real)
    if not to.scope.allow_secrets and (is_secret(name) or is_secret(os.path.basename(real))):
        raise PathNotAllowed(
            f"{printable(token)} names a file that usually holds secrets; "
            "add --allow-secrets to send it all the same"
        )
    lexical = containing(folder, to.roots) is not None
    shown = to.shown(path if lexical else os.path.join(real_folder, name))
    if is_link:
        to.add_link(shown, real, frozenset({pattern}))
    else:
        to.add(shown, real, status, frozenset({pattern}))
