"""`ccw models` and `ccw provider models`: what they print, and when they fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.canary import CANARY, assert_not_on_disk, assert_nowhere
from tests.cli.providing import ccw, said
from tests.projects import write_config
from tests.servers.by_path import Gateway, models
from tests.servers.openai_wire import status

MODELS: dict[str, Any] = {
    "/v1/models": {
        "data": [
            {
                "id": "gpt-x",
                "context_length": 1000,
                "pricing": {"prompt": "0.0000025", "completion": 0},
            },
            {"id": "claude-of-ours", "display_name": "Ours"},
            {"id": "zorg"},
            {},
        ]
    }
}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_KEY", CANARY)


def configure(project: Path, *bases: str, **fields: Any) -> None:
    """Configure the providers `p0`, `p1`, ... at *bases*."""
    given = {"type": "custom", "apiKey": "${CANARY_KEY}", **fields}
    providers = [
        {"id": f"p{index}", "name": f"P{index}", "apiBase": base, **given}
        for index, base in enumerate(bases)
    ]
    write_config(project, {"providers": providers})


def shown(result: Result) -> Any:
    return json.loads(result.stdout)


def test_the_models_of_a_provider(project: Path, by_path: Gateway) -> None:
    configure(project, by_path(MODELS).base)
    lines = "p0\tgpt-x\t1000\t2.5\t0\t?\t0 s\n"
    lines += "p0\tclaude-of-ours\t~200000\t?\t?\t?\t0 s\n"
    lines += "p0\tzorg\t?\t?\t?\t?\t0 s\n"
    told = "p0: 1 entries of its list could not be read\n"
    assert said(ccw(project, "provider", "models", "p0")) == (0, lines, told)


def test_as_json(project: Path, by_path: Gateway) -> None:
    configure(project, by_path(MODELS).base)
    one = shown(ccw(project, "provider", "models", "p0", "--json"))
    assert one["models"][1] == {
        "id": "claude-of-ours",
        "name": "Ours",
        "provider": "p0",
        "contextWindow": 200000,
        "contextWindowEstimated": True,
        "maxOutputTokens": None,
        "inputCostPerMillion": None,
        "outputCostPerMillion": None,
        "cacheReadCostPerMillion": None,
        "cacheWriteCostPerMillion": None,
        "purpose": None,
    }
    assert {name: one[name] for name in ("provider", "type", "count", "stale", "error")} == {
        "provider": "p0",
        "type": "custom",
        "count": 3,
        "stale": False,
        "error": None,
    }
    assert (one["source"], one["skipped"], one["fetchedAt"][-1]) == ("gateway", 1, "Z")
    every = shown(ccw(project, "models", "--json"))
    again = {**one, "source": "cache", "age": every["providers"][0]["age"]}
    assert every == {"providers": [again], "count": 3}


def test_all_providers_one_after_the_other(project: Path, by_path: Gateway) -> None:
    configure(project, by_path(MODELS).base, by_path({"*": models("gpt-x", "m")}).base)
    lines = ccw(project, "models").stdout.splitlines()
    assert [line.split("\t")[:2] for line in lines] == [
        ["p0", "gpt-x"],
        ["p0", "claude-of-ours"],
        ["p0", "zorg"],
        ["p1", "gpt-x"],
        ["p1", "m"],
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--filter", "GPT"), ["p0/gpt-x", "p1/gpt-x"]),
        (("--filter", "ours"), ["p0/claude-of-ours"]),
        (("--filter", "nothing-like-it"), []),
        (("--provider", "p1"), ["p1/gpt-x", "p1/m"]),
        (("--provider", "p0", "--filter", "z"), ["p0/zorg"]),
    ],
)
def test_some_of_them(
    project: Path, by_path: Gateway, options: tuple[str, ...], expected: list[str]
) -> None:
    configure(project, by_path(MODELS).base, by_path({"*": models("gpt-x", "m")}).base)
    result = ccw(project, "models", *options)
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert ["/".join(line.split("\t")[:2]) for line in lines] == expected


def test_refresh_asks_again(project: Path, by_path: Gateway) -> None:
    server = by_path({"*": models("m")})
    configure(project, server.base)
    for options in ((), (), ("--refresh",)):
        ccw(project, "models", *options)
        ccw(project, "provider", "models", "p0", *options)
    assert len(server.requests) == 3


def test_a_gateway_that_is_down_shows_its_last_list(project: Path, by_path: Gateway) -> None:
    answers: dict[str, Any] = {"*": models("m")}
    configure(project, by_path(answers).base)
    ccw(project, "models")
    answers["*"] = status(500, "out of order")
    result = ccw(project, "provider", "models", "p0", "--refresh")
    assert (result.exit_code, result.stdout) == (0, "p0\tm\t?\t?\t?\t?\t0 s stale\n")
    assert result.stderr.startswith("p0: Could not fetch models: P0 (")
    assert result.stderr.endswith("out of order (the last list is shown, 0 s old)\n")


def test_what_the_configuration_names_is_shown_as_such(project: Path) -> None:
    configure(project, "http://127.0.0.1:1", models=[{"id": "mine"}])
    result = ccw(project, "models")
    assert (result.exit_code, result.stdout) == (0, "p0\tmine\t?\t?\t?\t?\tconfigured\n")
    assert result.stderr.endswith("(the models of the configuration are shown)\n")


def test_a_provider_without_trust_is_told_and_the_others_listed(
    project: Path, by_path: Gateway
) -> None:
    configure(project, "http://0.0.0.0:1", by_path({"*": models("m")}).base)
    result = ccw(project, "models")
    assert (result.exit_code, result.stdout) == (0, "p1\tm\t?\t?\t?\t?\t0 s\n")
    assert result.stderr.startswith(
        "p0: Could not fetch models: this project asks for what you have not agreed to:\n"
        "  send ${CANARY_KEY} to http://0.0.0.0:1\n"
    )
    alone = ccw(project, "models", "--provider", "p0")
    assert (alone.exit_code, "with: ccw trust" in alone.stderr) == (3, True)


def test_a_gateway_never_reached_shows_a_built_in_list(project: Path) -> None:
    configure(project, "http://127.0.0.1:1", type="mistral")
    result = ccw(project, "models")
    assert result.exit_code == 0
    assert "p0\tmistral-large-latest\t" in result.stdout
    assert result.stderr.endswith("is the server running? (a built-in list is shown)\n")


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        pytest.param(status(401), 5, "Could not fetch models: Invalid API key: ", id="key"),
        pytest.param(status(404), 1, "Could not fetch models: Endpoint not found", id="404"),
        pytest.param([], 1, "No models returned by P0", id="empty"),
        pytest.param({}, 1, "Could not fetch models: P0", id="no-list"),
        pytest.param(lambda e: e.reset(), 6, "Could not fetch models: P0", id="cut"),
    ],
)
@pytest.mark.parametrize("command", ["models", "provider models p0"])
def test_without_anything_to_show_it_fails(
    project: Path, by_path: Gateway, command: str, answer: Any, code: int, says: str
) -> None:
    configure(project, by_path({"*": answer}).base)
    result = ccw(project, *command.split())
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith(f"ccw: {says}")
    as_json = ccw(project, *command.split(), "--json")
    assert as_json.exit_code == code
    assert says in as_json.stdout
    assert_nowhere(result.output + as_json.output)
    assert_not_on_disk(project)


def test_a_disabled_provider_is_not_asked(project: Path, by_path: Gateway) -> None:
    server = by_path({"*": models("m")})
    configure(project, server.base, enabled=False)
    expected = "no provider is enabled; ccw init configures one\n"
    assert said(ccw(project, "models")) == (0, "", expected)
    result = ccw(project, "provider", "models", "p0")
    assert (result.exit_code, "ccw provider update p0 --enable" in result.stderr) == (3, True)
    assert server.requests == []


def test_an_unknown_provider(project: Path) -> None:
    for command in (("models", "--provider", "no"), ("provider", "models", "no")):
        result = ccw(project, *command)
        assert result.exit_code == 3
        assert result.stderr.startswith("ccw: Provider not found: no")
