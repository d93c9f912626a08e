"""Messages for who asks over HTTP: options of the command line by the names of their fields."""

from __future__ import annotations

import re
from typing import Any

_FIELDS = {
    "allow-missing": "allowMissing: true",
    "allow-secrets": "allowSecrets: true",
    "include-dirs": "includeDirs",
    "max-cost": "maxCost",
    "max-file-size": "maxFileSize",
    "max-size": "maxSize",
    "no-cache": "cache: false",
    "over": "over",
    "timeout": "timeout",
}
_OPTION = re.compile(
    rf"(?<![\w-])--({'|'.join(_FIELDS)})(?![\w-])(?: (KB\b|drop\b|\d+(?:\.\d+)?))?"
)


def for_http(message: str) -> str:
    """Return *message* with `--allow-missing` as `allowMissing: true`, and so on."""
    return _OPTION.sub(_field, message)


def told_in_fields(shown: dict[str, Any]) -> dict[str, Any]:
    """Return what is *shown* of a call with its notes and reasons for who asks over HTTP."""
    notes = [for_http(note) for note in shown["notes"]]
    skipped = [{**file, "reason": for_http(file["reason"])} for file in shown["skippedFiles"]]
    return {**shown, "notes": notes, "skippedFiles": skipped}


def _field(match: re.Match[str]) -> str:
    name, value = _FIELDS[match[1]], match[2]
    if value == "KB":
        return f"{name} (KB)"
    return name if value is None else f"{name}: {value}"
