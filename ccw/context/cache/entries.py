"""Entries in an open cache: how they are found, listed, shared and thrown out.

Two rows make an entry: `m:<request>` its manifest, `s:<session id>` its content, which equal
requests of several projects share. `m:<request>@<session id>` is the manifest of an earlier content
of the same request, whose session lives on. `l:<family>` tells which request of those about the
same files came last. A manifest says when its session expires; the rows live on while the order of
the pack is in use.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING

from ccw.context.cache.manifest import Manifest, from_json, session_in

if TYPE_CHECKING:
    from ccw.context.cache.disk import Store

ORPHAN_SECONDS = 3600.0
LARGE = 1024 * 1024  # bytes that take longer to digest than a thread takes to start


@dataclass(frozen=True, slots=True)
class Cached:
    """The entry of the request `key`: its content is what its manifest says.

    Of one that has `expired` only the order counts, which a provider may still know.
    """

    key: str
    manifest: Manifest
    content: bytes
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """Totals of a cache: sizes in bytes, times in seconds since 1970.

    `total_bytes` are those of all contents, also where only the order is still in use.
    """

    entries: int = 0
    total_bytes: int = 0
    max_bytes: int = 0
    hits: int = 0
    misses: int = 0
    oldest: float | None = None
    newest: float | None = None


def session_id_of(digest: str) -> str:
    """Return the session id of a content whose SHA-256 is *digest* in hex."""
    return f"ctx-{digest[:12]}"


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of *content* in hex."""
    return hashlib.sha256(content).hexdigest()


def lookup(store: Store, key: str, now: float) -> Cached | None:
    """Return the entry of the request *key* that has not expired."""
    found = _remembered(store, key, now)
    return None if found is None or found.expired else found


def last(store: Store, family: str, key: str, now: float) -> Cached | None:
    """Return the last entry of *family*, or else that of the request *key*; expired ones, too."""
    latest = store.get(f"l:{family}")
    found = _remembered(store, latest, now) if isinstance(latest, str) and latest != key else None
    return found or _remembered(store, key, now)


def _remembered(store: Store, key: str, now: float) -> Cached | None:
    """Return the entry of the request *key*; one that does not hold together is removed."""
    name = f"m:{key}"
    with store.transact():
        told = store.get(name)
        session_id = session_in(told)
        found = store.get(f"s:{session_id}") if session_id else None
    if not isinstance(found, bytes) or (manifest := _of_content(found, told, session_id)) is None:
        store.delete(name)
        return None
    if manifest.expires_at > now:
        return Cached(key, manifest, found)
    in_use = (store.expires(name) or 0) > now
    return Cached(key, manifest, found, expired=True) if in_use else None


def _of_content(content: bytes, told: object, session_id: str) -> Manifest | None:
    """Return the manifest that *told* is if it is the one of *content*, else None.

    A large content is digested beside the reading of the manifest, which takes a third as long.
    """
    digesting = _Digesting(content)
    digesting.start() if len(content) > LARGE else digesting.run()
    manifest = from_json(told)
    digest = digesting.result()
    if manifest is None or (manifest.session_id, manifest.digest) != (session_id, digest):
        return None
    return manifest


class _Digesting(Thread):
    """Takes the digest of a content; hashlib lets other threads run meanwhile."""

    def __init__(self, content: bytes) -> None:
        super().__init__(daemon=True)
        self._content = content
        self._digest = ""

    def run(self) -> None:
        self._digest = digest_of(self._content)

    def result(self) -> str:
        """Wait for the digest and return it."""
        if self.ident is not None:
            self.join()
        return self._digest


def content(store: Store, session_id: str, now: float) -> bytes | None:
    """Return the packed text of a session, or None."""
    name = f"s:{session_id}"
    found = store.get(name)
    if not isinstance(found, bytes) or session_id_of(digest_of(found)) != session_id:
        return None
    told = [m.expires_at for m in _manifests(store, session_id) if m.session_id == session_id]
    return found if max(told, default=store.expires(name) or now) >= now else None


def sessions(store: Store, now: float) -> tuple[Manifest, ...]:
    """Return a manifest of each session, the newest first."""
    newest: dict[str, Manifest] = {}
    for manifest in _manifests(store):
        earlier = newest.get(manifest.session_id)
        if manifest.expires_at > now and (not earlier or earlier.packed_at < manifest.packed_at):
            newest[manifest.session_id] = manifest
    there = [m for m in newest.values() if f"s:{m.session_id}" in store]
    return tuple(sorted(there, key=lambda m: (-m.packed_at, m.session_id)))


def _manifests(store: Store, naming: str = "") -> Iterator[Manifest]:
    """Yield all manifests, or those whose text has *naming* in it."""
    part = naming.encode("ascii", "replace")
    for _, value in store.entries("m:"):
        if isinstance(value, bytes) and part in value and (manifest := from_json(value)):
            yield manifest


def status(store: Store, now: float, own_bound: int) -> Status:
    """Return the totals; *own_bound* is the bound of the project that asks, in bytes."""
    alive = sessions(store, now)
    times = [manifest.packed_at for manifest in alive]
    return Status(
        entries=len(alive),
        total_bytes=store.bytes_of("s:"),
        max_bytes=max(store.largest_bound(), own_bound),
        hits=store.reset("hits"),
        misses=store.reset("misses"),
        oldest=min(times, default=None),
        newest=max(times, default=None),
    )


def release(store: Store, session_id: str) -> bool:
    """Throw a session out, and the manifests of all requests that share it."""
    with store.transact():
        for key, value in store.entries("m:"):
            manifest = from_json(value)
            if manifest is not None and manifest.session_id == session_id:
                store.delete(key)
        return bool(store.delete(f"s:{session_id}"))


def cleanup(store: Store, now: float) -> int:
    """Throw out what has expired, what is not ccw's and what killed processes left."""
    before = store.number("s:")
    store.expire(now)
    store.remove_foreign()
    store.remove_orphans(now - ORPHAN_SECONDS)
    return max(before - store.number("s:"), 0)


def clear(store: Store) -> int:
    """Throw everything out and count from zero; return the sessions gone."""
    gone = store.number("s:")
    store.clear()
    store.reset("hits", 0)
    store.reset("misses", 0)
    return gone
