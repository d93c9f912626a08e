"""Prices of service tiers and places: of large prompts, under the user's own, and unknown ones."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.config.models import ModelInfo
from ccw.llm.map_entries import factors_of, rates_of, services_of
from ccw.llm.prices import ModelFacts, Prices, model_facts
from ccw.llm.rates import UNKNOWN, Rates
from ccw.llm.terms import USUAL_TERMS, Terms
from ccw.llm.usage import Usage

ENTRY = {
    "litellm_provider": "openai",
    "input_cost_per_token": 2.0,
    "input_cost_per_token_above_200k_tokens": 4.0,
    "output_cost_per_token": 8.0,
    "cache_read_input_token_cost": 1.0,
    "cache_read_input_token_cost_above_200k_tokens": 2.0,
    "input_cost_per_token_priority": 6.0,
    "input_cost_per_token_above_200k_tokens_priority": 12.0,
    "output_cost_per_token_priority": 24.0,
    "cache_read_input_token_cost_priority": 3.0,
    "output_cost_per_token_batches": 1.0,
}
USUAL = Rates(Prices(2.0, 8.0, 1.0), ((200_000, Prices(4.0, 8.0, 2.0)),))
PRIORITY = Rates(Prices(6.0, 24.0, 3.0), ((200_000, Prices(12.0, 24.0, None)),))
FACTS = ModelFacts(
    prices=USUAL.prices,
    tiers=USUAL.tiers,
    services=(("priority", PRIORITY),),
    factors=(("us", 1.5), ("fast", 2.0), ("regional", 1.25)),
)


def test_an_entry_of_the_map() -> None:
    """A usual price of large prompts makes a tier's one for all sizes unknown there."""
    assert rates_of(ENTRY) == USUAL
    assert list(services_of(ENTRY)) == [("priority", PRIORITY)]


def test_factors() -> None:
    entry = {"provider_specific_entry": {"us": 1.1, "fast": 2, "odd": "x"}}
    assert dict(factors_of({"litellm_provider": "anthropic", **entry})) == {"us": 1.1, "fast": 2.0}
    assert dict(factors_of({"litellm_provider": "minimax", **entry})) == {}
    regional = {"regional_endpoint_uplift_multiplier": 1.1, "regional_pricing": "yes"}
    assert dict(factors_of(regional)) == {"regional_endpoint_uplift_multiplier": 1.1}


@pytest.mark.parametrize(
    ("terms", "prices", "large"),
    [
        pytest.param(Terms("default"), (2, 8, 1), (4, 8, 2), id="usual"),
        pytest.param(Terms("priority"), (6, 24, 3), (12, 24, None), id="tier"),
        pytest.param(Terms("fast"), (6, 24, 3), (12, 24, None), id="another-name-of-it"),
        pytest.param(Terms("flex"), (None,) * 3, (None,) * 3, id="unknown-tier"),
        pytest.param(Terms("auto"), (None,) * 3, (None,) * 3, id="auto"),
        pytest.param(Terms(geo="us"), (3, 12, 1.5), (6, 12, 3), id="place"),
        pytest.param(Terms(geo="default"), (2, 8, 1), (4, 8, 2), id="no-place"),
        pytest.param(Terms(geo="eu"), (None,) * 3, (None,) * 3, id="unknown-place"),
        pytest.param(Terms(speed="fast"), (4, 16, 2), (8, 16, 4), id="speed"),
        pytest.param(
            Terms("priority", "us", "fast", "regional"),
            (22.5, 90, 11.25),
            (45, 90, None),
            id="all-together",
        ),
        pytest.param(Terms(region="elsewhere"), (2, 8, 1), (4, 8, 2), id="region-as-all"),
    ],
)
def test_on(terms: Terms, prices: tuple[Any, ...], large: tuple[Any, ...]) -> None:
    on = FACTS.on(terms)
    assert astuple(on.prices)[:3] == prices
    assert [astuple(price)[:3] for _, price in on.tiers] == [large]


@pytest.mark.parametrize("tier", ["auto", "priority", "flex", "scale"])
@pytest.mark.parametrize("geo", [None, "us", "eu"])
def test_free_stays_free(tier: str, geo: str | None) -> None:
    facts = ModelFacts(prices=Prices(0.0, 0.0), services=(("flex", Rates(Prices(1.0, 1.0))),))
    usage, terms = Usage(input=5, output=5), Terms(tier, geo)
    assert (facts.on(terms).cost(usage), facts.most(usage, terms)) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("usage", "terms", "most"),
    [
        pytest.param(Usage(input=1), USUAL_TERMS, 2.0, id="usual"),
        pytest.param(Usage(input=1), Terms("priority"), 6.0, id="asked"),
        pytest.param(Usage(input=1), Terms("auto"), 6.0, id="the-dearest"),
        pytest.param(Usage(input=1), Terms("auto", "us"), 9.0, id="the-dearest-there"),
        pytest.param(
            Usage(input=200_000, cache_read=1), Terms("auto"), None, id="one-of-them-unknown"
        ),
    ],
)
def test_most(usage: Usage, terms: Terms, most: float | None) -> None:
    assert FACTS.most(usage, terms) == most


def overlaid(**figures: float) -> ModelFacts:
    overlay = ModelInfo.model_validate({"id": "gpt-5.4", **figures})
    return model_facts("openai/gpt-5.4", overlay).on(Terms("priority"))


def test_own_prices_move_those_of_a_tier() -> None:
    """By field; and a price of fresh input, which holds for all sizes, by the tier's ratio."""
    listed = model_facts("openai/gpt-5.4")
    tier = dict(listed.services)["priority"]
    assert listed.prices.input is not None
    assert listed.prices.output is not None
    own = overlaid(input_cost_per_million=3e6 * listed.prices.input)
    assert own.prices.input == pytest.approx(3 * (tier.prices.input or 0))
    assert own.prices.cache_read == pytest.approx(3 * (tier.prices.cache_read or 0))
    assert own.prices.output == tier.prices.output
    output = overlaid(output_cost_per_million=2e6 * listed.prices.output).prices
    assert (output.input, output.output) == (
        tier.prices.input,
        pytest.approx(2 * (tier.prices.output or 0)),
    )


def test_without_a_ratio_own_prices_tell_nothing_of_a_tier() -> None:
    own = ModelInfo(id="m", input_cost_per_million=1.0, output_cost_per_million=1.0)
    facts = model_facts("openai/no-such-model", own)
    assert facts.on(Terms("priority")).prices == UNKNOWN
    assert facts.cost(Usage(input=10**6)) == pytest.approx(1.0)


PRICE = st.one_of(st.none(), st.floats(0, 10))


@given(st.builds(Prices, PRICE, PRICE, PRICE, PRICE, PRICE), st.floats(0.1, 10))
def test_a_tier_keeps_its_ratio_whatever_the_price(prices: Prices, factor: float) -> None:
    usual, tier = Rates(prices), Rates(prices).times(3.0)
    moved = tier.following(usual, usual.times(factor)).prices
    expected = usual.times(3.0 * factor).prices
    assert astuple(moved) == pytest.approx(astuple(expected))
