"""The application: routes, the shape of failures, and the guard before all of it."""

from __future__ import annotations

import threading

from fastapi import FastAPI

from ccw import __version__
from ccw.web.answers import add_error_handlers
from ccw.web.guard import Guard
from ccw.web.openapi import describe
from ccw.web.pages import paths
from ccw.web.pages import routes as pages
from ccw.web.pages.missing import NOT_FOUND, not_found
from ccw.web.pages.static import STATIC, Files
from ccw.web.reading import Reader
from ccw.web.routes import (
    cache,
    config,
    documents,
    endpoints,
    execute,
    models,
    providers,
    session,
)
from ccw.web.settings import ServeSettings

ROUTERS = (
    providers.router,
    endpoints.router,
    config.router,
    cache.router,
    execute.router,
    models.router,
    session.router,
    documents.router,
    paths.router,
    pages.router,
)


def create_app(settings: ServeSettings) -> FastAPI:
    """Return the server's application; nothing of the project is read before a request."""
    app = FastAPI(
        title="ccw",
        version=__version__,
        docs_url=None,  # FastAPI's pages load their scripts from another host
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.saving = threading.Lock()
    app.state.reader = Reader(settings.project, settings.environ)
    app.state.routes = tuple(route for router in ROUTERS for route in router.routes)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", Files(directory=STATIC))
    add_error_handlers(app)
    app.add_exception_handler(NOT_FOUND, not_found)
    describe(app, with_token=settings.token is not None)
    guard = Guard(app.build_middleware_stack(), settings)
    app.state.rules = guard.rules
    app.middleware_stack = guard
    return app
