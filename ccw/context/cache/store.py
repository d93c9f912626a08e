"""Packed contexts on disk, shared by the user's processes; never the reason that a call fails."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ccw.context.cache import bases, entries
from ccw.context.cache.bases import Base, Sent
from ccw.context.cache.entries import Cached, Status
from ccw.context.cache.folder import prepare_folder, remove_contents
from ccw.context.cache.manifest import Manifest, session_in
from ccw.errors import CacheFolderRefused, CacheUnusable

if TYPE_CHECKING:
    from ccw.context.cache.disk import Store
    from ccw.context.cache.trouble import Trouble

LOCK_SECONDS = 5.0  # waited for another process's transaction before going on without the cache
DAY_SECONDS = 86400
Result = TypeVar("Result")


@dataclass(slots=True)
class ContextCache:
    """The cache in *folder*, at most *max_bytes* large for *project*; opened when first used.

    Whatever goes wrong with it becomes one of `warnings` and an answer as of an empty cache.
    """

    folder: Path
    max_bytes: int
    project: str = ""
    warnings: list[str] = field(default_factory=list)
    patience: float = LOCK_SECONDS
    _store: Store | None = None
    _trouble: Trouble | None = None

    def lookup(self, key: str, now: float) -> Cached | None:
        """Return the entry of the request *key*, or None; its files may have changed since."""
        return self._use(lambda store: entries.lookup(store, key, now), None)

    def last(self, family: str, key: str, now: float) -> Cached | None:
        """Return the last entry of the requests that share *family*, or else that of *key*.

        It may have expired: then its order alone counts, which is still in use.
        """
        return self._use(lambda store: entries.last(store, family, key, now), None)

    def keep(self, key: str, manifest: Manifest, content: bytes, family: str = "") -> bool:
        """Keep *content* until its manifest expires; False when that was not possible.

        It is the last one of *family*, the requests that go on from each other's order.
        """
        keep = partial(self._keep, key=key, manifest=manifest, content=content, family=family)
        return self._use(keep, False, create=True)

    def refresh(self, key: str, manifest: Manifest, family: str = "") -> None:
        """Replace the manifest of *key*, kept already, as the last one of *family*."""
        data = manifest.to_json()
        self._use(lambda store: _set_manifest(store, key, manifest, data, family), None)

    def remember(self, key: str, session_id: str, family: str, until: float) -> None:
        """Let the order of an entry be known *until* then at least, also when it has expired."""
        rows = (f"m:{key}", f"s:{session_id}", f"l:{family}")
        self._use(lambda store: store.prolong(rows, until), None)

    def base(self, key: str, now: float) -> Base | None:
        """Return what was sent last under *key*, or None when that is not known."""
        return self._use(lambda store: bases.base(store, key, now), None)

    def keep_base(self, key: str, sent: Sent, until: float) -> None:
        """Note that *sent* was sent under *key*, to be known *until* then."""
        self._use(lambda store: bases.keep_base(store, key, sent, until), None)

    def count(self, *, hit: bool) -> None:
        """Add one to the persistent hits or misses."""
        self._use(lambda store: store.count_use(hit=hit), None)

    def sessions(self, now: float) -> tuple[Manifest, ...]:
        """Return a manifest of each session that has not expired, the newest first."""
        return self._use(lambda store: entries.sessions(store, now), ())

    def content(self, session_id: str, now: float) -> bytes | None:
        """Return the packed text of a session, or None when it is unknown or expired."""
        return self._use(lambda store: entries.content(store, session_id, now), None)

    def status(self, now: float) -> Status:
        """Return the totals."""
        return self._use(
            lambda store: entries.status(store, now, self.max_bytes),
            Status(max_bytes=self.max_bytes),
        )

    def release(self, session_id: str) -> bool:
        """Throw a session out; False when there was none."""
        return self._use(lambda store: entries.release(store, session_id), False)

    def cleanup(self, now: float) -> int:
        """Throw out what has expired and what killed processes left; return the sessions gone."""
        return self._use(lambda store: entries.cleanup(store, now), 0)

    def clear(self) -> int:
        """Throw everything out; return the sessions gone.

        A cache that is broken is taken away file by file, of which a warning tells.
        """
        gone = self._use(entries.clear, 0)
        if self._trouble is not None and self._trouble.is_broken:
            self._remove_files(self._trouble)
        return gone

    @property
    def is_usable(self) -> bool:
        """Whether nothing went wrong with it yet."""
        return self._trouble is None

    def require_usable(self) -> None:
        """Raise an error, in place of a warning, when the cache could not be used.

        CacheFolderRefused where the folder is not ccw's, else CacheUnusable.
        """
        if self._trouble is not None:
            self.warnings.clear()
            kind = CacheFolderRefused if self._trouble.is_foreign else CacheUnusable
            raise kind(f"context cache {self.folder} {self._trouble}")

    def close(self) -> None:
        """Close the database; the cache opens again when used."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def _use(
        self, action: Callable[[Store], Result], otherwise: Result, *, create: bool = False
    ) -> Result:
        if self._trouble or not (create or os.path.lexists(self.folder)):
            return otherwise
        from ccw.context.cache.disk import ERRORS

        try:
            return action(self._open())
        except ERRORS as error:
            self._give_up(error)
            return otherwise

    def _open(self) -> Store:
        if self._store is None:
            from ccw.context.cache.disk import Store

            prepare_folder(self.folder)
            self._store = Store(str(self.folder), self.patience)
        return self._store

    def _give_up(self, error: Exception) -> None:
        from ccw.context.cache.trouble import trouble_of

        self._trouble = trouble_of(error)
        self.close()
        self.warnings.append(
            f"context cache {self.folder} cannot be used ({self._trouble.reason}), continued "
            f"without it; {self._trouble.remedy}"
        )

    def _remove_files(self, trouble: Trouble) -> None:
        """Take a cache that cannot be opened away file by file."""
        from ccw.context.cache.trouble import not_removed

        self.close()
        self.warnings.clear()
        try:
            remove_contents(self.folder)
        except OSError as error:
            self._trouble = not_removed(error)
            return
        self._trouble = None
        self.warnings.append(
            f"context cache {self.folder} was broken ({trouble.reason}): all that it held is gone, "
            "and it is made new when it is next used"
        )

    def _keep(
        self, store: Store, *, key: str, manifest: Manifest, content: bytes, family: str
    ) -> bool:
        data = manifest.to_json()
        project = entries.digest_of(self.project.encode("utf-8", "surrogateescape"))
        store.keep_bound(project, self.max_bytes, int(manifest.packed_at) // DAY_SECONDS)
        if len(content) + len(data) > store.size_limit:
            self.warnings.append(
                f"the packed context ({len(content):,} bytes) is larger than the whole cache and "
                "was not kept; raise maxTotalSizeMB"
            )
            return False
        name, until = f"s:{manifest.session_id}", manifest.expires_at
        with store.transact():
            _set_manifest(store, key, manifest, data, family)
            # equal content of another request may have to live longer
            store.keep_until(name, content, max(until, store.expires(name) or 0))
            store.expire(manifest.packed_at)
            store.trim()  # before anyone sees more than the bound
        return name in store


def _set_manifest(store: Store, key: str, manifest: Manifest, data: bytes, family: str) -> None:
    name = f"m:{key}"
    with store.transact():
        before = session_in(store.get(name))
        if before and before != manifest.session_id:
            # the session before lives on, and is to be told of
            store.move(name, f"{name}@{before}")
            store.delete(f"{name}@{manifest.session_id}")
        store.keep_until(name, data, manifest.expires_at)
        if family:
            store.keep_until(f"l:{family}", key, manifest.expires_at)
