"""What `ccw local status` tells about the embedded model and its kept server."""

from __future__ import annotations

from pathlib import Path

from ccw.llm.local.model import CONTEXT_WINDOW, MODEL_ID, has_engine, is_installed, model_path
from ccw.llm.local.state import find_kept


def status(home: Path, *, now: float) -> dict[str, object]:
    """Describe what is installed under *home* and what runs, in camelCase; times in seconds."""
    kept = find_kept(home)
    return {
        "model": MODEL_ID,
        "installed": is_installed(home),
        "engineInstalled": has_engine(),
        "path": str(model_path(home)),
        "contextWindow": CONTEXT_WINDOW,
        "running": kept is not None,
        "port": kept.port if kept else None,
        "pid": kept.pid if kept else None,
        "uptimeSeconds": round(now - kept.started, 1) if kept else None,
        "idleSeconds": round(now - kept.last_used, 1) if kept else None,
        "idleLimitSeconds": kept.idle_minutes * 60 if kept else None,
    }
