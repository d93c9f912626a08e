"""Money: litellm's map, overlaid by the user's own figures; unknown stays unknown."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from ccw.config.models import ModelInfo
from ccw.llm.prices import FREE, ModelFacts, Prices, model_facts
from ccw.llm.usage import Usage

SONNET = ModelFacts(
    context_window=200_000,
    max_output_tokens=64_000,
    prices=Prices(3e-6, 15e-6, 3e-7, 3.75e-6, 6e-6),
)


def test_facts_come_from_the_map_with_or_without_prefix() -> None:
    assert model_facts("anthropic/claude-sonnet-4-5") == SONNET
    assert model_facts("claude-sonnet-4-5") == SONNET


def test_bedrocks_models_are_found_without_their_prefix() -> None:
    assert model_facts("bedrock/anthropic.claude-haiku-4-5-20251001-v1:0").context_window == 200_000


def test_a_bare_entry_of_another_provider_does_not_count() -> None:
    """`openai/claude-sonnet-4-5` is a model of some OpenAI-compatible server: price unknown."""
    assert model_facts("openai/claude-sonnet-4-5") == ModelFacts()


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        pytest.param(Usage(input=1_000_000), 3.0, id="fresh"),
        pytest.param(Usage(cache_read=1_000_000), 0.3, id="read"),
        pytest.param(Usage(cache_write_5m=1_000_000), 3.75, id="write-5m"),
        pytest.param(Usage(cache_write_1h=1_000_000), 6.0, id="write-1h"),
        pytest.param(Usage(input=100, output=10), 0.00045, id="both"),
        pytest.param(Usage(), 0.0, id="nothing"),
    ],
)
def test_cost(usage: Usage, cost: float) -> None:
    assert SONNET.cost(usage) == pytest.approx(cost)


def test_a_large_prompt_has_its_own_prices() -> None:
    facts = model_facts("gemini/gemini-2.5-pro")
    assert facts.cost(Usage(input=200_000)) == pytest.approx(0.25)
    assert facts.cost(Usage(input=200_001)) == pytest.approx(200_001 * 2.5e-6)
    assert facts.cost(Usage(input=1, cache_read=200_000)) == pytest.approx(2.5e-6 + 0.05)


def test_large_prompts_have_their_own_price_of_an_hour() -> None:
    facts = model_facts("bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0")
    assert facts.cost(Usage(cache_write_1h=200_000)) == pytest.approx(200_000 * 6e-6)
    assert facts.cost(Usage(cache_write_1h=200_001)) == pytest.approx(200_001 * 12e-6)


@pytest.mark.parametrize(
    ("tokens", "per_token"),
    [
        pytest.param(272_000, 2.5e-6, id="usual"),
        pytest.param(272_001, 5e-6, id="large"),
    ],
)
def test_other_bounds_of_large_prompts_count_too(tokens: int, per_token: float) -> None:
    assert model_facts("gpt-5.4").cost(Usage(input=tokens)) == pytest.approx(tokens * per_token)


@pytest.mark.parametrize(
    ("usage", "saved"),
    [
        pytest.param(Usage(input=1_000_000, output=9), 0.0, id="nothing-cached"),
        pytest.param(Usage(input=7, cache_read=1_000_000), 2.7, id="read"),
        pytest.param(Usage(cache_write_5m=1_000_000), -0.75, id="write-costs-extra"),
        pytest.param(Usage(cache_write_1h=1_000_000), -3.0, id="write-1h-costs-more"),
        pytest.param(Usage(cache_read=1_000_000, cache_write_5m=1_000_000), 1.95, id="both"),
    ],
)
def test_saved_by_the_providers_cache(usage: Usage, saved: float) -> None:
    assert SONNET.saved(usage) == pytest.approx(saved)


@pytest.mark.parametrize(
    ("prices", "saved"),
    [
        pytest.param(Prices(input=2e-6), None, id="price-of-a-read-unknown"),
        pytest.param(Prices(cache_read=1e-6), None, id="fresh-price-unknown"),
        pytest.param(Prices(input=2e-6, cache_read=1e-6), 1e-5, id="both-known"),
    ],
)
def test_what_was_saved_is_unknown_where_a_price_is(prices: Prices, saved: float | None) -> None:
    assert ModelFacts(prices=prices).saved(Usage(input=5, cache_read=10)) == (
        None if saved is None else pytest.approx(saved)
    )


def test_large_prompts_save_at_their_own_prices() -> None:
    saved = model_facts("gemini/gemini-2.5-pro").saved(Usage(input=1, cache_read=200_000))
    assert saved == pytest.approx(200_000 * (2.5e-6 - 0.25e-6))


def test_an_unknown_price_is_unknown_only_when_needed() -> None:
    facts = ModelFacts(prices=Prices(input=1e-6))
    assert facts.cost(Usage(input=10)) == pytest.approx(1e-5)
    assert facts.cost(Usage(input=10, output=1)) is None


def test_an_unknown_model_costs_an_unknown_amount() -> None:
    assert model_facts("openai/no-such-model").cost(Usage(input=1)) is None


def test_free_is_known_to_be_free() -> None:
    assert ModelFacts(prices=FREE).cost(Usage(input=5, output=5)) == 0.0


def test_the_users_figures_win_field_by_field() -> None:
    overlay = ModelInfo(
        id="claude-sonnet-4-5",
        context_window=1_000_000,
        input_cost_per_million=1.0,
        cache_write_cost_per_million=2.5,
    )
    facts = model_facts("anthropic/claude-sonnet-4-5", overlay)
    assert (facts.context_window, facts.max_output_tokens) == (1_000_000, 64_000)
    assert astuple(facts.prices) == pytest.approx((1e-6, 15e-6, 1e-7, 2.5e-6, 4e-6))


@pytest.mark.parametrize(
    ("figures", "cached"),
    [
        pytest.param([{"input_cost_per_million": 1.0}], (1e-7, 1.25e-6, 2e-6), id="in-proportion"),
        pytest.param([{"input_cost_per_million": 0.0}], (0.0, 0.0, 0.0), id="free"),
        pytest.param(
            [{"input_cost_per_million": 1.0, "cache_read_cost_per_million": 0.5}],
            (5e-7, 1.25e-6, 2e-6),
            id="told-in-part",
        ),
        pytest.param([{"output_cost_per_million": 1.0}], (3e-7, 3.75e-6, 6e-6), id="output-alone"),
        pytest.param(
            [
                {"input_cost_per_million": 2.0, "cache_read_cost_per_million": 1.0},
                {"input_cost_per_million": 1.0},
            ],
            (5e-7, 1.25e-6, 2e-6),
            id="over-the-gateways",
        ),
    ],
)
def test_prices_of_the_cache_keep_their_ratio_to_an_own_input_price(
    figures: list[dict[str, float]], cached: tuple[float, float, float]
) -> None:
    overlays = [ModelInfo.model_validate({"id": "it", **told}) for told in figures]
    prices = model_facts("anthropic/claude-sonnet-4-5", *overlays).prices
    assert astuple(prices)[2:] == pytest.approx(cached)


def test_an_own_input_price_never_makes_a_loss_of_a_read() -> None:
    overlay = ModelInfo(id="gpt-4o", input_cost_per_million=1.0, output_cost_per_million=2.0)
    saved = model_facts("openai/gpt-4o", overlay).saved(Usage(input=10, cache_read=10_000))
    assert saved == pytest.approx(10_000 * 0.5e-6)


def test_without_a_ratio_the_price_of_a_read_is_unknown() -> None:
    free = ModelInfo(id="m", input_cost_per_million=0.0, cache_read_cost_per_million=0.0)
    own = ModelInfo(id="m", input_cost_per_million=1.0)
    assert model_facts("openai/no-such-model", free, own).saved(Usage(cache_read=9)) is None


def test_the_users_input_price_holds_for_large_prompts_too() -> None:
    overlay = ModelInfo(id="gemini-2.5-pro", input_cost_per_million=1.0)
    facts = model_facts("gemini/gemini-2.5-pro", overlay)
    assert facts.cost(Usage(input=300_000)) == pytest.approx(0.3)


def test_a_users_output_price_holds_in_every_tier() -> None:
    overlay = ModelInfo(id="gemini-2.5-pro", output_cost_per_million=1.0)
    facts = model_facts("gemini/gemini-2.5-pro", overlay)
    assert facts.cost(Usage(input=300_000, output=10**6)) == pytest.approx(300_000 * 2.5e-6 + 1)


def test_a_user_may_say_that_a_model_is_free() -> None:
    overlay = ModelInfo(id="mine", input_cost_per_million=0, output_cost_per_million=0)
    assert model_facts("openai/mine", overlay).cost(Usage(input=9, output=9)) == 0.0
