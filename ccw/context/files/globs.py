"""What a glob means, name by name: plain matchers for common shapes, wcmatch for the rest."""

from __future__ import annotations

import re
from collections.abc import Callable

from ccw.errors import PatternError

MAX_EXPANDED = 1000  # globs that the braces of one pattern may stand for
_EXTENDED = re.compile(r"[@*+?!]\(")
_MAGIC = re.compile(r"[*?\[]|[@+!]\(|\{[^{}]*(?:,|\.\.)[^{}]*\}|\{.*,.*\}")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SUFFIX_CLASS = re.compile(r"\*([\w.-]*)\[([A-Za-z0-9]{1,9})\]([\w.-]*)")
_START = re.compile(r"[^*?\[\\(@+!]+")
_MAX_GROUPS = 20
MAX_INVERSE = 4  # `!(…)` in one part: what wcmatch makes of it grows threefold with each
_MAX_EXPRESSION = 100_000  # characters of what wcmatch makes of one part

NameMatcher = Callable[[str], bool]


def has_magic(glob: str) -> bool:
    """Tell whether *glob* holds anything but literal characters."""
    return _MAGIC.search(_ESCAPE.sub("", glob)) is not None


def unescaped(glob: str) -> str:
    """Return the name that a glob without magic stands for."""
    return _ESCAPE.sub(r"\1", glob) if "\\" in glob else glob


def expand_braces(glob: str) -> list[str]:
    """Return the globs that *glob* stands for; PatternError when they are too many."""
    if "{" not in glob:
        return [glob]
    import bracex

    try:
        expanded = bracex.iexpand(glob, keep_escapes=True, limit=MAX_EXPANDED, return_empty=True)
        return list(dict.fromkeys(expanded))
    except (bracex.ExpansionLimitException, RecursionError):
        raise PatternError(
            f"the braces of @{glob[:60]} stand for more than {MAX_EXPANDED:,} patterns; "
            "write fewer alternatives, or use *"
        ) from None


def split_parts(glob: str) -> list[str]:
    """Split *glob* at its slashes, but not within a class or an extended group."""
    if not re.search(r"[\[(\\]", glob):
        return [part for part in glob.split("/") if part]
    parts, start, position = [], 0, 0
    extended = True
    while position < len(glob):
        if extended and _EXTENDED.match(glob, position):
            end = _group_end(glob, position)
            extended = end > 0
            position = max(end, position + 1)
        elif glob[position] == "[":
            position = max(_class_end(glob, position), position + 1)
        elif glob[position] == "/" or glob.startswith("\\/", position):
            parts.append(glob[start:position])
            position = start = position + (1 if glob[position] == "/" else 2)
        else:
            position += 2 if glob[position] == "\\" else 1
    parts.append(glob[start:])
    return [part for part in parts if part]


def is_literal(part: str) -> bool:
    """Tell whether *part* stands for one name only."""
    bare = _ESCAPE.sub("", part)
    return not any(char in bare for char in "*?[") and not re.search(r"[@+!]\(", bare)


def name_matcher(part: str, *, dots: bool) -> NameMatcher:
    """Return what tells whether a name matches *part*; with *dots* wildcards match leading dots."""
    if re.search(r"[\[\\]|[@*+?!]\(", part):
        return _wcmatch(part, dots=dots)
    plain = re.sub(r"\*+", "*", part)
    if plain[0] in "*?" and not dots:
        inner = _plain(plain)
        return lambda name: name[0] != "." and inner(name)
    return _plain(plain)


def suffix_of(part: str) -> str | None:
    """Return the ending that `*ending` asks for, or None for any other shape."""
    rest = part.lstrip("*")
    return (
        rest
        if part[0] == "*" and is_literal(rest) and "\\" not in rest and "(" not in rest
        else None
    )


def ending_of(part: str) -> str:
    """Return what a name that *part* matches certainly ends in, after the last wildcard."""
    if "(" in part or "\\" in part:
        return ""
    ending = part[1 + max(map(part.rfind, "*?]")) :]
    return "" if "[" in ending else ending


def spelled_out(part: str) -> list[str]:
    """Return the suffixes that *part* stands for if it is like `*.[jt]s`, else just *part*."""
    shape = _SUFFIX_CLASS.fullmatch(part)
    return [f"*{shape[1]}{char}{shape[3]}" for char in shape[2]] if shape else [part]


def start_of(part: str) -> str:
    """Return what a name that *part* matches certainly begins with."""
    start = _START.match(part)
    return start[0] if start else ""


def _plain(part: str) -> NameMatcher:
    if part.count("*") == 1 and "?" not in part:
        before, _, after = part.partition("*")
        size = len(part) - 1
        return lambda name: len(name) >= size and name.startswith(before) and name.endswith(after)
    pieces = [re.escape(piece).replace(r"\?", ".") for piece in part.split("*")]
    middle = "".join(f"(?>.*?{piece})" for piece in pieces[1:-1])  # atomic: no way back, linear
    regex = f"{pieces[0]}{middle}.*{pieces[-1]}" if len(pieces) > 1 else pieces[0]
    match = re.compile(regex, re.DOTALL).fullmatch
    return lambda name: match(name) is not None


def _wcmatch(part: str, *, dots: bool) -> NameMatcher:
    from wcmatch import glob

    grouped = _EXTENDED.search(part) is not None
    if part.count("!(") > MAX_INVERSE or len(_EXTENDED.findall(part)) > _MAX_GROUPS:
        raise _too_complex(part)
    flags = glob.EXTGLOB | glob.GLOBSTAR | glob.CASE | (glob.DOTGLOB if dots else 0)
    expression = glob.translate(part, flags=flags)[0][0]
    if len(expression) > _MAX_EXPRESSION:
        raise _too_complex(part)
    if grouped:  # only outside of groups does wcmatch write expressions that no name can blow up
        from ccw.context.files.bounded import compile_bounded

        return compile_bounded(expression)
    match = re.compile(expression).fullmatch
    return lambda name: match(name) is not None


def _too_complex(part: str) -> PatternError:
    return PatternError(
        f"@{part[:60]} holds too many groups; a part may have {_MAX_GROUPS}, of these "
        f"{MAX_INVERSE} as !(…); write several patterns, or @!patterns for what is to be left out"
    )


def _group_end(glob: str, start: int) -> int:
    """Return where the extended group at *start* ends, or -1 when it is not closed."""
    depth, position = 0, start
    while position < len(glob):
        if _EXTENDED.match(glob, position):
            depth, position = depth + 1, position + 2
        elif glob[position] == "[":
            position = max(_class_end(glob, position), position + 1)
        elif glob[position] == ")":
            depth, position = depth - 1, position + 1
            if depth == 0:
                return position
        else:
            position += 2 if glob[position] == "\\" else 1
    return -1


def _class_end(glob: str, start: int) -> int:
    """Return where the character class at *start* ends, or -1 when it is none."""
    match = _CLASS.match(glob, start)
    return match.end() if match else -1


_CLASS = re.compile(
    r"\[[!^]?[\]-]?(?:\[:(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper"
    r"|word|xdigit):\]|\\[^/]|[^\]\\/])*\]",
    re.DOTALL,
)
