"""Lists of models kept on disk, so that a gateway is not asked again within minutes.

A list is found again by a keyed digest of all that it depends on: type, address, headers, and
which key is used. No key is written, and without the user's own random salt none can be tried out.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from ccw.atomic import replace_file
from ccw.config.models import ProviderCredential, Value
from ccw.config.provider_types import provider_type
from ccw.config.references import variables
from ccw.llm.gateway.parsing import Listed, Listing

if TYPE_CHECKING:
    from ccw.gateways.providers import World

FRESH = 300.0  # seconds
FORGOTTEN = 30 * 24 * 3600.0  # seconds; a list that nobody asked for again is removed
MAX_BYTES = 64 * 1024 * 1024
SALT = "salt"
SALT_BYTES = 32
_EFFECTS = ("${file:", "${cmd:", "${keyring:")  # may give another key in each project


class KeptList(Value, defer_build=True):
    """A list as it was kept; `fetched_at` in seconds since the epoch."""

    fetched_at: float
    skipped: int = 0
    models: tuple[Listed, ...] = ()

    @property
    def listing(self) -> Listing:
        """The list as the gateway gave it."""
        return Listing(self.models, self.skipped)

    def is_fresh(self, now: float) -> bool:
        """Tell whether it need not be asked for again; one from the future has to be."""
        return 0 <= now - self.fetched_at < FRESH


def cache_folder(home: Path) -> Path:
    """Return where lists are kept below the user's own folder *home*."""
    return home / "cache" / "models"


def keeps_lists(home: Path) -> bool:
    """Tell whether any list was ever kept below *home*; looking for one makes no folder then."""
    return os.path.exists(f"{home}/cache/models/{SALT}")  # noqa: PTH110 (asked for each call)


def kept_path(provider: ProviderCredential, world: World) -> Path | None:
    """Return where the list of *provider* is kept, None where nothing can be kept."""
    folder = cache_folder(world.home)
    salt = _salt(folder)
    if salt is None:
        return None
    content = json.dumps(_depends_on(provider, world)).encode()
    return folder / f"{hmac.new(salt, content, 'sha256').hexdigest()[:32]}.json"


def read_kept(path: Path | None) -> KeptList | None:
    """Return the list at *path*, None when there is none that makes sense."""
    if path is None:
        return None
    with suppress(OSError, ValidationError), path.open("rb") as file:
        return KeptList.model_validate_json(file.read(MAX_BYTES))
    return None


def keep(path: Path | None, listing: Listing, now: float) -> None:
    """Keep *listing* at *path*; a folder that refuses is no failure."""
    if path is None:
        return
    kept = KeptList(fetched_at=now, skipped=listing.skipped, models=listing.models)
    with suppress(OSError):
        replace_file(path, kept.model_dump_json(by_alias=True, exclude_none=True).encode())
        os.utime(path, (now, now))  # the clock that the sweep goes by
        _sweep(path.parent, now)


def forget(path: Path | None) -> None:
    """Drop the list at *path*."""
    if path is not None:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _salt(folder: Path) -> bytes | None:
    """Return the user's salt, made at first use; None where it cannot be kept."""
    path = folder / SALT
    with suppress(OSError):
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace_file(path, os.urandom(SALT_BYTES))
        salt = path.read_bytes()
        return salt if len(salt) == SALT_BYTES else _renewed(path)
    return None


def _renewed(path: Path) -> bytes:
    salt = os.urandom(SALT_BYTES)
    replace_file(path, salt)
    return salt


def _depends_on(provider: ProviderCredential, world: World) -> list[object]:
    """Return what decides about a list, references as written with the variables' values.

    No reference is filled in for it: that could run a command, only to find a kept list.
    """
    advanced = provider.advanced_settings
    headers = sorted((advanced.custom_headers or {}).items())
    keys = [entry.key for entry in provider.api_keys if entry.enabled]
    own = [provider.api_base or "", provider.api_key, advanced.organization or "", *keys]
    texts = [*own, *(value for _, value in headers)]
    place = str(world.project) if _has_effects(texts) else ""
    usual = () if provider.api_key else provider_type(provider.type).key_variables
    values = sorted(_values(texts, usual, world.environ))
    return [provider.type, own, headers, advanced.api_version or "", values, place]


def _values(
    texts: Iterable[str], usual: Iterable[str], environ: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    names = {name for text in texts for name in variables(text)} | set(usual)
    return ((name, environ.get(name, "")) for name in names)


def _has_effects(texts: Iterable[str]) -> bool:
    return any(kind in text for text in texts for kind in _EFFECTS)


def _sweep(folder: Path, now: float) -> None:
    for path in folder.glob("*.json*"):
        if now - path.stat().st_mtime > FORGOTTEN:
            path.unlink(missing_ok=True)
