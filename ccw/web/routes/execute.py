"""Ask a model, or see what a prompt would send."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import AliasChoices, BeforeValidator, Field
from starlette.responses import Response

from ccw.errors import UsageError
from ccw.execution.options import LiteLLMExecutionOptions
from ccw.execution.preview import preview_litellm_endpoint
from ccw.web.answers import Json, camel
from ccw.web.routes.asked import Asked
from ccw.web.settings import ServeSettings, asking, settings_of
from ccw.web.streaming import Answer
from ccw.web.wording import told_in_fields

router = APIRouter(prefix="/api", tags=["calls"])


def _listed(value: Any) -> Any:
    """Folders may be parted by commas, as on the command line."""
    return [part for part in value.split(",") if part] if isinstance(value, str) else value


class Question(Asked):
    """What to ask and whom, under the names that `ccw cli` has for it, in camelCase.

    `model` is the id of an endpoint or `PROVIDER/MODEL` (default: the project's default endpoint).
    Sizes in KB (`maxSize`) and bytes (`maxFileSize`), times in seconds, money in USD. Folders are
    taken from the project's.
    """

    prompt: str
    model: str | None = Field(
        default=None, validation_alias=AliasChoices("model", "endpointId", "endpoint_id")
    )
    tool: Literal["litellm"] = "litellm"
    mode: str = "analysis"
    cache: bool | None = None
    system: str | None = None
    context: str | None = None
    patterns: list[str] = Field(default_factory=list)
    params: dict[str, Any] = Field(default_factory=dict)
    cd: str = "."
    include_dirs: Annotated[list[str], BeforeValidator(_listed)] = Field(default_factory=list)
    over: Literal["fail", "drop"] = "fail"
    max_size: float | None = Field(default=None, gt=0)
    max_file_size: int | None = Field(default=None, ge=1)
    allow_missing: bool = False
    allow_secrets: bool = False
    max_cost: float | None = Field(default=None, ge=0)
    timeout: float | None = Field(default=None, gt=0)
    max_retries: int | None = Field(default=None, ge=0)
    fallbacks: list[str] | None = None


class Call(Question):
    """A question with the way its answer comes: in events, whole, or not at all (`dryRun`)."""

    stream: bool = True
    dry_run: bool = False


@router.post("/cli/execute")
async def execute(request: Request, body: Call) -> Response:
    """Ask a model; the answer comes as server-sent events, with `stream` false as one object."""
    settings = settings_of(request)
    if body.dry_run:
        return await run_in_threadpool(_preview, request, body)
    options = _options(settings, body, stream=body.stream)
    return Answer(options, settings.environ, settings.runs, stream=body.stream)


@router.post("/context/preview")
def preview(request: Request, body: Question) -> Json:
    """Show what a prompt would send: files, bytes, tokens, price, and what is left out."""
    return _preview(request, body)


def _preview(request: Request, body: Question) -> Json:
    with asking(request) as settings:
        options = _options(settings, body)
        found = preview_litellm_endpoint(options, environ=settings.environ)
    return Json(told_in_fields(camel(found)))


def _options(
    settings: ServeSettings, asked: Question, stream: bool | None = None
) -> LiteLLMExecutionOptions:
    project = settings.project
    return LiteLLMExecutionOptions(
        prompt=asked.prompt,
        endpoint_id=asked.model,
        base_dir=project,
        cwd=_folder(project, "cd", asked.cd),
        include_dirs=[_folder(project, "includeDirs", name) for name in asked.include_dirs],
        enable_cache=asked.cache,
        stream=stream,
        system=asked.system,
        mode=asked.mode,
        timeout=asked.timeout,
        max_retries=asked.max_retries,
        over=asked.over,
        max_size_kb=asked.max_size,
        max_file_size=asked.max_file_size,
        allow_missing=asked.allow_missing,
        allow_secrets=asked.allow_secrets,
        context_text=asked.context,
        max_cost=asked.max_cost,
        patterns=asked.patterns,
        params=asked.params,
        fallbacks=asked.fallbacks,
    )


def _folder(project: Path, field: str, name: str) -> Path:
    folder = project / name
    if not _is_folder(folder):
        raise UsageError(f"{field}: no such folder: {name}")
    return folder


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long, a folder that is closed to us
        return False
