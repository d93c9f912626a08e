"""Packed files as a tree with bytes, tokens and price."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ccw.cli.app import counted
from ccw.cli.terminal import cells, padded
from ccw.context.pack.render import quote_path
from ccw.execution.packing import FileCost, PackCost
from ccw.llm.tokens import TokenCount

LONGEST_NAME = 60  # cells; the figures of a longer name stand further to the right


@dataclass(slots=True)
class _Node:
    """A folder or, without children, a file; what it costs includes all below."""

    cost: FileCost | None = None
    children: dict[str, _Node] = field(default_factory=dict)


def tree_lines(cost: PackCost) -> Iterator[str]:
    """Yield the files below their folders, each line with its sums, and the total."""
    rows = [*_rows(_tree(cost.files), ""), *_earlier(cost), ("total", *_figures(cost.total))]
    names = [width for row in rows if (width := cells(row[0])) <= LONGEST_NAME]
    widths = [max(names), *(max(len(row[column]) for row in rows) for column in range(1, 4))]
    for name, *figures in rows:
        right = (cell.rjust(width) for cell, width in zip(figures, widths[1:], strict=True))
        yield "  ".join((padded(name, widths[0]), *right)).rstrip()
    if cost.max_bytes is not None and cost.total.bytes > cost.max_bytes:
        over = cost.total.bytes - cost.max_bytes
        yield f"over the endpoint's bound of {cost.max_bytes:,} bytes by {over:,}"


def tree_json(cost: PackCost) -> dict[str, Any]:
    """Return the same as plain values, files in the order of the pack; prices in USD."""
    return {
        "files": [{"path": file.path, **_plain(file)} for file in cost.files],
        "skippedFiles": [{"path": s.path, "reason": s.reason} for s in cost.skipped],
        "earlierCopies": [{"path": file.path, **_plain(file)} for file in cost.earlier_copies],
        "total": _plain(cost.total),
        "maxBytes": cost.max_bytes,
        "notes": list(cost.notes),
    }


def _plain(cost: FileCost) -> dict[str, Any]:
    return {
        "bytes": cost.bytes,
        "tokens": cost.tokens.tokens,
        "tokensExact": cost.tokens.exact,
        "price": cost.price,
    }


def _tree(files: Iterable[FileCost]) -> _Node:
    root = _Node()
    for file in files:
        node = root
        *folders, name = file.path.split("/")
        for folder in folders:
            node = node.children.setdefault(f"{folder}/", _Node())
        node.children[name] = _Node(file)
    return root


def _rows(node: _Node, indent: str) -> Iterator[tuple[str, str, str, str]]:
    for name, child in node.children.items():
        yield (f"{indent}{quote_path(name)}", *_figures(_sum(list(_files(child)))))
        yield from _rows(child, f"{indent}  ")


def _earlier(cost: PackCost) -> Iterator[tuple[str, str, str, str]]:
    for file in cost.earlier_copies:
        yield (f"{quote_path(file.path)} (earlier copy)", *_figures(file))


def _files(node: _Node) -> Iterator[FileCost]:
    if node.cost is not None:
        yield node.cost
    for child in node.children.values():
        yield from _files(child)


def _sum(files: Sequence[FileCost]) -> FileCost:
    tokens = TokenCount(sum(f.tokens.tokens for f in files), all(f.tokens.exact for f in files))
    prices = [f.price for f in files if f.price is not None]
    price = sum(prices) if len(prices) == len(files) else None
    return FileCost("", sum(f.bytes for f in files), tokens, price)


def _figures(cost: FileCost) -> tuple[str, str, str]:
    price = "" if cost.price is None else f"${cost.price:.4f}"
    return counted(cost.bytes, "byte"), _tokens(cost.tokens), price


def _tokens(count: TokenCount) -> str:
    return f"{count} {'token' if count.tokens == 1 else 'tokens'}"
