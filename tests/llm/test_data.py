"""What is read of the installed litellm without importing it."""

from __future__ import annotations

from ccw.config.provider_types import KNOWN_TYPES
from ccw.llm.data import provider_names
from ccw.llm.local.model import MODEL_ID


def test_the_names_are_those_that_litellm_knows() -> None:
    from litellm import LlmProviders

    assert provider_names() == {provider.value for provider in LlmProviders}


def test_the_embedded_model_is_the_only_one() -> None:
    assert KNOWN_TYPES["local"].models == (MODEL_ID,)
