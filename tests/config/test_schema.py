"""The published schema and the example: both follow from the models, both are checked here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from ccw.config.checks import findings
from ccw.config.models import LiteLLMApiConfig, Purpose
from ccw.config.provider_types import KNOWN_TYPES
from ccw.config.resolve import resolve_provider
from ccw.config.schema import schema, schema_text
from ccw.config.selection import select_endpoint
from ccw.config.store import parse_config

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "litellm-config.json"


def problems(data: Any) -> list[str]:
    found = Draft202012Validator(schema()).iter_errors(data)
    return [".".join(str(part) for part in error.absolute_path) for error in found]


@pytest.fixture(scope="module")
def example() -> LiteLLMApiConfig:
    return parse_config(EXAMPLE.read_bytes(), EXAMPLE)


def test_the_committed_schema_is_current() -> None:
    """Editors validate against the committed file, so drift would mislead users silently."""
    assert (ROOT / "storage-schema.json").read_text() == schema_text()


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize(
    ("data", "where"),
    [
        pytest.param({}, [], id="empty"),
        pytest.param({"own": {"key": 1}}, [], id="unknown-keys"),
        pytest.param({"providers": {}}, ["providers"], id="wrong-type"),
        pytest.param(
            {"providers": [{"id": "a b", "name": "n", "type": "t"}]}, ["providers.0.id"], id="id"
        ),
        pytest.param({"providers": [{"id": "a", "name": "n"}]}, ["providers.0"], id="missing"),
        pytest.param(
            {"endpoints": [{"id": "a", "name": "n", "providerId": "p", "model": "m",
                            "cacheStrategy": {"ttlMinutes": 0, "layout": "x"}}]},
            ["endpoints.0.cacheStrategy.layout", "endpoints.0.cacheStrategy.ttlMinutes"],
            id="nested",
        ),
    ],
)  # fmt: skip
def test_the_schema_tells_good_from_bad(data: Any, where: list[str]) -> None:
    assert sorted(problems(data)) == where


def test_the_example_fits_loader_and_schema(example: LiteLLMApiConfig) -> None:
    assert problems(json.loads(EXAMPLE.read_text())) == []
    assert example.default_endpoint == "my-gpt4o"
    enabled = [endpoint.id for endpoint in example.endpoints if endpoint.enabled]
    assert enabled == ["my-gpt4o", "my-security-scanner"]
    assert {e.provider_id for e in example.endpoints[:2]} == {"openai-1234567890"}


def test_the_example_shows_every_kind(example: LiteLLMApiConfig) -> None:
    types = {provider.id: provider.type for provider in example.providers}
    assert {types[endpoint.provider_id] for endpoint in example.endpoints} == set(KNOWN_TYPES)
    assert {endpoint.purpose for endpoint in example.endpoints} == set(get_args(Purpose))


def test_the_example_holds_references_alone(example: LiteLLMApiConfig) -> None:
    keys = [provider.api_key for provider in example.providers if provider.api_key]
    assert all(key.startswith("${") for key in keys)


def test_with_its_keys_set_the_example_has_no_findings(example: LiteLLMApiConfig) -> None:
    names = [name for kind in KNOWN_TYPES.values() for name in kind.key_variables]
    environ = {name: f"key-of-{name}" for name in names}
    assert findings(example, environ) == ()
    for provider in example.providers:
        assert resolve_provider(provider, environ).provider == provider
    for name in ("my-gpt4o", "my-security-scanner", None):
        assert select_endpoint(example, name, environ).endpoint.model == "gpt-4o"
