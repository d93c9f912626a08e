"""What a test has shown, put into the project's state; the config file stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ccw.config.models import ProviderCredential
from ccw.config.state import (
    OWN_KEY,
    KeyState,
    ProviderState,
    State,
    key_id,
    update_state,
    with_provider,
)
from ccw.moments import moment

if TYPE_CHECKING:
    from ccw.gateways.testing import CheckResult


def remember(project: Path, provider: ProviderCredential, result: CheckResult, now: float) -> bool:
    """Keep *result*; tell whether the project could be written. *now* is since the epoch."""
    return update_state(project, lambda state: remembered(state, provider, result, now))


def remembered(
    state: State, provider: ProviderCredential, result: CheckResult, now: float
) -> State:
    """Return *state* with *result*; the states of keys that are no more are dropped."""
    before = state.providers.get(provider.id) or ProviderState()
    present = {OWN_KEY, *(key_id(i, entry) for i, entry in enumerate(provider.api_keys))}
    keys = {name: seen for name, seen in before.keys.items() if name in present}
    for check in result.keys:
        if check.state is not None:
            until = None if check.retry_after is None else now + check.retry_after
            keys[check.id] = KeyState(state=check.state, since=now, until=until)
    seen = before.model_copy(
        update={
            "last_validated": moment(now),
            "ok": result.success,
            "latency_ms": result.latency_ms,
            "error": None if result.success else result.kind,
            "keys": keys,
        }
    )
    return with_provider(state, provider.id, seen)
