"""What is said of a wait before the next try of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccw.config.models import ProviderCredential

if TYPE_CHECKING:
    from ccw.llm.call.failures import Failure

UNNOTICED = 2.0  # seconds of waiting that nobody has to be told of


def waiting(provider: ProviderCredential, seconds: float, failure: Failure) -> str:
    """Return the note about a wait of *seconds* for *provider*, which *failure* led to."""
    then = f"trying again in {seconds:.0f} s"
    if failure.status is None:  # our own limit, or no answer at all
        return f"waiting for {provider.title}: {then}"
    said = "failed" if failure.retry_after is None else "asks to wait"
    return f"{provider.title} {said}: {then}"
