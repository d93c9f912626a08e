"""The only module that imports xllamacpp: the embedded model loaded in this process."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from ccw.errors import LocalModelMissing
from ccw.llm.local.model import CONTEXT_WINDOW, MODEL_ID, LocalServer

MAX_OUTPUT_TOKENS = 1024  # when a call sets none: a model this small may never end by itself
PROMPT_CACHE_MIB = 256
MAX_THREADS = 8
REPEAT_PENALTY = 1.1  # so small a model falls into repeating itself without one


class Engine:
    """The model of *path*, answering on a free loopback port under a key that only it knows."""

    def __init__(self, path: Path, threads: int | None = None) -> None:
        import xllamacpp

        key = f"sk-local-{secrets.token_urlsafe(24)}"
        settings = _settings(xllamacpp.CommonParams(), path, key, threads or default_threads())
        try:
            self._server = xllamacpp.Server(settings)
        except RuntimeError:
            raise LocalModelMissing(
                f"the embedded model in {path} cannot be loaded; "
                "type: ccw local remove && ccw local install"
            ) from None
        self.address = LocalServer(int(self._server.listening_address.rpartition(":")[2]), key)

    def close(self) -> None:
        """Stop listening and free the model."""
        del self._server  # its destructor does both


def default_threads() -> int:
    """Leave a processor to others: the engine's threads wait for each other by spinning."""
    return max(1, min(MAX_THREADS, (os.cpu_count() or 1) - 1))


def _settings(params: Any, path: Path, key: str, threads: int) -> Any:
    params.model.path = str(path)
    params.model_alias = {MODEL_ID}
    params.hostnames = ["127.0.0.1"]
    params.port = 0  # any free one
    params.api_keys = [key]
    params.n_ctx = CONTEXT_WINDOW
    params.n_predict = MAX_OUTPUT_TOKENS
    params.sampling.penalty_repeat = REPEAT_PENALTY
    params.n_parallel = 1
    params.n_gpu_layers = 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.cache_ram_mib = PROMPT_CACHE_MIB
    params.endpoint_slots = True  # the kept server's watchman sees requests there
    params.warmup = False
    params.verbosity = 0  # llama.cpp would write to the user's terminal
    return params
