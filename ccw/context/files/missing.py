"""Patterns that matched nothing: which are slips to tell about, and which are plain text."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ccw.context.files.contain import printable
from ccw.context.files.globs import has_magic
from ccw.context.files.walk import UNLISTED
from ccw.context.pattern import Pattern
from ccw.context.scope import Scope, Skipped
from ccw.errors import NothingMatched

_LONGEST = 200  # characters of a pattern in a message
_SHOWN = 10  # patterns that one message names
_HINTED = 3  # of them with a hint, each of which may cost a walk
NO_FILE = "write \\@ where no file is meant, or "
FILE_TYPES = frozenset(
    """adoc asm astro avsc awk bash bat bib bzl c cc cfg cjs clj cljs cmake cmd conf cpp cs csproj
    css csv cts cu cxx dart diff dockerfile ejs elm env erb erl ex exs fish frag fs fsx gemspec
    go gql gradle graphql groovy h haml hbs hcl hh hpp hrl hs htm html hxx in ini ino ipynb jade
    java jinja jinja2 jl js json json5 jsonc jsonl jsx kt kts less lisp lock log lua m md mdx mjs
    mk ml mli mm mts nim nix org pas pdf php pl plist pm png po pot pp prisma proto ps1 pug pxd
    py pyi pyx r rake rb rkt rs rst s sass scala scm scss sh sln sol sql styl sv svelte svg swift
    tcl tex tf tfvars thrift toml ts tsv tsx txt v vb vert vhd vim vue wat xml xsd xsl yaml yml
    zig zsh""".split()  # noqa: SIM905
)


def report_missing(
    missing: Sequence[Pattern],
    patterns: Sequence[Pattern],
    scope: Scope,
    skipped: Sequence[Skipped] = (),
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell of the *missing* ones among *patterns*; *skipped* is what the search left out.

    Return the tokens that failed where that is allowed, and notes for those taken as text;
    NothingMatched names all that look like files and match none.
    """
    files = [pattern for pattern in missing if looks_like_file(pattern, scope)]
    texts = [pattern for pattern in missing if not looks_like_file(pattern, scope)]
    excluded = _only_excluded(files, patterns, scope)
    failed = [pattern for pattern in files if pattern.token not in excluded]
    if failed and not scope.allow_missing:
        raise NothingMatched(_message(failed, scope, skipped))
    notes = [
        f"all that {_shown(one)} matches is excluded" for one in files if one.token in excluded
    ]
    notes += [_taken_as_text(one, scope, hinted=i < _HINTED) for i, one in enumerate(texts)]
    return tuple(pattern.token for pattern in failed), tuple(notes)


def _taken_as_text(pattern: Pattern, scope: Scope, *, hinted: bool) -> str:
    advice = ""
    if hinted:
        from ccw.context.files.hints import near

        advice = near(pattern, scope)
    return f"{_shown(pattern)} matches no file and is taken as text" + (advice and f"; {advice}")


def _only_excluded(
    missing: Sequence[Pattern], patterns: Sequence[Pattern], scope: Scope
) -> set[str]:
    """Return the tokens of *missing* that would match were it not for the exclusions."""
    if not missing or not any(pattern.exclude for pattern in patterns):
        return set()
    from ccw.context.files.search import Search

    search = Search(missing, scope)
    search.run()
    return {missing[number].token for number in search.collector.met()}


def looks_like_file(pattern: Pattern, scope: Scope) -> bool:
    """Tell whether a pattern that matches nothing was surely meant as one."""
    glob = pattern.glob
    first = glob.partition("/")[0]
    extension = glob.rstrip("/").rpartition("/")[2].rpartition(".")
    return (
        pattern.strict
        or has_magic(glob)
        or glob.endswith("/")
        or glob.startswith(("./", "../", "/", "~"))
        or (extension[1] == "." and extension[2].lower() in FILE_TYPES)
        or ("\0" not in first and os.path.isdir(os.path.join(scope.cwd, first)))
    )


def _message(failed: Sequence[Pattern], scope: Scope, skipped: Sequence[Skipped]) -> str:
    hinted = [_one(pattern, scope) for pattern in failed[:_HINTED]]
    bare = [_shown(pattern) for pattern in failed[_HINTED:_SHOWN]]
    closed = [f"{printable(s.path)} {s.reason}" for s in skipped if s.reason.startswith(UNLISTED)]
    shown = "; ".join([*hinted, *bare, *closed[:_HINTED]])
    more = f"; and {len(failed) - _SHOWN:,} more" if len(failed) > _SHOWN else ""
    only_text = "" if any(pattern.strict for pattern in failed) else NO_FILE
    return (
        f"{shown}{more} (looked up in {printable(str(scope.cwd))}; "
        f"{only_text}add --allow-missing to go on without)"
    )


def _one(pattern: Pattern, scope: Scope) -> str:
    from ccw.context.files.hints import hint

    advice = hint(pattern, scope)
    return f"{_shown(pattern)} matches no file" + (f": {advice}" if advice else "")


def _shown(pattern: Pattern) -> str:
    text = printable(pattern.written)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
