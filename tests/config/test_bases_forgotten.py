"""What is remembered of addresses, to look at each but once, holds no secret of theirs."""

from __future__ import annotations

import gc
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

import pytest

from ccw.config.bases import checked_base, host_of, origin_of
from ccw.config.models import ProviderCredential
from ccw.config.references import project_environ
from ccw.config.resolve import resolve_provider
from ccw.errors import CcwError


def held(secret: str) -> list[str]:
    """Return the texts in memory that *secret* is a part of."""
    gc.collect()
    seen = (each for holder in gc.get_objects() for each in gc.get_referents(holder))
    return [each for each in seen if isinstance(each, str) and secret in each and each != secret]


def look_at(text: str) -> None:
    origin_of(text)
    with suppress(ValueError):
        host_of(checked_base(text))


@pytest.mark.parametrize(
    "base",
    [
        "https://h/v1?key={}",
        "https://h?{}",
        "https://h/{}/v1",
        "https://h/v1#{}",
        "https://user:{}@h/v1",
        "http://user:^{}|@h",
        "https://{}@h:80",
    ],
)
def test_addresses_are_forgotten(base: str) -> None:
    secret = token_hex(16)
    look_at(base.format(secret))
    assert held(secret) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"apiBase": "https://h/v1?key=${SECRET}"},
        {"apiBase": "https://h/v1?${SECRET}", "type": "bedrock"},
        {"apiBase": "https://h/v1", "advancedSettings": {"proxy": "http://u:${SECRET}@h:3128"}},
    ],
    ids=["query", "refused", "proxy"],
)
def test_a_resolved_address_is_forgotten(project: Path, fields: dict[str, object]) -> None:
    secret = token_hex(16)
    given = {"id": "p", "name": "P", "type": "custom", "apiKey": "${OTHER}", **fields}
    provider = ProviderCredential.model_validate(given)
    process = {"HOME": str(project), "SECRET": secret, "OTHER": "k", "CCW_TRUST": "1"}
    with suppress(CcwError):
        resolve_provider(provider, project_environ(project, process))
    assert held(secret) == []
