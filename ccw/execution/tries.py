"""The tries of one call: whether one is on its way, and whether any can have been billed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ccw.execution.sending import request_of
from ccw.llm.billed import maybe_billed

if TYPE_CHECKING:
    from ccw.errors import CcwError
    from ccw.execution.options import LiteLLMExecutionOptions
    from ccw.execution.planning import Plan
    from ccw.llm.client import Request, Route


class Tries:
    """What is known of the tries of one call.

    `under_way`: one goes out to the server, or has gone; `maybe_billed`: one that is over may have
    been billed; `plan`: that of the last one that went out, None where none ever did.
    """

    def __init__(self) -> None:
        self.under_way = self.maybe_billed = False
        self.plan: Plan | None = None

    @property
    def sent(self) -> bool:
        """Whether a model may have seen the prompt."""
        return self.under_way or self.maybe_billed

    def request(self, plan: Plan, options: LiteLLMExecutionOptions, route: Route) -> Request:
        """Return the call of *plan* over *route*; when it goes out, that is noted here."""
        return request_of(plan, options, route, partial(self._begin, plan))

    def failed(self, error: CcwError) -> None:
        """Note that the try under way, if there was one, ended with *error*."""
        self.maybe_billed |= self.under_way and maybe_billed(error)
        self.under_way = False

    def _begin(self, plan: Plan) -> None:
        self.under_way, self.plan = True, plan
