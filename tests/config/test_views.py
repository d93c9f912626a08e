"""What reading commands show of headers: secrets hidden, what never is one as it stands."""

from __future__ import annotations

from ccw.config.edit import update_provider
from ccw.config.models import LiteLLMApiConfig
from ccw.config.views import masked
from tests.config.editing import LATER


def test_headers_that_are_no_secrets_are_shown() -> None:
    headers = {"User-Agent": "a-team/1.0 (canary)", "X-Team": "canary-0123456789"}
    provider = {"id": "p", "name": "P", "type": "openai"}
    provider |= {"advancedSettings": {"customHeaders": headers}}
    config = LiteLLMApiConfig.model_validate({"providers": [provider]})
    shown = masked(config)["providers"][0]["advancedSettings"]
    assert shown["customHeaders"] == {**headers, "X-Team": "sk-…6789"}
    _, saved = update_provider(config, "p", {"advancedSettings": shown}, LATER)
    assert saved.advanced_settings.custom_headers == headers
