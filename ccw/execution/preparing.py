"""All that comes before a call: whom to ask, the packed files, what stands in the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from ccw.config.references import project_environ
from ccw.errors import CcwError
from ccw.execution.obstacles import is_passable, obstacle_of
from ccw.execution.options import LiteLLMExecutionOptions
from ccw.execution.planning import Aim, Plan, aim_of, make_plan, project_of

QUICK = 1024 * 1024  # characters
Tell = Callable[[Sequence[str]], None]


class Preparation:
    """One call as it is prepared; `plan` is None until that is done.

    `environ` has the variables of the project from then on, *now* is in seconds since 1970. An
    `obstacle` is what the call's first endpoint cannot pass, while its fallbacks may. It is `quick`
    where a thread would cost more than reading no files, counting few tokens and, as far as that
    is known, asking no command or keyring for a key.
    """

    def __init__(
        self, options: LiteLLMExecutionOptions, environ: Mapping[str, str], now: float, tell: Tell
    ) -> None:
        self.options, self.environ, self.now = options, environ, now
        self.project = project_of(options)
        self.quick = _is_quick(options)
        self.plan: Plan | None = None
        self.obstacle: CcwError | None = None
        self._process_environ, self._tell = environ, tell
        self._aim: Aim | None = None

    def run(self) -> Plan:
        """Find the endpoint, pack the files, check all that can be checked before a call."""
        aim = self._aim or self._find_aim()
        self.plan = plan = make_plan(self.options, self.environ, self.now, aim=aim)
        self._tell(plan.notes)
        self.obstacle = obstacle_of(plan, self.options.max_cost)
        if self.obstacle is not None and not is_passable(plan, self.obstacle):
            raise self.obstacle
        if self.options.on_plan is not None:
            self.options.on_plan(plan)
        return plan

    async def arun(self) -> Plan:
        """Do the same as `run`; what takes its time in a worker thread."""
        if self.quick:
            self._find_aim()
        return self.run() if self.quick else await asyncio.to_thread(self.run)

    def _find_aim(self) -> Aim:
        self.environ = project_environ(self.project, self._process_environ)
        self._aim = aim_of(self.options, self.environ, self.now)
        self.quick = self.quick and not self._aim.target.asks
        return self._aim


def _is_quick(options: LiteLLMExecutionOptions) -> bool:
    """Tell whether no files are read and few tokens counted."""
    plain = "@" not in options.prompt and len(options.prompt) <= QUICK
    packs = bool(options.patterns) or options.context_text is not None
    return plain and not packs and options.max_cost is None
