"""What `ccw config validate` has to say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ccw.config.checks import check, findings
from ccw.config.findings import Finding, as_json
from ccw.config.models import LiteLLMApiConfig
from ccw.config.places import config_path, user_config_path
from ccw.config.references.parsing import ALLOWED

KEY = "sk-canary-0123456789"
PROVIDER = {"id": "p", "name": "P", "type": "openai", "apiKey": "k"}
ENDPOINT = {"id": "e", "name": "E", "providerId": "p", "model": "m"}


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
              "API key not configured for provider: P (p: apiKey is empty and OPENAI_API_KEY is "
              "not set); export OPENAI_API_KEY=… or put it into the project's .env")],
            id="no-key",
        ),
        pytest.param(of_provider(apiKey="", enabled=False), [], id="no-key-but-disabled"),
        pytest.param(
            of_endpoint(
                fallbacks=["x"], cacheStrategy={"layout": "overlay", "providerCache": "1h"}
            ),
            [("warning", "endpoints[0].fallbacks[0]", "Endpoint not found: x")],
            id="unknown-fallback",
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


def test_a_broken_file_is_one_error(project: Path, tmp_path: Path) -> None:
    path = config_path(project)
    path.write_text(f'{{"providers": [{{"apiKey": "{KEY}"')
    (report,) = check(project, {"HOME": str(tmp_path)})
    assert not report.is_valid
    assert len(report.findings) == 1
    assert report.findings[0].text.startswith(f"{path} is not valid JSON: ")
    assert KEY not in repr(report)


def test_the_dotenv_counts(project: Path, tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    config_path(project).write_text('{"providers": [{"id":"p","name":"P","type":"openai"}]}')
    assert [len(report.findings) for report in check(project, environ)] == [1]
    (project / ".env").write_text("OPENAI_API_KEY=k")
    (report,) = check(project, environ)
    assert (report.findings, report.is_valid, report.summary) == ((), True, "valid")


def test_reports_as_json(project: Path, tmp_path: Path) -> None:
    config_path(project).write_text('{"defaultEndpoint": "no", "zzz": 1}')
    reports = check(project, {"HOME": str(tmp_path)})
    path, missing = str(config_path(project)), "Endpoint not found: no"
    assert reports[0].findings[0] == Finding("error", "defaultEndpoint", missing, is_missing=True)
    assert as_json(reports) == {
        "path": path,
        "valid": False,
        "errors": [
            {"path": path, "field": "defaultEndpoint", "message": missing, "level": "error"}
        ],
        "warnings": [
            {"path": path, "field": "zzz", "message": "unknown key, kept", "level": "warning"}
        ],
        "information": [],
        "files": [{"path": path, "valid": False}],
    }
    assert [report.summary for report in reports] == ["1 error(s), 1 warning(s)"]


def test_both_files_are_checked(project: Path, tmp_path: Path) -> None:
    environ = {"CCW_HOME": str(tmp_path / "own"), "OPENAI_API_KEY": "k"}
    user = user_config_path(environ)
    user.parent.mkdir(parents=True)
    user.write_text(json.dumps({"providers": [PROVIDER], "defaultEndpoint": "no"}))
    content = {"providers": [PROVIDER], "endpoints": [ENDPOINT, {**ENDPOINT, "id": "f"}]}
    config_path(project).write_text(json.dumps(content))
    own, below = check(project, environ)
    assert (own.path, below.path) == (config_path(project), user)
    assert [(f.level, f.text) for f in own.findings] == [
        ("information", "providers[0].id: p takes the place of the user's own")
    ]
    assert (own.is_valid, own.summary) == (True, "valid")
    assert [(f.level, f.text) for f in below.findings] == [
        ("error", "defaultEndpoint: Endpoint not found: no")
    ]


def test_a_project_may_use_what_the_user_has(project: Path, tmp_path: Path) -> None:
    environ = {"CCW_HOME": str(tmp_path / "own"), "OPENAI_API_KEY": "k"}
    user = user_config_path(environ)
    user.parent.mkdir(parents=True)
    user.write_text(json.dumps({"providers": [PROVIDER], "endpoints": [ENDPOINT]}))
    mine = {**ENDPOINT, "id": "mine", "fallbacks": ["e"]}
    config_path(project).write_text(json.dumps({"endpoints": [mine], "defaultEndpoint": "e"}))
    assert [report.findings for report in check(project, environ)] == [(), ()]


def test_a_broken_file_of_the_user_is_an_error_of_its_own(project: Path, tmp_path: Path) -> None:
    environ = {"CCW_HOME": str(tmp_path / "own")}
    user = user_config_path(environ)
    user.parent.mkdir(parents=True)
    user.write_text("{")
    own, below = check(project, environ)
    assert (own.is_valid, below.is_valid) == (True, False)
    assert below.findings[0].message.startswith(f"{user} is not valid JSON")


@pytest.mark.parametrize("text", ["{", "[]", '{"providers": [{"id": "p"}]}'])
def test_a_file_of_the_user_that_cannot_be_read_may_hold_what_a_project_uses(
    project: Path, tmp_path: Path, text: str
) -> None:
    environ = {"CCW_HOME": str(tmp_path / "own")}
    user = user_config_path(environ)
    user.parent.mkdir(parents=True)
    user.write_text(text)
    content = {"endpoints": [{**ENDPOINT, "fallbacks": ["f"]}], "defaultEndpoint": "g", "zz": 1}
    config_path(project).write_text(json.dumps(content))
    own, below = check(project, environ)
    assert [f.text for f in own.findings] == ["zz: unknown key, kept"]
    [finding] = below.findings
    assert (finding.level, finding.field, finding.message.count(str(user))) == ("error", "", 1)
    assert "ccw config validate" not in finding.message
