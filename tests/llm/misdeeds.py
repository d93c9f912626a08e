"""Every way in which a server fails, with the error and exit code that it must become."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

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
    Unreachable,
)
from tests.servers.loopback import Behaviour
from tests.servers.openai_wire import (
    bad_chunk,
    cut,
    echo_headers,
    error_event,
    gzipped,
    json_to_stream,
    no_choices,
    no_finish,
    overflow,
    raw,
    reset,
    status,
)

HTML = {"Content-Type": "text/html"}


@dataclass(frozen=True)
class Misdeed:
    """A behaviour and what it must become; `says` must be in the message."""

    behaviour: Behaviour
    error: type[CcwError]
    exit_code: int
    says: str


STATUSES = {
    "301": Misdeed(status(301), BadRequest, 1, "redirects to another address (301)"),
    "400": Misdeed(status(400), BadRequest, 1, "refused the request (400): the server says no"),
    "401": Misdeed(status(401), KeyRefused, 5, "refused the key (401)"),
    "402": Misdeed(status(402, "no money"), PaymentRequired, 1, "to be paid first (402): no money"),
    "403": Misdeed(status(403), KeyRefused, 5, "check apiKey of my-server"),
    "404": Misdeed(status(404), BadRequest, 1, "knows no model gpt-4o, or its api base is wrong"),
    "408": Misdeed(status(408), TimedOut, 6, "gave up waiting for its model (408)"),
    "409": Misdeed(status(409), BadRequest, 1, "refused the request (409)"),
    "413": Misdeed(status(413), LimitExceeded, 7, "takes no request of this size (413)"),
    "422": Misdeed(status(422), BadRequest, 1, "refused the request (422)"),
    "429": Misdeed(
        status(429, headers={"Retry-After": "7"}),
        RateLimited,
        6,
        "(429): the server says no; it asks",
    ),
    "500": Misdeed(status(500), ProviderError, 1, "failed (500): the server says no"),
    "502": Misdeed(status(502), ProviderError, 1, "failed (502)"),
    "503": Misdeed(status(503), RateLimited, 6, "is busy or limits its rate (503)"),
    "504": Misdeed(status(504), TimedOut, 6, "gave up waiting for its model (504)"),
    "529": Misdeed(status(529), RateLimited, 6, "is busy or limits its rate (529)"),
    "418-without-json": Misdeed(raw(b"<h1>tea</h1>", code=418), BadRequest, 1, "(418): tea"),
    "401-compressed": Misdeed(gzipped(b"no", code=401), KeyRefused, 5, "refused the key (401)"),
    "500-empty": Misdeed(raw(b"", code=500), ProviderError, 1, "(500): no reason given"),
    "context-overflow": Misdeed(overflow(), ContextWindowExceeded, 7, "context window of gpt-4o"),
    "echoed-key": Misdeed(echo_headers(), KeyRefused, 5, "'authorization': 'Bearer ***'"),
    "echoed-key-400": Misdeed(echo_headers(400), BadRequest, 1, "'authorization': 'Bearer ***'"),
    "proxy-without-database": Misdeed(
        status(400, "No connected db.", type="no_db_connection"),
        KeyRefused,
        5,
        "refused the key (400)",
    ),
    "gemini-bad-key": Misdeed(
        status(400, "API key not valid. Please pass a valid API key."), KeyRefused, 5, "(400)"
    ),
}
ANSWERS = {
    "reset": Misdeed(reset, Unreachable, 6, "cut the connection before it answered"),
    "empty": Misdeed(
        raw(b""), ProviderError, 1, "was not JSON; is the api base right? (it was empty)"
    ),
    "html": Misdeed(raw(b"<html>Hi", headers=HTML), ProviderError, 1, "(it begins: <html>Hi)"),
    "compressed": Misdeed(
        gzipped(b"{}", 2), ProviderError, 1, "the encoding gzip, gzip, although none was asked for"
    ),
    "bad-json": Misdeed(
        raw(b'{"cho'), ProviderError, 1, 'is the api base right? (it begins: {"cho)'
    ),
    "other-json": Misdeed(raw(b'{"x": 1}'), ProviderError, 1, "in a form that litellm cannot read"),
    "no-choices": Misdeed(no_choices, IncompleteReply, 1, ""),
    "error-event-first": Misdeed(
        error_event(""), IncompleteReply, 1, "first word: the engine fell"
    ),
}
STREAMS = {
    "cut": Misdeed(
        cut("half an"), IncompleteReply, 1, "broke off in the middle of its answer; ask"
    ),
    "bad-chunk": Misdeed(bad_chunk("half an"), IncompleteReply, 1, "in the middle of its answer"),
    "error-event": Misdeed(
        error_event("half an"), IncompleteReply, 1, "answer: the engine fell over;"
    ),
    "no-finish": Misdeed(no_finish("half an"), IncompleteReply, 1, "in the middle of its answer"),
}
JSON_TO_STREAM = {
    "json-to-stream": Misdeed(json_to_stream(), IncompleteReply, 1, "with one JSON body"),
}
ALL = STATUSES | ANSWERS | STREAMS | JSON_TO_STREAM


def table(*groups: dict[str, Misdeed]) -> list[object]:
    """The misdeeds of *groups* as parameters of a test."""
    return [pytest.param(m, id=name) for group in groups for name, m in group.items()]
