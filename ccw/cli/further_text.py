"""`--stdin`: standard input as further context, read no further than what is refused anyway."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ccw.cli.app import note
from ccw.cli.prompts import MOST_BYTES, decode

CHUNK = 1024 * 1024  # bytes; of a text within them nobody asks for the limit


def further_text(limit: Callable[[], int | None]) -> dict[str, Any]:
    """Return standard input as options of the executor.

    *limit* is the bound of a packed context in bytes, None where there is none. Of a longer text
    the beginning is given, with the limit that refuses it: it must not be taken for the whole.
    """
    stdin = sys.stdin.buffer
    data = stdin.read(CHUNK)
    if len(data) < CHUNK:
        return {"context_text": decode(data, "standard input")}
    most = min(limit() or MOST_BYTES, MOST_BYTES)
    data += stdin.read(max(0, most + CHUNK - len(data)))
    if len(data) <= most:
        return {"context_text": decode(data, "standard input")}
    note(
        "standard input was not read to its end, as it is over the limit of "
        f"{round(most / 1024, 2):,g} KB"
    )
    return {"context_text": data.decode("utf-8", "replace"), "max_size_kb": most / 1024}
