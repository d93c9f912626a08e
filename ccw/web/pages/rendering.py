"""Templates to HTML: everything escaped, figures as people read them."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse, Response

from ccw import __version__
from ccw.errors import CcwError
from ccw.llm.money import dollars
from ccw.web.settings import settings_of

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parents[1] / "templates"
NAVIGATION = (
    ("playground", "Playground"),
    ("providers", "Providers"),
    ("endpoints", "Endpoints"),
    ("models", "Models"),
    ("cache", "Cache"),
)
KILO = 1000
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Html(HTMLResponse):
    """A page; what UTF-8 cannot carry is shown as its escape."""

    def render(self, content: Any) -> bytes:
        return str(content).encode("utf-8", "backslashreplace")


class PageRoute(APIRoute):
    """A route whose failures are pages as well."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except CcwError as error:
                return page(request, "error.html", "", status=error.http_status, error=error)

        return answer


def page(request: Request, template: str, current: str, status: int = 200, **values: Any) -> Html:
    """Return *template* filled with *values*, in the frame that all pages share."""
    settings = settings_of(request)
    frame = {
        "current": current,
        "navigation": NAVIGATION,
        "project": settings.project,
        "version": __version__,
    }
    return Html(environment().get_template(template).render(frame | values), status)


def bare_page(template: str, status: int = 200) -> Html:
    """Return *template*, which stands without the frame and shows nothing of the project."""
    return Html(environment().get_template(template).render(), status)


@functools.cache
def environment() -> Environment:
    """Return the templates; jinja2 is imported for the first page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import escape

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"size": size, "count": count, "short": short, "money": money}
    made.filters |= {"code": code, "verbatim": escape}
    return made


def visible(value: Any) -> Any:
    """Return *value*, a text without signs that would show what follows in another order.

    A name must not look like another one. What is markup already has been through this; what is
    to be sent back as it came, such as the value of a field, is made so by the filter `verbatim`.
    """
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return TURNING.sub(lambda sign: f"\\u{ord(sign[0]):04x}", value)


def code(text: str) -> str:
    """Return *text* as HTML in which what stands between backticks is code."""
    from markupsafe import Markup, escape

    parts = [escape(visible(part)) for part in text.split("`")]
    marked = (f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))
    return Markup("".join(marked))


def size(number: float) -> str:
    """Return *number* of bytes in the unit that suits it."""
    for unit in ("B", "KB", "MB"):
        if number < 1024:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.3g} {unit}"
        number /= 1024
    return f"{number:.3g} GB"


def count(number: float) -> str:
    """Return *number* with its thousands set apart."""
    return f"{number:,.0f}"


def short(number: float) -> str:
    """Return *number* to three figures: 1.2 k, 3.46 M."""
    for unit in ("", " k", " M"):
        if number < KILO:
            return f"{number:.3g}{unit}" if unit else f"{number:.0f}"
        number /= KILO
    return f"{number:.3g} G"


def money(amount: float | None) -> str:
    """Return *amount* of USD; None is unknown, never nothing."""
    return "unknown" if amount is None else dollars(amount).replace("-", "−")
