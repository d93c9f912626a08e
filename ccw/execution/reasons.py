"""Why an endpoint or a key did not answer, in a few words."""

from __future__ import annotations

OTHERWISE = "{} failed"
WHY = {
    "key_refused": "{} was refused",
    "key_not_configured": "{} has no key",
    "secret_unavailable": "{} cannot be read",
    "not_trusted": "{} is not trusted",
    "payment_required": "{} wants to be paid first",
    "rate_limited": "{} is busy",
    "unreachable": "{} is unreachable",
    "timed_out": "{} took too long",
    "context_window_exceeded": "too long for {}",
    "cost_exceeded": "{} may cost too much",
}


def why(who: str, error_type: str) -> str:
    """Return what an attempt that ended with *error_type* says of *who*, a provider or a key."""
    return WHY.get(error_type, OTHERWISE).format(who)
