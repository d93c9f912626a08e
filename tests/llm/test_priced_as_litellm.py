"""What a call costs on other terms than the usual ones: as litellm works it out, by its own map."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from ccw.llm.client import load_engine
from ccw.llm.data import model_map
from ccw.llm.map_entries import SERVICES
from ccw.llm.prices import model_facts
from ccw.llm.terms import USUAL, Terms
from ccw.llm.usage import Usage

PRICED = "input_cost_per_token"
USAGES = (
    Usage(input=1000, output=100),
    Usage(input=1000, cache_read=5000, output=100),
    Usage(input=1000, cache_read=500, cache_write_5m=700, output=100),
    Usage(input=300_000, cache_read=5000, output=100),
)
CHAT = {"chat", "responses"}
UNTOLD = "fireworks_ai/"  # whose tiers are in the map, and unknown to litellm's own calculator


def entries(*names: str) -> Iterator[str]:
    """The chat models of the map that have one of the fields *names*, as they are called."""
    for model, entry in model_map().items():
        if entry.get("mode") in CHAT and any(name in entry for name in names):
            route = entry["litellm_provider"].removesuffix("_converse").partition("-")[0]
            yield model if model.startswith(f"{route}/") else f"{route}/{model}"


def by_litellm(model: str, usage: Usage, terms: Terms, **where: str) -> float:
    """What litellm says of a reply that was served on *terms*."""
    library: Any = load_engine().library
    counted = library.Usage(
        prompt_tokens=usage.total_input,
        completion_tokens=usage.output,
        prompt_tokens_details={
            "cached_tokens": usage.cache_read,
            "cache_creation_tokens": usage.cache_write_5m,
        },
        inference_geo=terms.geo,
        speed=terms.speed,
    )
    reply = library.ModelResponse(model=model, usage=counted, service_tier=terms.tier)
    cost = library.completion_cost(completion_response=reply, model=model, **where)
    assert isinstance(cost, float)
    return cost


def differing(models: list[str], terms: tuple[Terms, ...], **where: str) -> tuple[list[Any], int]:
    """Where both know a price and it is not the same, and how many were compared."""
    wrong, compared = [], 0
    for model, on, usage in product(models, terms, USAGES):
        ours = model_facts(model).on(on).cost(usage)
        if ours is None:
            continue
        compared += 1
        theirs = by_litellm(model, usage, on, **where)
        if ours != pytest.approx(theirs):
            wrong.append((model, str(on), usage, ours, theirs))
    return wrong, compared


def test_service_tiers_cost_what_litellm_says() -> None:
    priced = entries(*(f"{PRICED}_{tier}" for tier in SERVICES.values()))
    models = [model for model in priced if not model.startswith(UNTOLD)]
    wrong, compared = differing(models, tuple(Terms(tier=tier) for tier in (USUAL, *SERVICES)))
    assert wrong == []
    assert compared > 2000


def test_places_and_speeds_cost_what_litellm_says() -> None:
    terms = (
        Terms(geo="us"),
        Terms(geo=USUAL),
        Terms(speed="fast"),
        Terms(geo="us", speed="fast"),
    )
    wrong, compared = differing(list(entries("provider_specific_entry")), terms)
    assert wrong == []
    assert compared > 80


@pytest.mark.parametrize("tier", [None, "priority", "flex"])
@pytest.mark.parametrize(
    ("factor", "where"),
    [
        pytest.param(
            "regional_processing_uplift_multiplier_eu", {"data_residency": "eu"}, id="openai-eu"
        ),
        pytest.param(
            "regional_processing_uplift_multiplier_us", {"data_residency": "us"}, id="openai-us"
        ),
        pytest.param(
            "regional_endpoint_uplift_multiplier", {"vertex_location": "us-east5"}, id="vertex"
        ),
    ],
)
def test_regions_cost_what_litellm_says(
    factor: str, where: dict[str, str], tier: str | None
) -> None:
    models = [*entries(factor), "openai/gpt-5", "vertex_ai/gemini-2.5-pro"]
    wrong, compared = differing(models, (Terms(tier, region=factor),), **where)
    assert wrong == []
    assert compared > 5
