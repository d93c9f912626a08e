"""Does a provider answer, and each of its keys: asked without a bill, remembered in the state."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ccw.config.bases import checked_base
from ccw.config.keys import ProviderKey
from ccw.config.models import ModelInfo, ProviderCredential
from ccw.config.needed_base import lost_query
from ccw.config.provider_types import ProviderType, provider_type
from ccw.config.state import OWN_KEY, KeyCondition
from ccw.errors import CcwError, InvalidValue, NotTrusted, RateLimited
from ccw.gateways.figures import overlay_of
from ccw.gateways.models import EMBEDDED, BaseDir, Clock
from ccw.gateways.providers import World, keys_of, provider_in, route_to, world_of
from ccw.gateways.remembering import remember
from ccw.llm.call.request import Route
from ccw.llm.gateway.checking import Checked, check_gateway
from ccw.llm.gateway.details import ModelDetails, described
from ccw.llm.gateway.failures import Failure, Kind
from ccw.llm.gateway.parsing import Listing
from ccw.llm.gateway.talk import TIMEOUT, run
from ccw.llm.local.model import require_installed

LIMITED = "limited at present; the key was probably accepted"
LIMITED_WITHOUT_KEY = "limited at present"
_CONDITIONS: Mapping[str, KeyCondition] = {"key": "refused", "limited": "limited"}


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """What came of one key; `state` None: it was not told whether the key is good.

    `retry_after` in seconds is how long a limited key was asked to wait.
    """

    id: str
    name: str
    state: KeyCondition | None
    latency_ms: float | None = None
    error: str | None = None
    kind: Kind | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of a test; `kind` tells failures apart, `failure` is the error as an exception.

    `keys` holds each key of a pool. `kept`: the result is in the project's state file.
    """

    success: bool
    provider: str
    models: tuple[ModelDetails, ...] = ()
    latency_ms: float | None = None
    error: str | None = None
    kind: Kind | None = None
    status: int | None = None
    note: str | None = None
    keys: tuple[KeyCheck, ...] = ()
    kept: bool = False
    failure: CcwError | None = field(default=None, repr=False, compare=False)


def check_provider(
    base_dir: BaseDir,
    provider_id: str,
    *,
    environ: Mapping[str, str] | None = None,
    clock: Clock = time.time,
    timeout: float = TIMEOUT,
) -> CheckResult:
    """Test a provider and each key of its pool, within *timeout* seconds and without a bill.

    NotFound, InvalidValue for a disabled one and NotTrusted are raised; all else is told in the
    result.
    """
    world = world_of(Path(base_dir), os.environ if environ is None else environ)
    provider = provider_in(world, provider_id)
    result = _checked(provider, world, timeout)
    return replace(result, kept=remember(world.project, provider, result, clock()))


def check_connection(
    base_url: str,
    api_key: str | None = None,
    type: str = "litellm",
    *,
    timeout: float = TIMEOUT,
) -> CheckResult:
    """Test a gateway before anything is saved; *type* tells in which way it is asked."""
    kind = provider_type(type)
    try:
        base = checked_base(base_url)
        problem = lost_query(kind, base)
    except ValueError as error:
        problem = str(error)
    if problem is not None:
        return _failed(type, Failure("url", InvalidValue(f"the address {problem}")))
    route = Route("", type, api_key=api_key or None, api_base=base)
    outcome = run(lambda: check_gateway(route, kind, timeout=timeout))
    return _result(type, kind, outcome, (), has_key=bool(api_key))


def _checked(provider: ProviderCredential, world: World, timeout: float) -> CheckResult:
    kind = provider_type(provider.type)
    try:
        if kind.name == "local":
            return _embedded(provider, kind, world)
        keys, notes = keys_of(provider, world)
        routes = [route_to(provider, key, world) for key in keys]
    except NotTrusted:  # the user may agree yet
        raise
    except CcwError as error:
        return _failed(provider.id, Failure("config", error))
    outcomes = run(lambda: _together(routes, kind, timeout))
    checks = tuple(
        _key_check(key, outcome)
        for key, route, outcome in zip(keys, routes, outcomes, strict=True)
        if route.api_key
    )
    best = min(outcomes, key=_rank)
    found = _result(provider.id, kind, best, provider.models, has_key=bool(checks))
    result = replace(found, keys=checks)
    return replace(result, note="; ".join(filter(None, (result.note, *notes))) or None)


async def _together(
    routes: Sequence[Route], kind: ProviderType, timeout: float
) -> list[Checked | Failure]:
    return await asyncio.gather(*(check_gateway(r, kind, timeout=timeout) for r in routes))


def _embedded(provider: ProviderCredential, kind: ProviderType, world: World) -> CheckResult:
    require_installed(world.home)
    return _result(provider.id, kind, Checked(Listing((EMBEDDED,)), 0.0), provider.models)


def _rank(outcome: Checked | Failure) -> int:
    """Order what came of several keys: one that answers stands for the provider."""
    if isinstance(outcome, Checked):
        return 0
    return 1 if outcome.kind == "limited" else 2


def _key_check(key: ProviderKey | None, outcome: Checked | Failure) -> KeyCheck:
    key_id, name = (key.id, key.name) if key else (OWN_KEY, OWN_KEY)
    if isinstance(outcome, Checked):
        return KeyCheck(key_id, name, "ok", outcome.latency_ms)
    wait = outcome.error.retry_after if isinstance(outcome.error, RateLimited) else None
    # a key that brought a list without models, or the like, was good enough for that
    state = "ok" if outcome.kind == "empty" else _CONDITIONS.get(outcome.kind)
    return KeyCheck(key_id, name, state, error=outcome.why, kind=outcome.kind, retry_after=wait)


def _result(
    name: str,
    kind: ProviderType,
    outcome: Checked | Failure,
    overlays: Sequence[ModelInfo],
    *,
    has_key: bool = False,
) -> CheckResult:
    if isinstance(outcome, Failure):
        return _failed(name, outcome, has_key=has_key)
    models = outcome.listing.models
    return CheckResult(
        success=True,
        provider=name,
        models=tuple(described(m, kind, name, overlay_of(overlays, m.id)) for m in models),
        latency_ms=round(outcome.latency_ms, 1),
        status=None if kind.name == "local" else 200,
        note=outcome.note,
    )


def _failed(name: str, failure: Failure, *, has_key: bool = False) -> CheckResult:
    if failure.kind == "limited":
        note = f"{LIMITED if has_key else LIMITED_WITHOUT_KEY} ({failure.why})"
        return CheckResult(True, name, kind="limited", status=failure.status, note=note)
    return CheckResult(
        success=False,
        provider=name,
        error=failure.why,
        kind=failure.kind,
        status=failure.status,
        failure=failure.error,
    )
