"""Signing in: a page trades the token for a cookie that scripts cannot read."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from ccw.web.answers import Json, error_body
from ccw.web.checks import SIGN_IN, same_secret

router = APIRouter(tags=["session"])


class Token(BaseModel):
    """The token that the server was started with."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)
    token: str


@router.post(SIGN_IN)
def sign_in(request: Request, body: Token) -> Json:
    """Take the token once and set the cookie that stands for it until the server ends."""
    rules = request.app.state.rules
    if rules.token is None:
        return Json({"success": True, "needed": False})
    if not same_secret(body.token, rules.token):
        return Json(error_body("token_refused", "this is not the token of this server"), 401)
    answer = Json({"success": True, "needed": True})
    answer.set_cookie(rules.cookie, rules.session, httponly=True, samesite="strict", path="/")
    return answer
