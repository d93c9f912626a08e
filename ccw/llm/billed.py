"""Whether a try that failed can have been billed all the same."""

from __future__ import annotations

from ccw.errors import (
    BadRequest,
    CcwError,
    ConfigError,
    KeyRefused,
    LimitExceeded,
    PatternError,
    PaymentRequired,
    RateLimited,
    Unreachable,
    UsageError,
)

# No model has seen the prompt: the provider refused it, or it was never sent.
_FREE = (
    *(BadRequest, KeyRefused, LimitExceeded, PaymentRequired, RateLimited),
    *(ConfigError, PatternError, UsageError),
)


def maybe_billed(error: CcwError) -> bool:
    """Tell whether a model may have seen the prompt of a try that *error* ended."""
    if isinstance(error, Unreachable):
        return error.sent
    return not isinstance(error, _FREE)
