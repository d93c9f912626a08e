"""What was seen of providers and their keys, kept beside the config file and never in it.

The file is a memory, not a setting: one that cannot be read counts as empty, one that cannot be
written is left as it is. It holds no key and no reference, only the ids of keys.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from ccw.atomic import replace_file, sweep
from ccw.config.models import ApiKeyEntry, Value
from ccw.config.places import config_path, is_inside
from ccw.config.regular import read_regular
from ccw.moments import moment

STATE_FILE = "litellm-api-state.json"
OWN_KEY = "apiKey"  # the id of a provider's own key, beside those of its `apiKeys`
LOCK_SECONDS = 5.0
MAX_BYTES = 1024 * 1024
KeyCondition = Literal["ok", "refused", "limited"]


def _real(text: str) -> str:
    datetime.fromisoformat(text)  # ValueError for the 31st of February
    return text


Moment = Annotated[float, Field(ge=0, lt=1e11)]  # seconds since the epoch
Stamp = Annotated[  # as `timestamp` writes it
    str,
    Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"),
    AfterValidator(_real),
]
Word = Annotated[str, Field(pattern="^[a-z_]{1,40}$")]


class KeyState(Value, defer_build=True):
    """How a key was last seen; times in seconds since the epoch, `until` None: no end known."""

    state: KeyCondition
    since: Moment
    until: Moment | None = None


class ProviderState(Value, defer_build=True):
    """What the last test of a provider told, and the states of its keys by id.

    `last_validated` is ISO 8601 in UTC, `error` the kind of failure, None after a success.
    """

    last_validated: Stamp | None = None
    ok: bool | None = None
    latency_ms: Annotated[float, Field(ge=0, lt=1e9)] | None = None
    error: Word | None = None
    keys: dict[str, KeyState] = Field(default_factory=dict)


class State(Value, defer_build=True):
    """The whole file: provider id -> what was seen of it."""

    providers: dict[str, ProviderState] = Field(default_factory=dict)


Edit = Callable[[State], State]


def state_path(project: Path) -> Path:
    """Return where the state of *project* is kept, or would be."""
    return config_path(project).with_name(STATE_FILE)


def read_state(project: Path) -> State:
    """Return what is known; a file that is missing or makes no sense is an empty state."""
    path = state_path(project)
    return _read(path) if is_inside(path, project) else State()


def state_of(project: Path, provider_id: str) -> ProviderState:
    """Return what is known of one provider, empty when nothing is."""
    return read_state(project).providers.get(provider_id) or ProviderState()


def update_state(project: Path, edit: Edit) -> bool:
    """Apply *edit* under a lock that processes respect; tell whether the result is kept.

    False where the config folder does not exist, leads out of the project or cannot be written:
    nothing depends on it.
    When *edit* returns the state it was given, nothing is written.
    """
    path = state_path(project)
    if not is_inside(path, project):
        return False
    if not os.path.isdir(path.parent):  # noqa: PTH112 (Path.is_dir raises for a closed parent)
        return False
    from filelock import FileLock, Timeout

    with suppress(OSError, Timeout):
        with FileLock(f"{path}.lock", LOCK_SECONDS, mode=0o600, poll_interval=0.01):
            old = _read(path)
            new = edit(old)
            if new is not old:
                _write(path, new)
        return True
    return False


def with_provider(state: State, provider_id: str, seen: ProviderState) -> State:
    """Return *state* with what was *seen* of a provider."""
    return state.model_copy(update={"providers": {**state.providers, provider_id: seen}})


def with_key(state: State, provider_id: str, key_id: str, seen: KeyState) -> State:
    """Return *state* with what was *seen* of one key."""
    old = state.providers.get(provider_id) or ProviderState()
    new = old.model_copy(update={"keys": {**old.keys, key_id: seen}})
    return with_provider(state, provider_id, new)


def with_state(fields: dict[str, Any], seen: ProviderState | None) -> dict[str, Any]:
    """Return a provider's *fields* in camelCase with what was *seen* of it, None for nothing.

    A test older than the provider's last change says nothing about it any more.
    """
    changed = fields.get("updatedAt") or ""
    if seen is None or seen.last_validated is None or seen.last_validated < changed:
        return fields
    test = seen.model_dump(mode="json", by_alias=True, exclude={"last_validated", "keys"})
    keys = {name: _shown(key) for name, key in seen.keys.items()}
    shown = {**test, "keys": keys}
    return {**fields, "lastValidated": seen.last_validated, "lastTest": shown}


def key_id(index: int, entry: ApiKeyEntry) -> str:
    """Return the id under which the *index*-th of a provider's `apiKeys` is remembered."""
    return entry.id or f"key-{index + 1}"


def _shown(key: KeyState) -> dict[str, str | None]:
    until = None if key.until is None else _iso(key.until)
    return {"state": key.state, "since": _iso(key.since), "until": until}


def _iso(seconds: float) -> str:
    return moment(seconds)


def _read(path: Path) -> State:
    from pydantic import ValidationError

    try:
        return State.model_validate_json(read_regular(path, MAX_BYTES))
    except (OSError, ValidationError):
        return State()


def _write(path: Path, state: State) -> None:
    sweep(path)  # under the lock nobody else writes there
    text = state.model_dump_json(by_alias=True, exclude_unset=True, indent=2)
    replace_file(path, f"{text}\n".encode())
