"""Which back ends of the library count as a keyring."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from keyring.errors import KeyringLocked

from ccw.config.keyrings import SECURE, Keyring, first_secure
from ccw.errors import SecretUnavailable

KEY = "sk-canary-0123456789"
PLAIN = "keyrings.alt.file"
SERVICE = "keyring.backends.SecretService"


@pytest.mark.parametrize(
    ("modules", "expected"),
    [
        pytest.param([], None, id="none"),
        *(pytest.param([module], 0, id=module.rpartition(".")[2]) for module in SECURE),
        pytest.param([PLAIN], None, id="plain-text"),
        pytest.param(["keyring.backends.fail"], None, id="fail"),
        pytest.param(["keyring.backends.null"], None, id="null"),
        pytest.param(["keyring.backends.SecretServiceLike"], None, id="looks-like-one"),
        pytest.param(["somebody.backends"], None, id="unknown"),
        pytest.param([PLAIN, "keyring.backends.null"], None, id="chain-without"),
        pytest.param([PLAIN, SERVICE, "keyring.backends.kwallet"], 1, id="chain-with"),
    ],
)
def test_first_secure(modules: list[str], expected: int | None) -> None:
    assert first_secure(modules) == expected


@dataclass
class Refusing:
    error: Exception

    def set_password(self, service: str, user: str, value: str) -> None:
        raise self.error


@pytest.mark.parametrize("error", [KeyringLocked(f"{KEY} not kept"), OSError(5, KEY)])
def test_a_refusal_is_told_without_its_words(error: Exception) -> None:
    with pytest.raises(SecretUnavailable) as caught:
        Keyring(Refusing(error), "the key goes to the keyring").set("s", "u", KEY)
    assert str(caught.value) == (
        f"the key goes to the keyring, which refused ({type(error).__name__}); unlock it and try "
        "again, or use a variable, ${file:PATH} or ${cmd:COMMAND} instead"
    )
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_a_bug_stays_a_bug() -> None:
    with pytest.raises(ZeroDivisionError):
        Keyring(Refusing(ZeroDivisionError()), "").set("s", "u", KEY)
