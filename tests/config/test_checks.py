"""What `ccw config validate` has to say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ccw.config.checks import Finding, check, findings
from ccw.config.models import LiteLLMApiConfig
from ccw.config.places import config_path
from ccw.config.references.parsing import ALLOWED

KEY = "sk-canary-0123456789"
PROVIDER = {"id": "p", "name": "P", "type": "openai", "apiKey": "k"}
ENDPOINT = {"id": "e", "name": "E", "providerId": "p", "model": "m"}
WAITING = "has no effect yet"


def found(environ: dict[str, str] | None = None, **content: Any) -> list[tuple[str, str, str]]:
    config = LiteLLMApiConfig.model_validate(content)
    return [(f.level, f.field, f.message) for f in findings(config, environ or {})]


def of_provider(**fields: Any) -> dict[str, Any]:
    return {"providers": [{**PROVIDER, **fields}]}


def of_endpoint(**fields: Any) -> dict[str, Any]:
    return {"providers": [PROVIDER], "endpoints": [{**ENDPOINT, **fields}]}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param({}, [], id="empty"),
        pytest.param({**of_endpoint(), "defaultEndpoint": "e", "$schema": "x"}, [], id="sound"),
        pytest.param(
            of_endpoint(providerId="q"),
            [("error", "endpoints[0].providerId", "Provider not found: q")],
            id="missing-provider",
        ),
        pytest.param(
            {"providers": [{**PROVIDER, "enabled": False}], "endpoints": [ENDPOINT]},
            [("warning", "endpoints[0].providerId",
              "provider p is disabled, so e cannot be used")],
            id="disabled-provider",
        ),
        pytest.param(
            {"defaultEndpoint": "no"},
            [("error", "defaultEndpoint", "Endpoint not found: no")],
            id="dangling-default",
        ),
        pytest.param(
            {**of_endpoint(enabled=False), "defaultEndpoint": "e"},
            [("error", "defaultEndpoint", "e is disabled or not for chat")],
            id="disabled-default",
        ),
        pytest.param(
            {"defaultEndpont": "e", "zzz": 1},
            [("warning", "defaultEndpont", "unknown key, kept; did you mean defaultEndpoint?"),
             ("warning", "zzz", "unknown key, kept")],
            id="unknown-keys",
        ),
        pytest.param(
            of_endpoint(cacheStrategy={"maxSizeKb": 1}),
            [("warning", "endpoints[0].cacheStrategy.maxSizeKb",
              "unknown key, kept; did you mean maxSizeKB?")],
            id="unknown-nested-key",
        ),
        pytest.param(
            of_provider(type="opnai"),
            [("warning", "providers[0].type", "opnai is taken as litellm's provider of that name")],
            id="unknown-type",
        ),
        pytest.param(
            of_provider(apiKey="${NO}", apiBase="${NO2}",
                        advancedSettings={"customHeaders": {"X": "${NO3}"}, "proxy": "$NO4"}),
            [("warning", "providers[0].apiKey", "environment variable NO is not set"),
             ("warning", "providers[0].apiBase", "environment variable NO2 is not set"),
             ("warning", "providers[0].advancedSettings.proxy",
              "environment variable NO4 is not set"),
             ("warning", "providers[0].advancedSettings.customHeaders.X",
              "environment variable NO3 is not set")],
            id="unset-variables",
        ),
        pytest.param(
            of_provider(apiKey="${NO:-x}"), [], id="default-is-enough",
        ),
        pytest.param(
            of_provider(apiKey="${MY-KEY}"),
            [("warning", "providers[0].apiKey",
              f"looks like a reference but is none; write {ALLOWED}")],
            id="no-reference",
        ),
        pytest.param(
            of_provider(apiKey=""),
            [("warning", "providers[0]",
              "API key not configured for provider: P (apiKey is empty and OPENAI_API_KEY is not "
              "set); export OPENAI_API_KEY=… or put it into the project's .env")],
            id="no-key",
        ),
        pytest.param(of_provider(apiKey="", enabled=False), [], id="no-key-but-disabled"),
        pytest.param(
            of_provider(apiKeys=[{"key": "k"}], routingStrategy="least-busy",
                        advancedSettings={"rpm": 1, "tpm": 1, "cacheMarks": True},
                        models=[{"id": "m", "cacheReadCostPerMillion": 0,
                                 "inputCostPerMillion": 1}]),
            [("warning", "providers[0].apiKeys", WAITING),
             ("warning", "providers[0].routingStrategy", WAITING),
             ("warning", "providers[0].advancedSettings.rpm", WAITING),
             ("warning", "providers[0].advancedSettings.tpm", WAITING)],
            id="provider-without-effect",
        ),
        pytest.param(
            of_endpoint(
                fallbacks=["x"], cacheStrategy={"layout": "overlay", "providerCache": "1h"}
            ),
            [("warning", "endpoints[0].fallbacks[0]", "Endpoint not found: x"),
             ("warning", "endpoints[0].fallbacks", WAITING)],
            id="endpoint-without-effect",
        ),
        pytest.param(
            of_endpoint(cacheStrategy={"layout": "path", "providerCache": "off"}), [],
            id="in-effect",
        ),
    ],
)  # fmt: skip
def test_findings(content: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    assert found(**content) == expected


def test_a_literal_that_equals_a_variable() -> None:
    said = found({"OPENAI_API_KEY": KEY}, **of_provider(apiKey=KEY))
    message = "equals the variable OPENAI_API_KEY; write ${OPENAI_API_KEY} instead"
    assert said == [("warning", "providers[0].apiKey", message)]


def test_errors_come_first() -> None:
    levels = [level for level, _, _ in found(**of_endpoint(providerId="q"), zzz=1)]
    assert levels == ["error", "warning"]


def test_an_endpoint_may_use_the_provider_from_the_environment() -> None:
    environ = {"LITELLM_ENABLED": "true"}
    assert found(environ, endpoints=[{**ENDPOINT, "providerId": "litellm"}]) == []


def test_a_broken_file_is_one_error(project: Path) -> None:
    path = config_path(project)
    path.write_text(f'{{"providers": [{{"apiKey": "{KEY}"')
    report = check(project, {})
    assert not report.is_valid
    assert len(report.findings) == 1
    assert report.findings[0].text.startswith(f"{path} is not valid JSON: ")
    assert KEY not in repr(report)


def test_the_dotenv_counts(project: Path) -> None:
    config_path(project).write_text('{"providers": [{"id":"p","name":"P","type":"openai"}]}')
    assert len(check(project, {}).findings) == 1
    (project / ".env").write_text("OPENAI_API_KEY=k")
    report = check(project, {})
    assert (report.findings, report.is_valid, report.summary) == ((), True, "valid")


def test_report_as_json(project: Path) -> None:
    config_path(project).write_text('{"defaultEndpoint": "no", "zzz": 1}')
    report = check(project, {})
    assert report.findings[0] == Finding("error", "defaultEndpoint", "Endpoint not found: no")
    assert report.as_json() == {
        "path": str(config_path(project)),
        "valid": False,
        "errors": [
            {"field": "defaultEndpoint", "message": "Endpoint not found: no", "level": "error"}
        ],
        "warnings": [{"field": "zzz", "message": "unknown key, kept", "level": "warning"}],
    }
    assert report.summary == "1 error(s), 1 warning(s)"
