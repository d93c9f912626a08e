"""The paths that the playground offers while an `@` pattern is typed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from ccw.config.places import home_folder
from ccw.web.answers import Json
from ccw.web.settings import settings_of

router = APIRouter(prefix="/api/context", tags=["calls"])
Prefix = Annotated[str, Query(max_length=4096, description="What stands behind the `@` so far.")]


@router.get("/paths")
def paths(request: Request, prefix: Prefix = "") -> Json:
    """List how a path could go on, folders first, contained as the files of a prompt are."""
    from ccw.context.path_completion import complete_path  # a start does without the file search
    from ccw.context.scope import Scope

    settings = settings_of(request)
    project = settings.project.absolute()
    scope = Scope(project, project, home=home_folder(settings.environ))
    found = complete_path(prefix, scope)
    offers = [{"path": offer.path, "folder": offer.is_folder} for offer in found.offers]
    return Json({"paths": offers, "count": len(offers), "more": found.more})
