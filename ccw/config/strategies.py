"""How one of a provider's keys is chosen, in the words of litellm."""

from __future__ import annotations

from collections.abc import Mapping

from ccw.config.models import RoutingStrategy

SHUFFLE = "simple-shuffle"  # litellm's, also where the keys have weights
LITELLM_STRATEGIES: Mapping[RoutingStrategy, str] = {
    "simple-shuffle": SHUFFLE,
    "weighted": SHUFFLE,
    "latency-based": "latency-based-routing",
    "cost-based": "cost-based-routing",
    "least-busy": "least-busy",
}
