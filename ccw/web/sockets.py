"""Who owns a socket of this machine, as Linux tells it in `/proc`; elsewhere nobody knows."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

PROC = Path("/proc")
_LISTENING = "0A"
_LOCAL, _REMOTE, _STATE, _UID, _INODE = 1, 2, 3, 7, 9  # columns of /proc/net/tcp
Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """A socket: the user it belongs to; `inode` 0 means that its process has closed it."""

    uid: int
    inode: int


def find_connection(texts: Iterable[str], client: Address, server: Address) -> Entry | None:
    """Return the socket at *client*'s end of a connection to *server*."""
    pairs = {(left, right) for left in _hex(client) for right in _hex(server)}
    rows = _rows(texts)
    return next((_entry(row) for row in rows if (row[_LOCAL], row[_REMOTE]) in pairs), None)


def find_listener(texts: Iterable[str], port: int) -> Entry | None:
    """Return the socket that listens at *port*."""
    wanted = f":{port:04X}"
    rows = (row for row in _rows(texts) if row[_STATE] == _LISTENING)
    return next((_entry(row) for row in rows if row[_LOCAL].endswith(wanted)), None)


def listener_name(port: int, proc: Path = PROC) -> str:
    """Return which process listens at *port*, in words."""
    entry = find_listener(tables(proc), port)
    if entry is None:
        return "another process"
    for pid, name in _holders(entry.inode, proc):
        return f"{name} (process {pid})"
    return f"a process of user {entry.uid}"


def tables(proc: Path = PROC) -> Iterator[str]:
    """Yield the tables of connections, as far as there are any."""
    for name in ("tcp", "tcp6"):
        try:
            yield (proc / "net" / name).read_text()
        except OSError:
            continue


def _rows(texts: Iterable[str]) -> Iterator[list[str]]:
    for text in texts:
        for line in text.splitlines()[1:]:
            row = line.split()
            if len(row) > _INODE:
                yield row


def _entry(row: list[str]) -> Entry:
    return Entry(int(row[_UID]), int(row[_INODE]))


def _hex(address: Address) -> list[str]:
    """Return *address* as the tables may write it: an IPv4 one also as IPv6."""
    ip = ip_address(address[0].partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    forms: list[IPv4Address | IPv6Address] = [ip]
    if isinstance(ip, IPv4Address):
        forms.append(IPv6Address(f"::ffff:{ip}"))
    return [f"{_words(form.packed)}:{address[1]:04X}" for form in forms]


def _words(packed: bytes) -> str:
    """Return the bytes of an address as words of the machine, which is how the kernel prints."""
    words = (packed[start : start + 4] for start in range(0, len(packed), 4))
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)


def _holders(inode: int, proc: Path) -> Iterator[tuple[int, str]]:
    """Yield the processes that hold a socket, as far as this user may look."""
    target = f"socket:[{inode}]"
    for folder in proc.glob("[0-9]*"):
        if any(_link(path) == target for path in _files(folder / "fd")):
            yield int(folder.name), _name(folder)


def _files(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # another user's, or gone
        return []


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""


def _name(folder: Path) -> str:
    try:
        return (folder / "comm").read_text().strip()
    except OSError:
        return "a process"
