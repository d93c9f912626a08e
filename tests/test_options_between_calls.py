"""Two calls of one process that ask otherwise: neither gets what was found for the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.between_calls import ENDPOINT, ask, ask_with, configure, provider, sent
from tests.projects import write_config
from tests.servers.loopback import Server


def test_a_provider_of_variables(project: Path, openai_server: Server) -> None:
    configure(project, openai_server)
    enabled = {"LITELLM_ENABLED": "true", "LITELLM_BASE_URL": openai_server.base}
    told = [ask(project, "litellm/m", **given).success for given in (enabled, {}, enabled)]
    assert told == [True, False, True]


def test_variables_that_make_a_provider_and_no_longer_do(
    project: Path, openai_server: Server
) -> None:
    """Without that provider the name is the type of another, which answers as well."""
    own = provider(openai_server.base, type="litellm", apiKey="${OWN}")
    write_config(project, {"providers": [own]})
    usual = {"OWN": "own", "LITELLM_BASE_URL": openai_server.base, "LITELLM_API_KEY": "made"}
    for enabled in ({"LITELLM_ENABLED": "true"}, {}, {"LITELLM_ENABLED": "true"}):
        assert ask(project, "litellm/m", **usual, **enabled).success
    assert [key for key, _ in sent(openai_server)] == ["Bearer made", "Bearer own", "Bearer made"]


def test_another_model(project: Path, openai_server: Server) -> None:
    configure(project, openai_server)
    for more in ({"model": "gpt-5"}, {}, {"model": "gpt-5-mini"}):
        assert ask_with(more, project).success
    assert [model for _, model in sent(openai_server)] == ["gpt-5", "gpt-4o", "gpt-5-mini"]


def test_other_fallbacks(project: Path, openai_server: Server) -> None:
    closed = {**provider("http://127.0.0.1:9/v1"), "id": "closed"}
    first = {**ENDPOINT, "providerId": "closed", "fallbacks": ["f"]}
    others = [{**ENDPOINT, "id": name, "model": f"model-{name}"} for name in ("f", "g")]
    providers = [closed, provider(openai_server.base)]
    write_config(project, {"providers": providers, "endpoints": [first, *others]})
    given: list[dict[str, Any]] = [
        {},
        {"fallbacks": ()},
        {"fallbacks": ["g"]},
        {"fallbacks": ["f"]},
    ]
    assert [ask_with(more, project).success for more in given] == [True, False, True, True]
    assert [model for _, model in sent(openai_server)] == ["model-f", "model-g", "model-f"]
