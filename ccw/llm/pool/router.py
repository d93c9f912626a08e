"""litellm's Router over the keys of all providers that share cool-downs: built once, kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from ccw.config.strategies import LITELLM_STRATEGIES, SHUFFLE
from ccw.errors import CcwError
from ccw.llm.pool.helpers import add_helpers, remove_helpers
from ccw.llm.pool.values import Cooling, Group, Member, PoolCall

PROVIDER = "ccw-pool"  # the name of our handler in litellm's map of custom providers
MOST_FALLBACKS = 100
LIMIT_REST = 1.0  # seconds; how long the Router leaves a key alone that is over our own limit
KEPT_ROUTERS = 6  # litellm takes 30 callbacks, a Router has up to four


@dataclass(frozen=True, slots=True)
class Rest:
    """Why a key is left alone, and until when on the event loop's clock; `ends` by itself."""

    error: CcwError
    until: float
    ends: bool


@dataclass
class Pool:
    """A Router with the keys that it chooses from; `resting` explains its cool-downs."""

    space: str
    groups: tuple[Group, ...]
    router: Any
    resting: dict[str, Rest] = field(default_factory=dict)

    def deployment(self, provider: str, key: str) -> str:
        """Return the Router's id of a key."""
        return deployment_id(self.space, provider, key)

    def group(self, provider: str) -> Group:
        """Return the keys of *provider*."""
        return next(group for group in self.groups if group.provider == provider)

    def name(self, provider: str) -> str:
        """Return the Router's name of the group of *provider*."""
        return _group_name(self.space, provider)

    def member(self, deployment: str) -> tuple[str, Member]:
        """Return the provider and the key that the Router knows as *deployment*."""
        return next(
            (group.provider, member)
            for group in self.groups
            for member in group.members
            if self.deployment(group.provider, member.id) == deployment
        )

    def cool(self, known: Sequence[Cooling]) -> None:
        """Leave alone the *known* keys, but never all of a provider: they may be well again."""
        for group in self.groups:
            ids = {member.id for member in group.members}
            found = [item for item in known if item.provider == group.provider and item.key in ids]
            if len(found) < len(ids):
                for item in found:
                    self._cool(item)

    def _cool(self, item: Cooling) -> None:
        self.router.cooldown_cache.add_deployment_to_cooldown(
            model_id=self.deployment(item.provider, item.key),
            original_exception=ValueError("found by an earlier process"),
            exception_status=429,
            cooldown_time=item.seconds,
        )


_POOLS: OrderedDict[tuple[str, tuple[Group, ...]], Pool] = OrderedDict()
_BUILDING = threading.Lock()


def pool_for(litellm: Any, call: PoolCall) -> Pool:
    """Return the pool of *call*, the one of earlier calls while its groups stay the same."""
    key = (call.space, call.groups)
    with _BUILDING:
        pool = _POOLS.get(key)
        if pool is None:
            pool = _POOLS[key] = Pool(call.space, call.groups, _build(litellm, *key))
            add_helpers(litellm, pool.router)
        _POOLS.move_to_end(key)
        while len(_POOLS) > KEPT_ROUTERS:
            remove_helpers(litellm, _POOLS.popitem(last=False)[1].router)
    return pool


def deployment_id(space: str, provider: str, key: str) -> str:
    """Return an id that no other key has, without the characters that litellm reads as its own."""
    return f"{space}.{provider}.{quote(key, safe='')}"


def _group_name(space: str, provider: str) -> str:
    return f"{space}.{provider}"


def _build(litellm: Any, space: str, groups: tuple[Group, ...]) -> Any:
    limited = any(group.rpm or group.tpm for group in groups)
    checks = {"optional_pre_call_checks": ["enforce_model_rate_limits"]} if limited else {}
    return litellm.Router(
        model_list=[_entry(space, group, member) for group in groups for member in group.members],
        routing_groups=_strategies(space, groups),
        allowed_fails=0,  # one failure is enough; its retry-after says for how long
        cooldown_time=LIMIT_REST,
        max_fallbacks=MOST_FALLBACKS,
        num_retries=0,
        set_verbose=False,
        **checks,
    )


def _strategies(space: str, groups: tuple[Group, ...]) -> list[dict[str, Any]]:
    """All others are shuffled."""
    return [
        {
            "group_name": f"{_group_name(space, group.provider)}.strategy",
            "models": [_group_name(space, group.provider)],
            "routing_strategy": LITELLM_STRATEGIES[group.strategy],
        }
        for group in groups
        if LITELLM_STRATEGIES[group.strategy] != SHUFFLE and len(group.members) > 1
    ]


def _entry(space: str, group: Group, member: Member) -> dict[str, Any]:
    deployment = deployment_id(space, group.provider, member.id)
    limits = {"rpm": group.rpm, "tpm": group.tpm}
    weight = {"weight": member.weight} if group.strategy == "weighted" else {}
    return {
        "model_name": _group_name(space, group.provider),
        "litellm_params": {
            "model": f"{PROVIDER}/{deployment}",
            **weight,
            **{name: value for name, value in limits.items() if value},
        },
        "model_info": {"id": deployment},
    }
