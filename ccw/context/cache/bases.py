"""What a receiver was really sent last of the same files: only on that may an overlay be laid.

A row `b:<base key>` tells which session that was and where its copies stand. It is written when an
answer has come, so that nothing goes out again that did not go out before, to the same receiver.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple

from ccw.context.cache.entries import digest_of, session_id_of
from ccw.context.pack.assemble import PackedFile
from ccw.context.pack.layouts import Copy, Earlier

if TYPE_CHECKING:
    from ccw.context.cache.disk import Store
    from ccw.context.session import PackedContext


@dataclass(frozen=True, slots=True)
class Sent:
    """A pack that was sent, without its content, whose SHA-256 is `digest`; places in bytes."""

    digest: str
    copies: tuple[Copy, ...]
    prefix_bytes: int
    cuts: tuple[int, ...] = ()
    marks: tuple[int, ...] = ()

    def to_json(self) -> bytes:
        """Return it as ASCII; surrogates of undecodable names survive."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps(plain, separators=(",", ":")).encode("ascii")


class Base(NamedTuple):
    """What the next overlay for the same receiver is laid on, and its session."""

    session_id: str
    earlier: Earlier


def sent_of(packed: PackedContext) -> Sent:
    """Return what is to be known of *packed* once it was sent."""
    copies = sorted(_copies((*packed.files, *packed.superseded)), key=lambda copy: copy.offset)
    return Sent(
        *(digest_of(packed.content), tuple(copies), packed.prefix_bytes),
        *(packed.cuts, packed.marks),
    )


def from_json(data: object) -> Sent | None:
    """Return what is in *data*, or None when ccw has not written it so."""
    try:
        plain = json.loads(data) if isinstance(data, bytes) else {}
        copies = tuple(Copy(*item) for item in plain["copies"])
        cuts, marks = tuple(plain["cuts"]), tuple(plain["marks"])
        sent = Sent(plain["digest"], copies, plain["prefix_bytes"], cuts, marks)
    except (ValueError, TypeError, KeyError):
        return None
    return sent if _is_sound(sent) else None


def base(store: Store, key: str, now: float) -> Base | None:
    """Return what was sent under *key*; without its whole content it is none."""
    name = f"b:{key}"
    with store.transact():
        sent = from_json(store.get(name))
        session_id = session_id_of(sent.digest) if sent else ""
        found = store.get(f"s:{session_id}") if sent else None
    if sent is None or not isinstance(found, bytes) or digest_of(found) != sent.digest:
        store.delete(name)
        return None
    if (store.expires(name) or 0) <= now:
        return None
    places = (sent.prefix_bytes, sent.cuts, sent.marks)
    return Base(session_id, Earlier(found, sent.copies, *places, sent=True))


def keep_base(store: Store, key: str, sent: Sent, until: float) -> None:
    """Note that *sent* was sent under *key*, and let its content be known *until* then."""
    with store.transact():
        store.keep_until(f"b:{key}", sent.to_json(), until)
        store.prolong((f"s:{session_id_of(sent.digest)}",), until)
        store.trim()


def _copies(files: Iterable[PackedFile]) -> Iterable[Copy]:
    return (Copy(file.path, file.offset, file.bytes) for file in files)


def _is_sound(sent: Sent) -> bool:
    """Tell whether the values have the types that ccw writes: the row may be anybody's."""
    texts = [sent.digest, *(copy.path for copy in sent.copies)]
    numbers = [sent.prefix_bytes, *sent.cuts, *sent.marks]
    numbers += [number for copy in sent.copies for number in copy[1:]]
    return (
        {str}.issuperset(map(type, texts))
        and {int}.issuperset(map(type, numbers))
        and min(numbers) >= 0
    )
