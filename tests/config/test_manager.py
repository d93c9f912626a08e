"""The public functions, used as the documentation of their predecessor uses them."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

import ccw
from ccw import (
    CustomEndpoint,
    GlobalCacheSettings,
    LiteLLMApiConfig,
    ProviderCredential,
    add_endpoint,
    add_provider,
    delete_endpoint,
    delete_provider,
    find_endpoint_by_id,
    get_all_endpoints,
    get_all_providers,
    get_default_endpoint,
    get_endpoint,
    get_global_cache_settings,
    get_provider,
    get_provider_with_resolved_env_vars,
    load_config,
    resolve_env_var,
    set_default_endpoint,
    update_endpoint,
    update_global_cache_settings,
    update_provider,
)
from ccw.errors import NotFound

KEY = "sk-canary-0123456789"
MY_OPENAI = {
    "name": "My OpenAI",
    "type": "openai",
    "apiKey": "${OPENAI_API_KEY}",
    "enabled": True,
}
MY_GPT4O = {
    "id": "my-gpt4o",
    "name": "GPT-4o with Cache",
    "providerId": "openai-1234567890",
    "model": "gpt-4o",
    "cacheStrategy": {
        "enabled": True,
        "ttlMinutes": 60,
        "maxSizeKB": 512,
        "filePatterns": ["*.md", "*.ts"],
    },
    "enabled": True,
}


def test_provider_management(tmp_path: Path) -> None:
    base_dir = str(tmp_path)
    assert get_all_providers(base_dir) == []
    added = add_provider(base_dir, MY_OPENAI)
    assert isinstance(added, ProviderCredential)
    assert added.id.startswith("openai-")
    assert get_all_providers(base_dir) == [added]
    assert get_provider(base_dir, added.id) == added
    assert get_provider(base_dir, "nobody") is None

    updated = update_provider(base_dir, added.id, {"name": "Renamed"})
    assert (updated.name, updated.api_key) == ("Renamed", "${OPENAI_API_KEY}")
    assert get_provider(base_dir, added.id) == updated

    assert delete_provider(base_dir, added.id) is True
    assert delete_provider(base_dir, added.id) is False
    assert get_all_providers(base_dir) == []


def test_endpoint_management(tmp_path: Path) -> None:
    base_dir = tmp_path
    add_provider(base_dir, {**MY_OPENAI, "id": "openai-1234567890"})
    added = add_endpoint(base_dir, MY_GPT4O)
    assert isinstance(added, CustomEndpoint)
    assert added.cache_strategy.file_patterns == ("*.md", "*.ts")
    assert get_all_endpoints(base_dir) == [added]
    assert get_endpoint(base_dir, "my-gpt4o") == added
    assert find_endpoint_by_id(base_dir, "my-gpt4o") == added
    assert find_endpoint_by_id(base_dir, "nobody") is None
    assert get_default_endpoint(base_dir) == "my-gpt4o"

    updated = update_endpoint(base_dir, "my-gpt4o", {"cacheStrategy": {"ttlMinutes": 5}})
    assert (updated.cache_strategy.ttl_minutes, updated.cache_strategy.max_size_kb) == (5, 512)

    set_default_endpoint(base_dir, None)
    assert get_default_endpoint(base_dir) is None
    assert delete_endpoint(base_dir, "my-gpt4o") is True
    assert delete_endpoint(base_dir, "my-gpt4o") is False


def test_updating_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="Provider not found: nobody"):
        update_provider(tmp_path, "nobody", {"name": "x"})
    with pytest.raises(NotFound, match="Endpoint not found: nobody"):
        update_endpoint(tmp_path, "nobody", {"name": "x"})
    assert list(tmp_path.glob(".ccw/storage/config/*.json")) == []


def test_global_cache_settings(tmp_path: Path) -> None:
    assert get_global_cache_settings(tmp_path) == GlobalCacheSettings()
    changed = update_global_cache_settings(tmp_path, {"maxTotalSizeMB": 5})
    assert changed == GlobalCacheSettings(max_total_size_mb=5)
    assert load_config(tmp_path).global_cache_settings == changed


def test_load_config_without_a_file(tmp_path: Path) -> None:
    assert load_config(tmp_path) == LiteLLMApiConfig()


def test_models_go_in_as_they_come_out(tmp_path: Path) -> None:
    added = add_provider(tmp_path / "a", MY_OPENAI)
    again = add_provider(tmp_path / "b", added)
    assert again.id == added.id


def test_the_clock_can_be_passed_in(tmp_path: Path) -> None:
    added = add_provider(tmp_path, MY_OPENAI, clock=lambda: datetime(2025, 1, 1, tzinfo=UTC))
    assert (added.id, added.created_at) == ("openai-1735689600000", "2025-01-01T00:00:00.000Z")


def test_resolved_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    before = dict(os.environ)
    added = add_provider(tmp_path, MY_OPENAI)
    resolved = get_provider_with_resolved_env_vars(tmp_path, added.id)
    assert resolved is not None
    assert isinstance(resolved, ProviderCredential)
    assert (resolved.resolved_api_key, resolved.api_key) == (KEY, "${OPENAI_API_KEY}")
    dumps = [resolved.model_dump(), resolved.model_dump(by_alias=True), dict(added)]
    shown = f"{resolved!r} {resolved} {dumps} {resolved.model_dump_json()}"
    assert KEY not in shown
    assert resolved.model_dump() == added.model_dump()
    assert dict(os.environ) == before


def test_resolved_keys_from_the_dotenv_and_unset_ones(tmp_path: Path) -> None:
    added = add_provider(tmp_path, MY_OPENAI)
    unset = get_provider_with_resolved_env_vars(tmp_path, added.id, environ={})
    (tmp_path / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
    found = get_provider_with_resolved_env_vars(tmp_path, added.id, environ={})
    assert [item and item.resolved_api_key for item in (unset, found)] == ["", KEY]
    assert get_provider_with_resolved_env_vars(tmp_path, "nobody", environ={}) is None


def test_resolve_env_var(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert resolve_env_var("${OPENAI_API_KEY}") == KEY
    assert resolve_env_var("${OPENAI_API_KEY}", {}) == ""
    assert resolve_env_var("plain", {}) == "plain"


def test_every_public_name_is_listed() -> None:
    assert set(ccw.__all__) <= set(dir(ccw))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ccw.nothing  # type: ignore[attr-defined]


def test_the_file_is_the_documented_one(tmp_path: Path) -> None:
    add_provider(tmp_path, MY_OPENAI)
    path = tmp_path / ".ccw" / "storage" / "config" / "litellm-api-config.json"
    assert json.loads(path.read_text())["providers"][0]["apiKey"] == "${OPENAI_API_KEY}"
