"""What there is at an address that leads nowhere: a page for people, JSON for programs."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from ccw.web.answers import OF_FILES, http_failure
from ccw.web.pages.rendering import page

NOT_FOUND = 404
API = "/api/"


async def not_found(request: Request, error: Exception) -> Response:
    """Answer that nothing is there."""
    if is_for_people(request):
        return page(request, "missing.html", "", NOT_FOUND, path=request.url.path)
    return await http_failure(request, error)


def is_for_people(request: Request) -> bool:
    """Tell whether a browser asks for something to show, and not for a part of the API."""
    asked = request.method in OF_FILES and "text/html" in request.headers.get("accept", "")
    return asked and not request.url.path.startswith(API)
