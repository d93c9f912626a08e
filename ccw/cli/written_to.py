"""The files that `ccw pack` writes to are no part of what it packs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ccw.cli.app import note
from ccw.cli.earlier_output import is_earlier_output
from ccw.cli.streams import file_of
from ccw.context.own_output import THE_PACK, excluding_output
from ccw.context.request import PackRequest

OUTPUT = "the output"


def without_outputs(into: Path | None, request: PackRequest) -> PackRequest:
    """Leave out the files that the pack, and what is told of it, are written to.

    UsageError for one that *request* names, and where *into* holds what writing would destroy.
    """
    if into is not None:
        request = _without(into, THE_PACK, request, is_earlier_output)
    for opened, what in {file_of(sys.stderr): OUTPUT, file_of(sys.stdout): THE_PACK}.items():
        if opened is not None:
            request = _without(opened, what, request)
    return request


def _without(
    file: Path,
    what: str,
    request: PackRequest,
    is_earlier: Callable[[bytes], bool] | None = None,
) -> PackRequest:
    own = excluding_output(file, request.patterns, request.scope, is_earlier, what)
    if own:
        note(f"left out: {file}: {what} is written to it")
    return replace(request, patterns=(*request.patterns, *own))
