"""Whether the other end of a connection on this machine is another ordinary user's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ccw.web.sockdiag import ask_kernel
from ccw.web.sockets import PROC, Address, Entry, find_connection, tables

ROOT = 0
READS = 2  # a table that changes while it is read may miss an entry
Ask = Callable[[Address, Address], Entry | None]


def is_stranger(
    client: Address, server: Address, own_uid: int, *, ask: Ask = ask_kernel, proc: Path = PROC
) -> bool:
    """Tell whether *client*'s end of a connection to *server* is neither *own_uid*'s nor root's.

    A socket that its process has closed belongs to nobody any more, and the kernel says root: it
    counts as a stranger's, because whose it was cannot be told.
    """
    try:
        entry = ask(client, server)
    except OSError:
        return _by_tables(client, server, own_uid, proc)
    return entry is None or _is_foreign(entry, own_uid)


def _by_tables(client: Address, server: Address, own_uid: int, proc: Path) -> bool:
    """Where the tables do not even show our own end, they tell nothing: nobody is a stranger."""
    texts: list[str] = []
    for _ in range(READS):
        texts = list(tables(proc))
        entry = find_connection(texts, client, server)
        if entry is not None:
            return _is_foreign(entry, own_uid)
    return find_connection(texts, server, client) is not None


def _is_foreign(entry: Entry, own_uid: int) -> bool:
    return entry.inode == 0 or entry.uid not in (own_uid, ROOT)
