"""What a project asks beside what the user has agreed to."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ccw.config.layers import load_effective, load_user
from ccw.config.models import LiteLLMApiConfig
from ccw.config.places import ccw_home, user_config_path
from ccw.config.references import ProjectEnviron, problems, project_environ, references
from ccw.config.selection import TRUE
from ccw.config.trust.record import agreed
from ccw.config.trust.shadows import Layers, users_environ, wishes_of_shadow
from ccw.config.trust.wishes import Wish, wishes

VARIABLE = "CCW_TRUST"  # in the real environment it agrees for one process
State = Literal["agreed", "yours", "not agreed"]


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
    values = project_environ(project, environ)
    effective = load_effective(project, environ)
    layers = Layers(effective.project, effective.user)
    enabled = (provider for provider in effective.config.providers if provider.enabled)
    shadows = (wishes_of_shadow(provider, layers, values) for provider in enabled)
    return standing(wishes(effective.config, values).union(*shadows), values)


def users_config(environ: ProjectEnviron) -> LiteLLMApiConfig:
    """Return what the user's own file says, nothing without one."""
    return load_user(user_config_path(environ.process)) or LiteLLMApiConfig()


def agreed_for_process(environ: ProjectEnviron) -> bool:
    """Tell whether the real environment agrees to everything."""
    return environ.process.get(VARIABLE, "").strip().lower() in TRUE


def _of_user(environ: ProjectEnviron) -> frozenset[Wish]:
    """Return what the user's own configuration asks for; the project's `.env` has no say in it."""
    asked = wishes(users_config(environ), users_environ(environ))
    return frozenset(wish for wish in asked if not _is_found_in_project(wish))


def _is_found_in_project(wish: Wish) -> bool:
    """Tell whether *wish* is a command named by a relative path: it runs in the project's folder.

    Whoever wrote it, what would run is then the project's.
    """
    if wish.kind != "command":
        return False
    if problems(wish.what):
        return False  # it will not run
    program = shlex.split(references(wish.what)[0].argument)[0]
    return "/" in program and not program.startswith("/")
