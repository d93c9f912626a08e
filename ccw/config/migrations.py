"""Bring the data of an older config file up to the current version, one step per version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ccw.config.models import CURRENT_VERSION
from ccw.errors import ConfigFileError

Data = dict[str, Any]


def migrated(data: Data, path: Path) -> Data:
    """Return *data* in the current version: itself when it is, otherwise a changed copy.

    A version that is no whole number is left for the models to refuse.
    """
    version = data.get("version", CURRENT_VERSION)
    if not isinstance(version, int) or isinstance(version, bool):
        return data
    if version > CURRENT_VERSION:
        raise ConfigFileError(
            f"{path} has version {version}, this ccw knows versions up to {CURRENT_VERSION}; "
            "install a newer ccw, or use the one that wrote it"
        )
    if version < 0:
        raise ConfigFileError(f"{path}: version: expected {CURRENT_VERSION}, got {version}")
    for step in range(version, CURRENT_VERSION):
        data = {**_STEPS[step](data), "version": step + 1}
    return data


def _unversioned(data: Data) -> Data:
    """Version 0 had the same fields; the models read its snake_case names as well."""
    return data


_STEPS: dict[int, Callable[[Data], Data]] = {0: _unversioned}
