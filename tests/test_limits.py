"""What a call may cost at most, and when its files are too few for the provider's cache."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ccw import LiteLLMExecutionOptions, LiteLLMExecutionResult, execute_litellm_endpoint
from ccw.execution.preview import preview_litellm_endpoint
from ccw.history.log import totals
from ccw.llm.cacheable import CacheInert
from ccw.llm.counts import COUNTS_FILE
from ccw.llm.tokens import count_tokens
from tests.projects import configure, write_config
from tests.servers.loopback import Server
from tests.servers.openai_wire import USAGE, say

UNCACHED = {"prompt_tokens": 120, "completion_tokens": 7, "total_tokens": 127}


def ask(project: Path, prompt: str, **options: Any) -> LiteLLMExecutionResult:
    return execute_litellm_endpoint(
        LiteLLMExecutionOptions(prompt, "ask", project, **options),
        environ={"HOME": os.environ["HOME"]},
    )


def priced(project: Path, base: str, params: dict[str, Any], **model: Any) -> None:
    """Configure the endpoint `ask` of a model that nobody but the user knows."""
    known = {"id": "mine", **model}
    provider = {"id": "loop", "name": "L", "type": "custom", "apiBase": base, "models": [known]}
    endpoint = {"id": "ask", "name": "A", "providerId": "loop", "model": "mine", "params": params}
    write_config(project, {"providers": [provider], "endpoints": [endpoint]})


PRICES = {"inputCostPerMillion": 1, "outputCostPerMillion": 10}


@pytest.mark.parametrize(
    ("model", "params", "max_cost", "said"),
    [
        pytest.param(PRICES, {"maxTokens": 1000}, 0.02, None, id="below"),
        pytest.param(PRICES, {"maxTokens": 1000}, 0.005, "up to $0.01", id="above"),
        pytest.param(PRICES, {"max_tokens": 1000}, 0.005, "up to $0.01", id="snake-case"),
        pytest.param(PRICES, {"maxTokens": 500, "n": 3}, 0.012, "up to $0.016", id="answers"),
        pytest.param(
            {**PRICES, "maxOutputTokens": 1000}, {}, 0.005, "up to $0.01", id="of-the-model"
        ),
        pytest.param(
            {**PRICES, "maxOutputTokens": 9000}, {"maxTokens": 1000}, 0.02, None, id="own-bound"
        ),
        pytest.param(
            {**PRICES, "maxOutputTokens": 1000}, {"maxTokens": True}, 0.005, "$0.01", id="no-number"
        ),
        pytest.param(
            {**PRICES, "maxOutputTokens": 1000}, {"maxTokens": -5}, 0.005, "$0.01", id="below-zero"
        ),
        pytest.param(
            PRICES, {"maxTokens": 1000, "n": -3}, 0.005, "$0.01", id="less-than-no-answers"
        ),
        pytest.param(PRICES, {}, 5.0, "the longest answer of mine is unknown", id="unbounded"),
        pytest.param({}, {"maxTokens": 9}, 5.0, "the price of mine is unknown", id="no-price"),
        pytest.param(
            {"inputCostPerMillion": 1}, {"maxTokens": 9}, 5.0, "price of mine", id="half-a-price"
        ),
        pytest.param(PRICES, {"maxTokens": 1000}, 0, "more than --max-cost $0", id="nothing"),
        pytest.param({"inputCostPerMillion": 0, "outputCostPerMillion": 0}, {}, 0, None, id="free"),
    ],
)
def test_max_cost(
    shop: Path,
    openai_server: Server,
    model: dict[str, Any],
    params: dict[str, Any],
    max_cost: float,
    said: str | None,
) -> None:
    priced(shop, openai_server.base, params, **model)
    result = ask(shop, "@README.md Explain", max_cost=max_cost)
    if said is None:
        assert (result.success, len(openai_server.posts)) == (True, 1)
        return
    assert (result.error_type, result.exit_code) == ("cost_exceeded", 7)
    assert said in (result.error or "")
    assert "--max-cost" in (result.error or "")
    assert openai_server.requests == []
    assert totals(shop)[-1].calls == 0


@pytest.mark.parametrize("amount", [-1, float("nan"), float("inf")])
def test_an_amount_that_is_none(shop: Path, openai_server: Server, amount: float) -> None:
    result = ask(shop, "hi", max_cost=amount)
    assert (result.error_type, result.exit_code) == ("usage_error", 2)
    assert openai_server.requests == []


def test_the_bound_is_kept_by_the_real_cost(shop: Path) -> None:
    """The server counts other tokens than were sent; what is compared is what was sent."""
    result = ask(shop, "@README.md Explain", max_cost=1.0)
    assert result.cost is not None
    assert result.cost < 1.0


def sized(tokens: int) -> str:
    """A text file whose pack has about *tokens* tokens."""
    return "word " * tokens + "\n"


def test_more_is_allowed_for_than_an_estimate(shop: Path, openai_server: Server) -> None:
    """Tokenizers that are not known make up to 35 % more of the same text."""
    priced(
        shop, openai_server.base, {"maxTokens": 1}, inputCostPerMillion=1, outputCostPerMillion=0
    )
    (shop / "long.txt").write_text("word " * 10_000)
    asked = LiteLLMExecutionOptions("@long.txt Count", "ask", shop, enable_cache=False)
    shown = preview_litellm_endpoint(asked, environ={"HOME": os.environ["HOME"]})
    assert not shown.tokens_exact
    assert shown.cost_bound == pytest.approx(1.35e-6 * shown.tokens, rel=0.01)


def test_a_short_prefix_is_inert(shop: Path, openai_server: Server) -> None:
    (shop / "short.txt").write_text(sized(700))
    openai_server.will(say(usage=UNCACHED))
    result = ask(shop, "@short.txt Count")
    pack = openai_server.posts[-1].json["messages"][-1]["content"].rpartition("\n\n---\n\n")[0]
    assert result.cache_inert == CacheInert(count_tokens(pack, "gpt-4o").tokens, 1024)


@pytest.mark.parametrize("character", ["-", " "])
def test_long_tokens_make_many_bytes_inert(
    shop: Path, openai_server: Server, character: str
) -> None:
    (shop / "line.txt").write_text(character * 40_000 + "\n")
    openai_server.will(say(usage={**UNCACHED, "prompt_tokens": 700}))
    inert = ask(shop, "@line.txt Count").cache_inert
    assert inert is not None
    assert inert.tokens < inert.minimum == 1024


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        pytest.param({**UNCACHED, "prompt_tokens": 1200}, False, id="more-than-the-rest-can-be"),
        pytest.param({**UNCACHED, "prompt_tokens": 1030}, True, id="perhaps-of-the-rest"),
    ],
)
def test_nothing_is_counted_where_the_provider_has(
    shop: Path, openai_server: Server, usage: dict[str, Any], counted: bool
) -> None:
    (shop / "long.txt").write_text(sized(1100))
    openai_server.will(say(usage=usage))
    assert ask(shop, "@long.txt Count").cache_inert is None
    counts = Path(os.environ["HOME"]) / ".ccw" / COUNTS_FILE
    assert counts.exists() is counted


@pytest.mark.parametrize(
    ("prompt", "usage", "model"),
    [
        pytest.param("@long.txt Count", UNCACHED, "gpt-4o", id="long-enough"),
        pytest.param("@huge.txt Count", UNCACHED, "gpt-4o", id="not-even-counted"),
        pytest.param("@short.txt Count", USAGE, "gpt-4o", id="cached-all-the-same"),
        pytest.param("Count to ten", UNCACHED, "gpt-4o", id="no-pack"),
        pytest.param("@short.txt Count", UNCACHED, "mystery", id="minimum-unknown"),
    ],
)
def test_what_is_not_inert(
    shop: Path, openai_server: Server, prompt: str, usage: dict[str, Any], model: str
) -> None:
    for name, tokens in (("short", 700), ("long", 1100), ("huge", 40_000)):
        (shop / f"{name}.txt").write_text(sized(tokens))
    configure(shop, openai_server.base, model=model)
    openai_server.will(say(usage=usage))
    assert ask(shop, prompt).cache_inert is None


@pytest.mark.parametrize(
    ("options", "endpoint"),
    [
        pytest.param({"enable_cache": False}, {}, id="no-cache"),
        pytest.param({}, {"cacheStrategy": {"providerCache": "off"}}, id="off"),
    ],
)
def test_a_cache_that_is_off_is_not_inert(
    shop: Path, openai_server: Server, options: dict[str, Any], endpoint: dict[str, Any]
) -> None:
    (shop / "short.txt").write_text(sized(700))
    configure(shop, openai_server.base, **endpoint)
    openai_server.will(say(usage=UNCACHED))
    assert ask(shop, "@short.txt Count", **options).cache_inert is None


def test_an_unknown_tokenizer_goes_by_the_providers_count(
    shop: Path, openai_server: Server
) -> None:
    (shop / "short.txt").write_text(sized(400))
    configure(shop, openai_server.base, model="claude-sonnet-4-5")
    openai_server.will(say(usage={**UNCACHED, "prompt_tokens": 500}))
    inert = ask(shop, "@short.txt Count").cache_inert
    assert inert is not None
    assert inert.minimum == 1024
    assert 480 < inert.tokens < 500
