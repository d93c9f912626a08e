"""What a project asks beside what the user has agreed to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ccw.config.places import ccw_home, user_config_path
from ccw.config.references import ProjectEnviron, project_environ
from ccw.config.store import load_file
from ccw.config.trust.record import agreed
from ccw.config.trust.wishes import Wish, wishes

VARIABLE = "CCW_TRUST"  # in the real environment it agrees for one process
State = Literal["agreed", "yours", "not agreed"]
_TRUE = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What is asked, what is on record, and what the user's own configuration asks as well."""

    asked: frozenset[Wish]
    agreed: frozenset[Wish]
    own: frozenset[Wish] = frozenset()

    @property
    def missing(self) -> frozenset[Wish]:
        """What the user has not agreed to."""
        return self.asked - self.agreed - self.own

    @property
    def unused(self) -> frozenset[Wish]:
        """What is on record and not asked any more."""
        return self.agreed - self.asked

    def state(self, wish: Wish) -> State:
        """Return how the user stands to *wish*."""
        if wish in self.agreed:
            return "agreed"
        return "yours" if wish in self.own else "not agreed"


def standing(asked: frozenset[Wish], environ: ProjectEnviron) -> Standing:
    """Return how the user stands to what is *asked*."""
    on_record = agreed(ccw_home(environ.process), environ.project)
    return Standing(asked, on_record, _of_user(environ))


def project_standing(project: Path, environ: Mapping[str, str]) -> Standing:
    """Return how the user stands to all that *project* asks now; *environ* is the real one."""
    from ccw.config.layers import load_config

    values = project_environ(project, environ)
    return standing(wishes(load_config(project, environ), values), values)


def agreed_for_process(environ: ProjectEnviron) -> bool:
    """Tell whether the real environment agrees to everything."""
    return environ.process.get(VARIABLE, "").strip().lower() in _TRUE


def _of_user(environ: ProjectEnviron) -> frozenset[Wish]:
    """Return what the user's own configuration asks for; the project's `.env` has no say in it."""
    config = load_file(user_config_path(environ.process))
    if config is None:
        return frozenset()
    own = ProjectEnviron(environ.project, environ.process, {}, environ.process)
    return wishes(config, own)
