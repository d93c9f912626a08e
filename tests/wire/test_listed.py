"""What a gateway's list tells of its models changes what they are sent, and what they cost."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from ccw import list_models
from ccw.errors import CostExceeded
from ccw.execution.caching import minimum_of, seconds_kept
from ccw.execution.limits import check_cost
from ccw.execution.planning import make_plan
from ccw.llm.marks import SECONDS
from tests.servers.any_wire import sent
from tests.servers.by_path import Gateway, models
from tests.servers.loopback import Behaviour, Server
from tests.servers.openai_wire import USAGE, say
from tests.wire.endpoints import FIVE, HOUR, OPENAI_USAGE, ask, configure, options, preview

OPUS_4_1 = "anthropic.claude-opus-4-1-20250805-v1:0"


def marks(project: Path, server: Server) -> list[object]:
    """Ask, and return the marks that went over the wire: as many as a preview shows."""
    ask(project)
    found = [piece.mark for piece in sent(server.posts[-1]) if piece.mark]
    assert len(found) == len(preview(project).cache_marks)
    return found


def gateway_with(
    by_path: Gateway, name: str, behind: Sequence[str], chat: Behaviour | None = None
) -> Server:
    """A LiteLLM proxy that tells those who may see its list which models are *behind* a *name*."""
    deployments = [
        {"model_name": name, "litellm_params": {"model": model}, "model_info": {}}
        for model in behind
    ]
    told = {"/v1/models": models(name), "/v1/model/info": {"data": deployments}}
    return by_path({**told, "*": chat or say()})


def listed(project: Path) -> None:
    """Ask the gateway for its list, which is kept."""
    found = list_models(project, "it", environ={"HOME": os.environ["HOME"]})
    assert found.error is None


@pytest.mark.parametrize(
    ("behind", "marked"),
    [
        pytest.param(["anthropic/claude-opus-5"], True, id="claude"),
        pytest.param(["anthropic/claude-opus-5", "bedrock/anthropic.claude-opus-5"], True, id="2"),
        pytest.param(["anthropic/claude-opus-5", "openai/gpt-5"], False, id="not-all-of-them"),
        pytest.param(["gemini/gemini-2.5-pro"], False, id="gemini"),
        pytest.param(["openai/gpt-5"], False, id="gpt"),
    ],
)
def test_a_claude_behind_a_name_of_the_gateways(
    project: Path, by_path: Gateway, behind: list[str], marked: bool
) -> None:
    server = gateway_with(by_path, "smart", behind)
    configure(project, server, "litellm", model="smart")
    assert marks(project, server) == [], "nobody knows yet"
    listed(project)
    assert set(map(str, marks(project, server))) == ({str(FIVE)} if marked else set())


def test_the_minimum_of_the_model_behind_a_name(project: Path, by_path: Gateway) -> None:
    few = say(usage={"prompt_tokens": 400, "completion_tokens": 7, "total_tokens": 407})
    server = gateway_with(by_path, "smart", ["anthropic/claude-haiku-4-5"], few)
    configure(project, server, "litellm", model="smart")
    assert ask(project, "@f00.txt Why?").cache_inert is None
    listed(project)
    inert = ask(project, "@f00.txt Why?").cache_inert
    assert inert is not None
    assert inert.minimum == 4096


@pytest.mark.parametrize(
    ("behind", "minimum"),
    [
        pytest.param(["anthropic/claude-haiku-4-5", "anthropic/claude-opus-4-1"], 1024, id="least"),
        pytest.param(["anthropic/claude-opus-4-1", "anthropic/claude-haiku-4-5"], 1024, id="order"),
        pytest.param(["anthropic/claude-haiku-4-5", "ours/unheard-of"], None, id="one-unknown"),
    ],
)
def test_the_least_minimum_of_several_models_behind_a_name(
    project: Path, by_path: Gateway, behind: list[str], minimum: int | None
) -> None:
    server = gateway_with(by_path, "smart", behind)
    configure(project, server, "litellm", model="smart")
    listed(project)
    plan = make_plan(options(project), {"HOME": os.environ["HOME"]}, 0.0)
    assert minimum_of(plan.target) == minimum


@pytest.mark.parametrize(
    ("behind", "mark", "seconds"),
    [
        pytest.param(["anthropic/claude-opus-4-1"], HOUR, 3600, id="knows-hours"),
        pytest.param([f"bedrock/{OPUS_4_1}"], FIVE, 300, id="gets-no-ttl"),
        pytest.param(["anthropic/claude-opus-4-1", f"bedrock/{OPUS_4_1}"], FIVE, 300, id="one-not"),
    ],
)
def test_an_hour_is_believed_where_all_models_behind_a_name_know_it(
    project: Path, by_path: Gateway, behind: list[str], mark: object, seconds: int
) -> None:
    server = gateway_with(by_path, "smart", behind)
    configure(project, server, "litellm", model="smart", providerCache="1h")
    listed(project)
    assert set(map(str, marks(project, server))) == {str(mark)}
    plan = make_plan(options(project), {"HOME": os.environ["HOME"]}, 0.0)
    note = "providerCache 1h: the cache of smart keeps files for 5m only"
    assert plan.notes == (() if seconds == 3600 else (note,))
    assert (SECONDS[plan.caching.lifetime], seconds_kept(plan.target)) == (seconds, seconds)


def test_the_models_own_name_counts_first(project: Path, by_path: Gateway) -> None:
    server = gateway_with(by_path, "claude", ["openai/gateway-of-ours"])
    configure(project, server, "litellm", model="claude")
    listed(project)
    assert marks(project, server)


def test_a_provider_that_says_no_gets_no_marks(project: Path, by_path: Gateway) -> None:
    server = gateway_with(by_path, "smart", ["anthropic/claude-opus-5"])
    configure(project, server, "litellm", model="smart", advancedSettings={"cacheMarks": False})
    listed(project)
    assert marks(project, server) == []


def test_openrouters_list_tells_its_prices(project: Path, by_path: Gateway) -> None:
    pricing = {"prompt": "0.000002", "completion": "0.00001", "input_cache_read": "0.0000005"}
    one = {"id": "some/model", "context_length": 10**6, "pricing": pricing}
    one["top_provider"] = {"max_completion_tokens": 1000}
    server = by_path({"/v1/models": {"data": [one]}, "*": say(usage=USAGE)})
    configure(project, server, "openrouter", model="some/model")
    environ = {"HOME": os.environ["HOME"]}
    with pytest.raises(CostExceeded, match="ccw models --provider it"):
        check_cost(make_plan(options(project), environ, 0.0), 5.0)
    assert ask(project).cost is None
    listed(project)
    result = ask(project, max_cost=5.0)
    assert result.usage == OPENAI_USAGE
    assert result.cost == pytest.approx(20 * 2e-6 + 100 * 0.5e-6 + 7 * 1e-5)
    assert result.saved == pytest.approx(100 * 1.5e-6)
