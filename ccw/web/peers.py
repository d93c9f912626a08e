"""Whether the other end of a connection is on this machine, and another ordinary user's."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from pathlib import Path

from ccw.web.sockdiag import ask_kernel
from ccw.web.sockets import PROC, Address, Entry, find_connection, tables

ROOT = 0
ANY_PORT = 9
READS = 2  # a table that changes while it is read may miss an entry
Ask = Callable[[Address, Address], Entry | None]


def is_of_this_machine(address: str) -> bool:
    """Tell whether a client at *address* runs here: its socket is one that the kernel knows."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.is_loopback or _leads_to_itself(address, str(ip))


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


def _leads_to_itself(address: str, bare: str) -> bool:
    """Only to an own address does the way begin at that very address; nothing is sent."""
    family = socket.AF_INET6 if ":" in bare else socket.AF_INET
    target = address if ":" in bare else bare  # with its zone
    with socket.socket(family, socket.SOCK_DGRAM) as way:
        try:
            way.connect((target, ANY_PORT))
        except OSError:
            return False
        begins: str = way.getsockname()[0]
    return ip_address(begins.partition("%")[0]) == ip_address(bare)
