"""What goes out: JSON in camelCase, and every failure as `{"error": {"type", "message"}}`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Match

from ccw.errors import CcwError, ChangedMeanwhile
from ccw.web.wording import for_http

MALFORMED, NOT_FOR_IT, INVALID, BUG = 400, 405, 422, 500
_TYPES = {404: "not_found", 405: "method_not_allowed", 400: "malformed"}
OF_FILES = {"GET", "HEAD"}
_SHOWN = 5  # problems that one message spells out


class Json(JSONResponse):
    """JSON as the command line prints it; what UTF-8 cannot carry is escaped."""

    def render(self, content: Any) -> bytes:
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "backslashreplace")


def camel(value: Any) -> Any:
    """Return *value* (dataclasses, dicts, lists) as JSON takes it, with keys in camelCase."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return camel(dataclasses.asdict(value))
    if isinstance(value, Mapping):
        return {camel_name(key): camel(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [camel(item) for item in value]
    return value


def camel_name(name: str) -> str:
    """Return a name in snake_case as camelCase."""
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


def error_body(kind: str, message: str, **more: Any) -> dict[str, Any]:
    """Return the body of a failure."""
    return {"error": {"type": kind, "message": message}, **more}


def status_of(kind: str | None) -> int:
    """Return the HTTP status of a failure by its `error_type`; 500 for one that nobody knows."""
    return _statuses(CcwError).get(kind or "", BUG)


def add_error_handlers(app: FastAPI) -> None:
    """Make *app* answer every failure in the one shape; a bug keeps its traceback in the log."""
    app.add_exception_handler(CcwError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, http_failure)
    app.add_exception_handler(Exception, _bug)


def _statuses(family: type[CcwError]) -> dict[str, int]:
    """Return the status of each error of *family* by its type."""
    own = {family.__new__(family).error_type: family.http_status}
    for child in family.__subclasses__():
        own |= _statuses(child)
    return own


async def _ours(_request: Request, error: Exception) -> Json:
    assert isinstance(error, CcwError)
    more = {}
    if isinstance(error, ChangedMeanwhile):
        more = {"current": error.current, "yours": error.yours}
    message = for_http(str(error))
    return Json(error_body(error.error_type, message, **more), error.http_status)


async def _invalid(_request: Request, error: Exception) -> Json:
    assert isinstance(error, RequestValidationError)
    problems = error.errors()
    if any(problem["type"] == "json_invalid" for problem in problems):
        return Json(error_body("malformed", "the body is not JSON"), MALFORMED)
    return Json(error_body("invalid_value", _sentences(problems)), INVALID)


def _sentences(problems: Any) -> str:
    """Name each field and what is wrong with it, never the value: it may be a key."""
    lines = [f"{_field(problem['loc'])}{problem['msg']}" for problem in problems[:_SHOWN]]
    more = len(problems) - _SHOWN
    return "; ".join(lines) + (f"; and {more} more" if more > 0 else "")


def _field(loc: tuple[int | str, ...]) -> str:
    path = ".".join(str(part) for part in loc if part != "body")
    return f"{path}: " if path else "body: "


async def http_failure(request: Request, error: Exception) -> Json:
    """Answer what the framework refuses: a path or a method that there is not."""
    assert isinstance(error, HTTPException)
    status = error.status_code
    messages = {
        404: f"nothing is at {request.url.path}; /openapi.json lists what there is",
        405: f"{request.method} is not for {request.url.path}",
        400: "the body is not JSON",
    }
    headers = {"Allow": _allowed(request)} if status == NOT_FOR_IT else error.headers
    message = messages.get(status, str(error.detail))
    return Json(error_body(_TYPES.get(status, "refused"), message), status, headers)


def _allowed(request: Request) -> str:
    """Return the methods of all routes that the path fits; Starlette knows only the first."""
    routes = request.app.state.routes
    fitting = (route for route in routes if route.matches(request.scope)[0] is not Match.NONE)
    return ", ".join(sorted({method for route in fitting for method in route.methods} or OF_FILES))


async def _bug(_request: Request, _error: Exception) -> Json:
    return Json(error_body("bug", "ccw failed; the server's output tells where"), BUG)
