"""The configuration as it is on disk now, parsed again only when a file has changed.

That takes less time than the way to a thread and back, so routes that only show it are coroutines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ccw.config.manager import load_config
from ccw.config.models import LiteLLMApiConfig
from ccw.config.places import config_path, user_config_path
from ccw.config.regular import read_regular
from ccw.config.views import masked

Raw = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Current:
    """What holds in the project, and the same as it may be shown; `raw` is what the files hold."""

    config: LiteLLMApiConfig
    shown: Mapping[str, Any]
    raw: Raw


class Reader:
    """Reads the configuration of one project for one request after the other, in any thread."""

    def __init__(self, project: Path, environ: Mapping[str, str]) -> None:
        self._project, self._environ = project, environ
        self._paths = (config_path(project), user_config_path(environ))
        self._last: Current | None = None

    def current(self) -> Current:
        """Return the configuration; ConfigFileError says what is wrong with a file."""
        raw, last = self._raw(), self._last
        if last is not None and last.raw == raw:
            return last
        config = load_config(self._project, environ=self._environ)
        found = Current(config, masked(config), raw)
        if self._raw() == raw:  # else it may be of a file that came in between
            self._last = found
        return found

    def _raw(self) -> Raw:
        return tuple(_content(path) for path in self._paths)


def _content(path: Path) -> object:
    """Return what the file holds, None without one; where it cannot be read, nothing is equal."""
    try:
        return read_regular(path)
    except FileNotFoundError:
        return None
    except OSError:
        return object()
