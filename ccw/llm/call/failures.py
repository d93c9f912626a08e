"""What went wrong with a call: the wire's facts and litellm's exception become our errors."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ccw.errors import (
    BadRequest,
    CcwError,
    ContextWindowExceeded,
    IncompleteReply,
    KeyRefused,
    LimitExceeded,
    PaymentRequired,
    ProviderError,
    RateLimited,
    TimedOut,
)
from ccw.llm.call.connections import connection_failure
from ccw.llm.call.redact import excerpt
from ccw.llm.call.seen import Seen
from ccw.llm.call.target import Target
from ccw.llm.call.waiting import retry_after, server_time

WAIT_FOR = frozenset({429, 503, 529})
RETRIED = WAIT_FOR | {500, 502, 504}
OVERFLOW = re.compile(
    rb"context_length_exceeded|ContextWindowExceeded|exceed_context_size"
    rb"|maximum (context|prompt) length|context (window|length) of this|(input|prompt) is too long"
    rb"|reduce the length of the (messages|prompt|input)|exceeds max length|larger context",
    re.IGNORECASE,
)
NOT_JSON = "the answer was not JSON; is the api base right?"


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that failed: the error to raise, and whether it is worth another try.

    `retry_after` is in seconds, None when the server named no time; `status` is the server's.
    """

    error: CcwError
    retry: bool = False
    retry_after: float | None = None
    status: int | None = None


def failure_of(error: BaseException, seen: Seen, target: Target, partial: str) -> Failure:
    """Return what *error* means, given what was *seen* on the wire and the text received."""
    if seen.status is not None and 200 <= seen.status < 300:
        return Failure(broken_answer(seen, target, partial))
    if seen.status is not None:
        return refused(seen.status, seen, error, target)
    failure = connection_failure(error, target)
    if failure is not None:
        return Failure(*failure)
    return unwatched(error, seen, target)


def unwatched(error: BaseException, seen: Seen, target: Target) -> Failure:
    """Return what *error* means where litellm alone knows: it made no call, or made it its own way.

    400, 422 and 500 are also litellm's own numbers for what it refuses to send.
    """
    status = getattr(error, "status_code", 500)
    words = _own_words(error, target)
    if seen.sent:
        return Failure(ProviderError(f"{target.who} failed: {words}"), retry=True)
    if status in (400, 422, 500):
        return Failure(_never_sent(words, target))
    return Failure(_by_status(status, words, None, target), retry=status in RETRIED)


def refused(status: int, seen: Seen, error: BaseException, target: Target) -> Failure:
    """Return the failure that an HTTP status other than 2xx means."""
    wait = retry_after(seen.headers, server_time(seen.headers))
    words = provider_words(bytes(seen.head), target)
    if _is(error, "ContextWindowExceededError") or _means_overflow(status, bytes(seen.head)):
        return Failure(_overflow(status, words, target), status=status)
    retry = status in RETRIED and b"insufficient_quota" not in seen.head  # waiting buys no quota
    return Failure(_by_status(status, words, wait, target), retry, wait, status)


def broken_answer(seen: Seen, target: Target, partial: str) -> ProviderError:
    """Return the error for an answer that began well (2xx) and cannot be used."""
    if seen.encoding:
        return encoded(seen, target)
    if partial:
        return IncompleteReply(
            f"{target.who} broke off in the middle of its answer{_reason(seen, target)}; ask again",
            partial=partial,
        )
    if seen.content_type == "text/event-stream":
        return IncompleteReply(
            f"{target.who} broke off before its first word{_reason(seen, target)}"
        )
    if not seen.is_json:
        start = excerpt(seen.head.decode("utf-8", "replace"), target.secrets, 100)
        began = f"it begins: {start}" if start else "it was empty"
        return ProviderError(f"{target.who}: {NOT_JSON} ({began})")
    words = provider_words(bytes(seen.head), target)
    return ProviderError(f"{target.who} answered in a form that litellm cannot read: {words}")


def encoded(seen: Seen, target: Target) -> ProviderError:
    """Return the error for an answer that is compressed: it could be of any size."""
    encoding = excerpt(seen.encoding, target.secrets, 40)
    return ProviderError(
        f"{target.who} answered with the encoding {encoding}, although none was asked for; "
        "let it, or the proxy before it, send plain answers"
    )


def provider_words(body: bytes, target: Target) -> str:
    """Return what an error body says, fit to be shown: its message, else its start."""
    try:
        text = _message_in(json.loads(body))
    except ValueError:
        text = re.sub(r"<[^>]*>", " ", body.decode("utf-8", "replace"))
    return excerpt(text, target.secrets).rstrip(".") or "no reason given"


def _by_status(status: int, words: str, wait: float | None, target: Target) -> CcwError:
    who, said = target.who, f"({status}): {words}"
    if status in (401, 403) or _means_bad_key(status, words):
        return KeyRefused(_about_key(target, said))
    if status == 402:
        return PaymentRequired(f"{who} wants to be paid first {said}; see the account of its key")
    if status in WAIT_FOR:
        asked = "" if wait is None else f"; it asks to wait {wait:.0f} s"
        return RateLimited(f"{who} is busy or limits its rate {said}{asked}", retry_after=wait)
    if status in (408, 504):
        return TimedOut(f"{who} gave up waiting for its model {said}; ask again, or for less")
    if status == 413:
        return LimitExceeded(f"{who} takes no request of this size {said}; name fewer files")
    if status == 404:
        return BadRequest(f"{who} knows no model {target.model}, or its api base is wrong {said}")
    if 300 <= status < 400:
        return BadRequest(f"{who} redirects to another address ({status}); correct its api base")
    if status < 500:
        return BadRequest(f"{who} refused the request {said}")
    return ProviderError(f"{who} failed {said}")


def _overflow(status: int, words: str, target: Target) -> ContextWindowExceeded:
    return ContextWindowExceeded(
        f"the prompt is over the context window of {target.model} ({status}): {words}; "
        "name fewer files or use a model with a larger window"
    )


def _means_overflow(status: int, body: bytes) -> bool:
    """litellm knows only some of the words in which servers say so."""
    return status in (400, 413, 422) and OVERFLOW.search(body) is not None


def _about_key(target: Target, said: str) -> str:
    if not target.has_key:
        return f"{target.who} wants a key, none is configured {said}; set apiKey of {target.id}"
    return f"{target.who} refused the key {said}; check {target.key} of {target.id}"


def _means_bad_key(status: int, words: str) -> bool:
    """A LiteLLM proxy without a database and Gemini answer a wrong key with 400."""
    return status == 400 and bool(
        re.search(r"no connected db|api[ _]key (is )?not valid", words, re.I)
    )


def _never_sent(words: str, target: Target) -> CcwError:
    if "LLM Provider NOT provided" in words:
        return BadRequest(
            f"litellm knows no provider for the model {target.route}; write it as PROVIDER/MODEL "
            f"and check the type of {target.provider}"
        )
    return BadRequest(f"the request to {target.provider} could not be made: {words}")


def _own_words(error: BaseException, target: Target) -> str:
    """What litellm itself says, without its class names and its advertisements."""
    text = str(getattr(error, "message", None) or error).split("\n")[0]
    text = re.sub(r"[.,;]? *to drop these, set .*", "", text, flags=re.IGNORECASE)
    return excerpt(re.sub(r"^(litellm\.\w+: |\w+Exception - )+", "", text), target.secrets)


def _reason(seen: Seen, target: Target) -> str:
    """What an error event at the end of a stream says, as `: words`."""
    for line in reversed(bytes(seen.tail).splitlines()):
        if line.startswith(b"data:") and b'"error"' in line:
            return f": {provider_words(line[5:], target)}"
    return ""


def _message_in(body: Any) -> str:
    """Find the message in the shapes of error bodies that are in use."""
    for _ in range(3):
        if isinstance(body, list) and body:
            body = body[0]
        if not isinstance(body, dict):
            break
        body = next((body[name] for name in ("error", "message", "detail") if body.get(name)), body)
    return str(body)


def _is(error: BaseException, name: str) -> bool:
    """Tell whether *error* is of litellm's class *name*, which is not imported here."""
    return any(kind.__name__ == name for kind in type(error).__mro__)
