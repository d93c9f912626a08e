"""YAML from anywhere as plain values with line numbers: no tags, no bombs, no key twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ccw.errors import ImportRefused

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 50
MAX_NODES = 200_000  # with every alias counted as what it stands for
_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml, where PyYAML comes with it
_OWN_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset({"null", "bool", "int", "float", "str", "seq", "map", "timestamp"})
_MERGE = "merge"


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A document: its value, and where each part of it stands."""

    path: Path
    value: Any
    node: yaml.Node

    def line(self, *keys: str | int) -> int:
        """Return the line, from 1, of the part that *keys* lead to, or of the nearest above it."""
        node, line = self.node, self.node.start_mark.line
        for key in keys:
            found = _child(node, key)
            if found is None:
                break
            line, node = found
        return line + 1

    def error(self, problem: str, *keys: str | int) -> ImportRefused:
        """Return an error that tells file and line."""
        return ImportRefused(f"{self.path}:{self.line(*keys)}: {problem}; nothing was imported")


def read_yaml(path: Path) -> YamlFile:
    """Return the document in the file at *path*; ImportRefused says file, line and what to do."""
    return parse_yaml(_text(path), path)


def parse_yaml(text: str, path: Path) -> YamlFile:
    """Return the document in *text*; *path* is for messages."""
    try:
        node = _composed(text, path)
        if node is None:
            raise ImportRefused(f"{path} is empty; nothing was imported")
        _check_node(node, path)
        return YamlFile(path, _Loader.value_of(node), node)
    except yaml.MarkedYAMLError as error:
        mark, problem = error.problem_mark, error.problem
    except yaml.reader.ReaderError as error:
        mark, problem = None, f"character {error.character:#x} is not allowed in YAML"
    except ValueError:  # a date such as 2024-99-99
        mark, problem = None, "a value cannot be read as what it looks like"
    where = f"{path}:{mark.line + 1}" if mark else str(path)
    raise ImportRefused(f"{where}: {problem}; nothing was imported")


class _Loader(yaml.SafeLoader):
    @classmethod
    def value_of(cls, node: yaml.Node) -> Any:
        """Return the plain value of *node*."""
        loader = cls("")
        try:
            return loader.construct_document(node)
        finally:
            loader.dispose()


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            problem = f"is over {MAX_BYTES // 1024 // 1024} MB, which no proxy's configuration is"
        else:
            return raw.decode("utf-8-sig")
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        problem = "is not UTF-8; save it as UTF-8"
    raise ImportRefused(f"{path} {problem}; nothing was imported")


def _composed(text: str, path: Path) -> yaml.Node | None:
    """Return the document as nodes.

    libyaml is ten times as fast, but what it refuses is read again by the parser whose messages
    and lines are right.
    """
    try:
        _check_events(text, path, _FAST)
        return yaml.compose(text, Loader=_FAST)
    except yaml.YAMLError:
        pass
    _check_events(text, path, yaml.SafeLoader)
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _check_events(text: str, path: Path, loader: type[Any]) -> None:
    """Bound depth and number and refuse foreign tags before anything is built."""
    depth = count = 0
    for event in yaml.parse(text, Loader=loader):
        count += isinstance(event, yaml.NodeEvent)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        tag = getattr(event, "tag", None)
        line = event.start_mark.line + 1 if event.start_mark else 1
        if count > MAX_NODES:
            raise ImportRefused(
                f"{path}:{line}: over {MAX_NODES} values, which no proxy's configuration has; "
                "take parts of the file; nothing was imported"
            )
        if depth > MAX_DEPTH:
            raise ImportRefused(
                f"{path}:{line}: nested over {MAX_DEPTH} deep; nothing was imported"
            )
        if tag and tag.removeprefix(_OWN_TAG) not in _PLAIN_TAGS and tag != "!":
            raise ImportRefused(
                f"{path}:{line}: the tag {_shown(tag)} is not read, because tags can run code; "
                "write the plain value; nothing was imported"
            )


def _check_node(root: yaml.Node, path: Path) -> None:
    """Refuse aliases that multiply or lead back, and mappings with a key twice."""
    sizes: dict[int, int] = {}
    depths: dict[int, int] = {}
    for node in _inner_first(root, path):
        children = [id(child) for child in _children(node)]
        sizes[id(node)] = 1 + sum(sizes[child] for child in children)
        depths[id(node)] = 1 + max((depths[child] for child in children), default=0)
        if sizes[id(node)] > MAX_NODES or depths[id(node)] > 2 * MAX_DEPTH:
            where = f"{path}:{node.start_mark.line + 1}"
            raise ImportRefused(
                f"{where}: its aliases stand for too much (over {MAX_NODES} values, or nested over "
                f"{2 * MAX_DEPTH} deep); write them out; nothing was imported"
            )
        if isinstance(node, yaml.MappingNode):
            _check_keys(node, path)


def _inner_first(root: yaml.Node, path: Path) -> Iterator[yaml.Node]:
    """Yield every node once, after those in it; ImportRefused where one holds itself."""
    done: set[int] = set()
    open_: set[int] = set()
    stack = [(root, False)]
    while stack:
        node, left = stack.pop()
        if left:
            open_.discard(id(node))
            done.add(id(node))
            yield node
            continue
        if id(node) in open_:
            raise ImportRefused(
                f"{path}:{node.start_mark.line + 1}: an alias holds itself; nothing was imported"
            )
        if id(node) not in done:
            open_.add(id(node))
            stack.append((node, True))
            stack.extend((child, False) for child in _children(node) if id(child) not in done)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    for item in node.value if isinstance(node, yaml.CollectionNode) else ():
        yield from item if isinstance(item, tuple) else (item,)


def _check_keys(node: yaml.MappingNode, path: Path) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise ImportRefused(f"{path}:{line}: a key is not a text; nothing was imported")
        if key.value in seen and key.tag.removeprefix(_OWN_TAG) != _MERGE:
            raise ImportRefused(
                f"{path}:{line}: {_shown(key.value)} is there twice; nothing was imported"
            )
        seen.add(key.value)


def _child(node: yaml.Node, key: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark.line, node.value[key]
    if isinstance(node, yaml.MappingNode):
        pairs = ((k, v) for k, v in node.value if k.value == key)
        return next(((k.start_mark.line, v) for k, v in pairs), None)
    return None


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")
