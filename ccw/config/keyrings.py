"""The user's keyring, where it keeps secrets securely; the library `keyring` is an extra.

A back end that writes plain text, or nothing, is refused: the library would take it silently on a
machine that has no other.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Protocol

from ccw.errors import SecretUnavailable

CHAINER = "keyring.backends.chainer"
SECURE = {
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Locker",
    "keyring.backends.SecretService": "Secret Service (GNOME Keyring, KeePassXC)",
    "keyring.backends.libsecret": "libsecret",
    "keyring.backends.kwallet": "KWallet",
}
INSTEAD = "use a variable, ${file:PATH} or ${cmd:COMMAND} instead"


class Store(Protocol):
    """What the rest of ccw needs of a keyring; SecretUnavailable when it refuses."""

    def get(self, service: str, user: str) -> str | None:
        """Return an entry, None when there is none."""

    def set(self, service: str, user: str, value: str) -> None:
        """Keep an entry, in place of an earlier one."""

    def delete(self, service: str, user: str) -> None:
        """Take an entry away."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """A secure back end of the library; `reason` begins its messages."""

    backend: Any = field(repr=False)
    reason: str

    def get(self, service: str, user: str) -> str | None:
        """Return an entry, None when there is none."""
        value: str | None = self._asked("get_password", service, user)
        return value

    def set(self, service: str, user: str, value: str) -> None:
        """Keep an entry, in place of an earlier one."""
        self._asked("set_password", service, user, value)

    def delete(self, service: str, user: str) -> None:
        """Take an entry away."""
        self._asked("delete_password", service, user)

    def _asked(self, method: str, *arguments: str) -> Any:
        try:
            return getattr(self.backend, method)(*arguments)
        except _failures() as error:  # its text may repeat the arguments
            problem = type(error).__name__
        raise SecretUnavailable(
            f"{self.reason}, which refused ({problem}); unlock it and try again, or {INSTEAD}"
        )


def secure_keyring(reason: str) -> Keyring:
    """Return the machine's secure keyring; SecretUnavailable, which *reason* begins, without one.

    Of a chain of back ends only the first secure one is taken, so that nothing falls through to
    one that is not.
    """
    backend = _library(reason)
    chained = backend.backends if _module(backend) == CHAINER else [backend]
    chosen = first_secure(map(_module, chained))
    if chosen is None:
        found = ", ".join(map(_module, chained)) or "none"
        raise SecretUnavailable(
            f"{reason}, and this machine has none that is secure (found: {found}; "
            f"needed: {', '.join(SECURE.values())}); {INSTEAD}"
        )
    return Keyring(chained[chosen], reason)


def first_secure(modules: Iterable[str]) -> int | None:
    """Return the position of the first of these back ends' *modules* that is secure."""
    return next((i for i, module in enumerate(modules) if module in SECURE), None)


def _library(reason: str) -> Any:
    """Return the back end that the library chooses."""
    try:
        import keyring
    except ImportError:
        keyring = None  # type: ignore[assignment]
    if keyring is None:
        raise SecretUnavailable(f"{reason}, which takes an extra: pip install 'ccw[keyring]'")
    try:
        return keyring.get_keyring()
    except (ImportError, AttributeError, ValueError, RuntimeError) as error:
        problem = type(error).__name__
    raise SecretUnavailable(
        f"{reason}, and the back end that is configured cannot be loaded ({problem}); "
        "check PYTHON_KEYRING_BACKEND and keyringrc.cfg"
    )


def _module(backend: Any) -> str:
    return type(backend).__module__


def _failures() -> tuple[type[BaseException], ...]:
    """Return what back ends raise: not all wrap the errors of what they stand on."""
    from keyring.errors import KeyringError

    found = (
        _named("secretstorage.exceptions", "SecretStorageException"),
        _named("jeepney.wrappers", "DBusErrorResponse"),
    )
    return (KeyringError, OSError, *(item for item in found if item is not None))


def _named(module: str, name: str) -> type[BaseException] | None:
    loaded: ModuleType | None = sys.modules.get(module)
    return getattr(loaded, name, None)
