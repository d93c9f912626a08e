"""Keys to leave alone, carried from one process to the next in the project's state file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ccw.config.state import KeyState, State, update_state, with_key
from ccw.llm.call.request import LONGEST_REST
from ccw.llm.pool.values import REFUSED_SECONDS, Cooling, Seen


def cooling_of(state: State, now: float) -> tuple[Cooling, ...]:
    """Return the keys that are to be left alone at *now*, in seconds since 1970."""
    return tuple(
        Cooling(provider, key, end - now)
        for provider, seen in state.providers.items()
        for key, known in seen.keys.items()
        if known.state != "ok" and now < (end := _end(known)) <= now + _longest(known)
    )


def keep_news(project: Path, known: State, seen: Sequence[Seen], now: float) -> None:
    """Keep what was *seen* of the keys, as far as it is more than what is *known*."""
    news = [item for item in seen if item.news != "ok" or _is_bad(known, item)]
    if news:
        update_state(project, lambda state: _with(state, news, now))


def _with(state: State, news: Sequence[Seen], now: float) -> State:
    for item in news:
        until = now + item.seconds if item.seconds else None
        made = KeyState(state=item.news, since=now, until=until)
        state = with_key(state, item.provider, item.key, made)
    return state


def _is_bad(known: State, item: Seen) -> bool:
    provider = known.providers.get(item.provider)
    key = provider.keys.get(item.key) if provider else None
    return key is not None and key.state != "ok"


def _end(known: KeyState) -> float:
    return known.since + REFUSED_SECONDS if known.until is None else known.until


def _longest(known: KeyState) -> float:
    """A moment far ahead comes from a clock that was wrong, or from a file that others wrote."""
    asked = (known.until or known.since) - known.since
    return min(LONGEST_REST, max(REFUSED_SECONDS, asked))
