"""The bytes of a JSON file to its data; whatever a save could not give back is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ccw.config.json_values import MAX_DEPTH_OF_FILE, too_deep
from ccw.errors import ConfigFileError


def read_json(raw: bytes, path: Path) -> Any:
    """Return the data in *raw*, the content of *path*; ConfigFileError says where it breaks off."""
    if not raw.strip():
        raise ConfigFileError(f"{path} is empty; delete it to start afresh, or restore its content")
    try:
        data = _data(raw.decode("utf-8-sig"))
        problem = too_deep(data, MAX_DEPTH_OF_FILE)
        if problem is None:
            return data
        reason = f"{problem}; correct it"
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 (byte {error.start}); save it as UTF-8"
    except UnicodeEncodeError:
        reason = "holds half of a surrogate pair (\\ud800 to \\udfff); correct it"
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        reason = f"is not valid JSON: {error.msg} at {place}; correct it there"
    except RecursionError:
        reason = "is nested too deeply; correct it"
    except ValueError as error:
        reason = f"is not valid JSON: {error}; correct it"
    raise ConfigFileError(f"{path} {reason}")


def _data(text: str) -> Any:
    data = json.loads(text, parse_constant=_refuse, object_pairs_hook=_object)
    if "\\ud" in text.lower():  # such a half could neither be printed nor saved
        json.dumps(data, ensure_ascii=False).encode()
    return data


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs as a dict; of a key that is there twice a save would lose one value."""
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"an object holds the key {twice!r} twice")
    return result
