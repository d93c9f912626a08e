"""What a failed try means for the Router, told in the exceptions of litellm that it acts on.

Their `retry-after` is how long the Router leaves the key alone; 0 means not at all.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import httpx

from ccw.errors import (
    BadRequest,
    ContextWindowExceeded,
    KeyNotConfigured,
    KeyRefused,
    MissingVariable,
    RateLimited,
    SecretUnavailable,
)
from ccw.llm.call.failures import Failure
from ccw.llm.pool.values import REFUSED_SECONDS, KeyNews

LIMITED_SECONDS = 10.0  # that a busy key is left alone when the server names no time
UNSET_SECONDS = 1.0  # that a key without a value is left alone: long enough for this call
NO_QUOTA = frozenset({402, 429})
Verdict = Literal["final", "overflow", "other key", "again", "elsewhere"]
_REQUEST = httpx.Request("POST", "http://pool.invalid")
_EXCEPTIONS = {
    "overflow": ("ContextWindowExceededError", 400),
    "other key": ("RateLimitError", 429),
    "again": ("InternalServerError", 500),
    "elsewhere": ("NotFoundError", 404),
}


def verdict_of(failure: Failure, *, again: bool) -> Verdict:
    """Return what is to be done about *failure*; *again* tells that the endpoint has retries left.

    A request that the server finds wrong (400, 422) would be wrong anywhere; a context that is
    too long for one model is not.
    """
    error = failure.error
    if _is_wrong(failure):
        return "final"
    if isinstance(error, ContextWindowExceeded) or failure.status == 413:
        return "overflow"
    if rest_of(failure) > 0:
        return "other key"
    return "again" if failure.retry and again else "elsewhere"


def rest_of(failure: Failure) -> float:
    """Return the seconds that the key which met *failure* is to be left alone, 0 for no rest."""
    error = failure.error
    if isinstance(error, (KeyNotConfigured, MissingVariable, SecretUnavailable)):
        return UNSET_SECONDS
    if isinstance(error, KeyRefused) or (failure.status in NO_QUOTA and not failure.retry):
        return REFUSED_SECONDS
    if not isinstance(error, RateLimited):
        return 0.0
    return LIMITED_SECONDS if error.retry_after is None else max(1.0, error.retry_after)


def news_of(failure: Failure) -> KeyNews | None:
    """Return what *failure* says of the key it met, None when it is not about the key."""
    if isinstance(failure.error, KeyRefused):
        return "refused"
    return "limited" if rest_of(failure) > UNSET_SECONDS else None


def exception_of(litellm: Any, verdict: Verdict, rest: float) -> Exception:
    """Return litellm's exception for *verdict*, with the *rest* in seconds that the key needs."""
    name, status = _EXCEPTIONS[verdict]
    headers = {"retry-after": str(math.ceil(rest))}  # litellm reads whole seconds only
    response = httpx.Response(status, headers=headers, request=_REQUEST)
    made: Exception = getattr(litellm, name)(
        message=verdict, llm_provider="ccw", model="pool", response=response
    )
    return made


def _is_wrong(failure: Failure) -> bool:
    status = failure.status
    refused = status is None or (400 <= status < 500 and status != 404)
    return isinstance(failure.error, BadRequest) and refused
