"""Headers of a provider that would lead a call elsewhere than its address says."""

from __future__ import annotations

import pytest

from ccw.config.models import ProviderCredential
from ccw.config.resolve import resolve_provider
from ccw.errors import InvalidValue


@pytest.mark.parametrize("name", ["Host", "hOST", "Transfer-Encoding", "Content-Length"])
def test_a_header_of_the_connection_is_refused(name: str) -> None:
    """Behind a front that serves many, the Host header decides who gets the key."""
    data = {
        "id": "p", "name": "P", "type": "openai",
        "advancedSettings": {"customHeaders": {name: "evil.example"}},
    }  # fmt: skip
    provider = ProviderCredential.model_validate(data)
    with pytest.raises(InvalidValue) as caught:
        resolve_provider(provider, {"OPENAI_API_KEY": "sk-canary-1"})
    assert str(caught.value) == (
        f"advancedSettings.customHeaders.{name} of provider p belongs to the connection, "
        "which ccw makes; remove it"
    )
