"""Whatever happens: an overlay holds only what its receiver was sent, and nothing left out now."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from ccw.context.cache.store import ContextCache
from ccw.context.pack.layouts import MAX_SUPERSEDED
from ccw.context.patterns import parse_patterns
from ccw.context.session import PackedContext, PackRequest, pack_context, tell_sent
from ccw.context.withheld import withheld
from tests.context.packs import scope_of, understood
from tests.context.test_layouts_any_history import superseded_share

NAMES = st.sampled_from(["a", "b.py", "c c", "d.py"])
RECEIVERS = st.sampled_from(["one", "other"])
LATER = 10.0  # beyond the clock's resolution
LARGE = 50_000  # bytes, over the bound of a file


def make_binary(path: Path) -> None:
    path.write_bytes(b"\0" * 77)


def make_large(path: Path) -> None:
    path.write_bytes(b"x" * LARGE)


def lead_outside(path: Path) -> None:
    path.symlink_to("/etc/passwd")


class AnyReceivers(RuleBasedStateMachine):
    """A folder whose packs are made, sent to two receivers, or refused on the way.

    Each text is written once only, so that a copy tells which text it is.
    """

    def __init__(self) -> None:
        super().__init__()
        self.home = tempfile.TemporaryDirectory()
        self.folder = Path(self.home.name) / "files"
        self.folder.mkdir()
        (self.folder / ".git").mkdir()  # rules count from here
        self.cache = ContextCache(Path(self.home.name) / "cache", 10 << 20)
        self.now = time.time() + LATER
        self.texts = 0
        self.sent: dict[str, set[bytes]] = {"one": set(), "other": set()}
        for name in ("bb", "zz"):  # nothing ever changes these, so that little is superseded
            (self.folder / name).write_text(f"{name}\n" * 1000)
        for name in ("a", "b.py"):
            self.write(name, 10)
        self.call("one")

    def teardown(self) -> None:
        self.cache.close()
        self.home.cleanup()

    @rule(name=NAMES, lines=st.integers(1, 60))
    def write(self, name: str, lines: int) -> None:
        self.texts += 1
        self._replace(name).write_text(f"text {self.texts}\n" * lines)

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        self._replace(name)

    @rule(name=NAMES, other=NAMES)
    def rename(self, name: str, other: str) -> None:
        if name != other and (self.folder / name).exists():
            (self.folder / name).rename(self._replace(other))

    @rule(name=NAMES, how=st.sampled_from([make_binary, make_large, lead_outside]))
    def leave_out(self, name: str, how: Callable[[Path], object]) -> None:
        how(self._replace(name))

    @rule(names=st.sets(NAMES))
    def ignore(self, names: set[str]) -> None:
        (self.folder / ".ccwignore").write_text("".join(f"/{name}\n" for name in names))

    @rule(receiver=RECEIVERS)
    def call(self, receiver: str) -> None:
        packed = self._packed(receiver)
        tell_sent(self.cache, packed, self.now)
        self.sent[receiver] |= copies_of(packed)

    @rule(receiver=RECEIVERS | st.just(""), keep=st.booleans())
    def only_pack(self, receiver: str, keep: bool) -> None:
        """For nobody, for a call that is refused, or for a preview."""
        self._packed(receiver, keep=keep)

    @rule()
    def take_turns(self) -> None:
        """What was sent is packed again as it is, and found in the cache while that keeps it."""
        for receiver in ("one", "other"):
            self.call(receiver)
        first = [self._packed(receiver) for receiver in ("one", "other")]
        for before, receiver in zip(first, ("one", "other"), strict=True):
            packed = self._packed(receiver)
            assert packed.content == before.content
            assert packed.hit or (before.expires_at or 0) <= self.now

    @rule()
    def wait(self) -> None:
        self.now += 2000

    @rule()
    def clear(self) -> None:
        self.cache.clear()

    def _replace(self, name: str) -> Path:
        (self.folder / name).unlink(missing_ok=True)
        return self.folder / name

    def _packed(self, receiver: str, *, keep: bool = True) -> PackedContext:
        self.now += LATER
        scope = scope_of(self.folder, max_file_size=LARGE - 1)
        request = PackRequest(scope, parse_patterns(["**"]), layout="overlay", receiver=receiver)
        packed = pack_context(request, self.cache, now=self.now, keep=keep)
        self._check(packed, receiver)
        return packed

    def _check(self, packed: PackedContext, receiver: str) -> None:
        current = {file.path for file in packed.files}
        texts = {path: (self.folder / path).read_bytes() for path in current}
        assert understood(packed.content) == texts
        assert superseded_share(packed) <= MAX_SUPERSEDED
        for copy in packed.superseded:
            data = packed.content[copy.offset :][: copy.bytes]
            assert data in self.sent.get(receiver, set())
            assert copy.path in current or not (self.folder / copy.path).is_symlink()
            assert copy.path in current or not (self.folder / copy.path).exists()
            assert copy.path in current or copy.path not in self._ignored()
        assert self.cache.warnings == []

    def _ignored(self) -> set[str]:
        path = self.folder / ".ccwignore"
        return set(path.read_text().replace("/", "").splitlines()) if path.exists() else set()


def copies_of(packed: PackedContext) -> set[bytes]:
    return {packed.content[copy.offset :][: copy.bytes] for copy in packed.copies}


TestAnyReceivers = AnyReceivers.TestCase
TestAnyReceivers.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def link_nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


def nothing(path: Path) -> None:
    assert not path.exists()


def put_in_a_file(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_text("no folder any more\n")


@pytest.mark.parametrize(
    ("path", "state", "expected"),
    [
        pytest.param("d/a.py", nothing, False, id="deleted"),
        pytest.param("d/a.py", put_in_a_file, False, id="its-folder-is-a-file-now"),
        pytest.param("d/a.py", Path.touch, True, id="there"),
        pytest.param("d/a.py", Path.mkdir, True, id="a-folder-now"),
        pytest.param("d/a.py", link_nowhere, True, id="a-link-to-nowhere"),
        pytest.param("d/a\0.py", lambda _: None, True, id="a-name-that-no-file-has"),
        pytest.param("d/a.pem", nothing, True, id="deleted-with-a-name-of-secrets"),
        pytest.param("d/ignored.py", nothing, True, id="deleted-and-ignored"),
        pytest.param("../a.py", nothing, False, id="beside-the-project"),
    ],
)
def test_withheld(tmp_path: Path, path: str, state: Callable[[Path], None], expected: bool) -> None:
    project = tmp_path / "project"
    (project / "d").mkdir(parents=True)
    (project / ".ccwignore").write_text("ignored.py\n")
    state(project / path)
    assert withheld([path], scope_of(project)) == (frozenset({path}) if expected else frozenset())
