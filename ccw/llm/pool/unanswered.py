"""What to say when no key answered: wait for one, or all of them rest, or our limit is used up."""

from __future__ import annotations

from ccw.errors import KeyRefused, RateLimited
from ccw.llm.call.failures import Failure
from ccw.llm.call.retries import LONGEST_WAIT
from ccw.llm.pool.router import LIMIT_REST, Pool, Rest
from ccw.llm.pool.values import Group

MINUTE = 60.0


def soonest(pool: Pool, provider: str, now: float) -> Failure | None:
    """Return the failure of the key of *provider* that answers again soonest, with the wait for it.

    None when no key does within a wait that a call can afford; *now* is the loop's time.
    """
    rests = resting(pool, pool.group(provider), now).values()
    first = min((rest for rest in rests if rest.ends), key=lambda rest: rest.until, default=None)
    if first is None or first.until - now > LONGEST_WAIT:
        return None
    wait = min(LONGEST_WAIT, first.until - now + LIMIT_REST)  # the Router counts whole seconds
    return Failure(first.error, retry=True, retry_after=wait, status=429)


def nobody_left(pool: Pool, provider: str, now: float, wall: float) -> Failure:
    """Return the failure of a call for which *provider* had no key at *now*, the loop's time.

    *wall* is the time in seconds since 1970; limits are counted by its minutes.
    """
    group = pool.group(provider)
    rests = resting(pool, group, now)
    if not rests:
        return over_own_limit(group, wall)
    said = "; ".join(f"{name}: {rest.error}" for name, rest in rests.items())
    if all(isinstance(rest.error, KeyRefused) for rest in rests.values()):
        return Failure(KeyRefused(f"all keys of {provider} were refused: {said}"))
    return Failure(RateLimited(f"all keys of {provider} have to rest: {said}"))


def resting(pool: Pool, group: Group, now: float) -> dict[str, Rest]:
    """Return why keys of *group* are left alone at *now*, the loop's time, by their names."""
    found = {
        member.name or group.provider: pool.resting.get(pool.deployment(group.provider, member.id))
        for member in group.members
    }
    return {name: rest for name, rest in found.items() if rest is not None and rest.until > now}


def over_own_limit(group: Group, wall: float) -> Failure:
    """Return the failure of a call that the limits of *group* leave no room for, at *wall*."""
    wait = min(MINUTE, MINUTE - wall % MINUTE + LIMIT_REST)
    bounds = {"requests": group.rpm, "tokens": group.tpm}
    limits = " and ".join(f"{bound} {name}" for name, bound in bounds.items() if bound)
    error = RateLimited(
        f"the limit of provider {group.provider}, {limits or 'its keys'} a minute for each key, "
        f"is used up; wait {wait:.0f} s, or raise rpm and tpm in its advancedSettings",
        retry_after=wait,
    )
    return Failure(error, retry=True, retry_after=wait)
