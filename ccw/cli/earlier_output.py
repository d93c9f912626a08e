"""What `ccw pack -o` wrote before is known by how it begins; other files are somebody's work."""

from __future__ import annotations

import re

from ccw.context.pack.render import HEADER

_HEADER = re.escape(HEADER)
_FIGURES = rb" {2,}[\d,]+ bytes? +~?[\d,]+ tokens?(?: +\$[\d.]+)?"
_SHAPES = (
    _HEADER,
    rb'\{\n  "content": "' + _HEADER,
    rb"[^\n]+" + _FIGURES + rb"\n",
    rb'\{\n  "files": \[\n    \{\n      "path": "[^\n]*",\n      "bytes": \d+,\n      "tokens": \d',
    rb'\{\n  "path": "[^\n]*",\n  "included": (?:true|false),\n  "patterns": \[',
)


def is_earlier_output(head: bytes) -> bool:
    """Whether a file that begins with *head* is a pack, its tree, its JSON or an explanation."""
    return re.match(b"|".join((*_SHAPES, _explanation())), head) is not None


def _explanation() -> bytes:
    from ccw.context.explain import FIRST_LINES

    lines = b"|".join(re.escape(line).encode() for line in FIRST_LINES)
    return rb"[^\n]+: (?:in|out)\n  (?:" + lines + rb")"
