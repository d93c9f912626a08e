"""The terms that a call is asked on or served on, where they change its prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ccw.config.bases import host_of
from ccw.llm.told import USAGES, Bytes, told

USUAL = "default"
AUTO = "auto"  # the provider chooses, by the settings of the project
FAST = "fast"
# OpenAI's name for the usual tier, Anthropic's and Gemini's, Groq's
_USUAL_NAMES = frozenset({USUAL, "standard", "standard_only", "on_demand"})
_EVERYWHERE = frozenset({"global", "not_available"})
# Gemini's `trafficType` of what Vertex AI served; another one is billed in other ways
_TRAFFIC = {
    "ON_DEMAND": USUAL,
    "ON_DEMAND_PRIORITY": "priority",
    "ON_DEMAND_FLEX": "flex",
    "FLEX": "flex",
    "TRAFFIC_TYPE_UNSPECIFIED": None,
}
_REGIONAL_HOSTS = {
    f"{place}.api.openai.com": f"regional_processing_uplift_multiplier_{place}"
    for place in ("eu", "us")
}
_SENT_BY_BEDROCK = frozenset({USUAL, "flex", "priority"})  # litellm drops all others
_GEMINI = frozenset({"gemini", "vertex_ai", "vertex_ai_beta"})
_TELLING = (b"tier", b"Tier", b"inference_geo", b"trafficType", b'"speed"')
_TIER_HEADER = "x-gemini-service-tier"


@dataclass(frozen=True, slots=True)
class Terms:
    """How a call is served; None where nothing is said of it.

    `tier` is a service tier, `USUAL` for the usual one; `geo` a place that inference is bound to,
    `USUAL` for none; `speed` is `FAST`, or `USUAL`; `region` the map's name for how many times the
    price is that of the region that is asked.
    """

    tier: str | None = None
    geo: str | None = None
    speed: str | None = None
    region: str | None = None

    @property
    def usual(self) -> bool:
        """Whether nothing else than the usual prices hold."""
        return {self.tier, self.geo, self.speed, self.region} <= {None, USUAL}

    def over(self, asked: Terms) -> Terms:
        """Return these terms, served, with what they do not tell taken from those *asked*."""
        return Terms(
            self.tier or asked.tier,
            self.geo or asked.geo,
            self.speed or asked.speed,
            asked.region,
        )

    def __str__(self) -> str:
        named = (("service_tier", self.tier), ("inference_geo", self.geo), ("speed", self.speed))
        return ", ".join(f"{name}={value}" for name, value in named if value not in (None, USUAL))


USUAL_TERMS = Terms()


def asked_terms(params: Mapping[str, Any], route: str, base: str | None = None) -> Terms:
    """Return what *params*, in the wire's names, ask for over litellm's *route* at *base*.

    What `extra_body` holds goes into the body as it is, over the parameters of the same name.
    """
    extra = params.get("extra_body")
    extra = extra if isinstance(extra, Mapping) else {}
    asked = {**params, **extra}
    tier = _asked_tier(params.get("service_tier"), route)
    own = extra.get("serviceTier", extra.get("service_tier"))
    return Terms(
        tier=tier if own is None else _tier(own),
        geo=_geo(asked.get("inference_geo")),
        speed=_speed(asked.get("speed")),
        region=_region(params, route, base),
    )


def served_terms(head: Bytes, tail: Bytes, headers: Mapping[str, str]) -> Terms:
    """Return what a reply with these first and last bytes says of how it was served."""
    tells = any(word in part for part in (head, tail) for word in _TELLING)  # few replies do
    objects = list(told(head, tail)) if tells else []
    usages = [usage for found in objects for usage in _usages(found)]
    tiers = [_told_tier(part) for found in objects for part in (*_usages(found), found)]
    traffic = (_traffic(usage.get("trafficType")) for usage in usages)
    all_told = (_tier(headers.get(_TIER_HEADER)), *traffic, *tiers)
    resolved = [tier for tier in all_told if tier and tier != AUTO]
    return Terms(
        tier=_last(resolved),
        geo=_last([geo for usage in usages if (geo := _geo(usage.get("inference_geo")))]),
        speed=_last([speed for usage in usages if (speed := _speed(usage.get("speed")))]),
    )


def _asked_tier(value: object, route: str) -> str | None:
    """Return the tier as litellm asks for it: Gemini's and Bedrock's have no `auto`."""
    tier = _tier(value)
    if route in _GEMINI and tier == AUTO:
        return "priority"
    if route == "bedrock" and value not in _SENT_BY_BEDROCK:
        return None
    return tier


def _region(params: Mapping[str, Any], route: str, base: str | None) -> str | None:
    if route == "openai" and base is not None:
        return _REGIONAL_HOSTS.get(host_of(base))
    location = str(params.get("vertex_location") or "global").lower()
    regional = route.startswith("vertex_ai") and location != "global"
    return "regional_endpoint_uplift_multiplier" if regional else None


def _tier(value: object) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("type")
    if not isinstance(value, str) or not value:
        return None
    name = value.lower()
    return USUAL if name in _USUAL_NAMES else name


def _traffic(value: object) -> str | None:
    return _TRAFFIC.get(value, value.lower()) if isinstance(value, str) else None


def _geo(value: object) -> str | None:
    if not isinstance(value, str) or not value:
        return None
    return USUAL if value.lower() in _EVERYWHERE else value.lower()


def _speed(value: object) -> str | None:
    if not isinstance(value, str) or not value:
        return None
    return FAST if value.lower() == FAST else USUAL


def _last(values: list[str]) -> str | None:
    return values[-1] if values else None


def _told_tier(found: Mapping[str, Any]) -> str | None:
    return _tier(found.get("service_tier")) or _tier(found.get("serviceTier"))


def _usages(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [usage for name in USAGES if isinstance(usage := found.get(name), Mapping)]
