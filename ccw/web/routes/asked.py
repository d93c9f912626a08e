"""What the routes read of a request, as types for their parameters."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body, Header, Query

Patch = Annotated[dict[str, Any], Body()]
IfMatch = Annotated[str | None, Header(description="The ETag of what is to be changed.")]
OfUser = Annotated[bool, Query(description="Change the user's own file, not the project's.")]
