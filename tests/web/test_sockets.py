"""Whose the other end of a connection is, from the kernel's tables."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from ccw.web.peers import Ask, is_of_this_machine, is_stranger
from ccw.web.sockdiag import ask_kernel
from ccw.web.sockets import Entry, find_connection, find_listener, listener_name
from tests.web.apis import API, running

CLIENT, SERVER = ("127.0.0.1", 40000), ("127.0.0.1", 3000)
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  inode\n"
LISTENER = (
    "   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 77 1\n"
)
OUR_END = (
    "   1: 0100007F:0BB8 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000 0 78 1\n"
)
ROW = "   2: {client} {server} 01 00000000:00000000 00:00000000 00000000 {uid:5d} 0 {inode} 1\n"
THEIR_END = {"client": "0100007F:9C40", "server": "0100007F:0BB8"}
MAPPED = "0000000000000000FFFF00000100007F"
TOKEN = "a-token-of-the-test"
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads Linux's /proc")
LITTLE = pytest.mark.skipif(sys.byteorder != "little", reason="the tables are of such a machine")


def silent(*_ends: object) -> Entry | None:
    """A kernel that does not know the question."""
    raise OSError(errno.EPROTONOSUPPORT, "no such protocol")


def by_tables(proc: Path) -> bool:
    """What the tables alone say of a connection, for user 1000."""
    return is_stranger(CLIENT, SERVER, 1000, ask=silent, proc=proc)


def proc_with(tmp_path: Path, tcp: str, tcp6: str = HEAD) -> Path:
    """A folder like /proc with these tables."""
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tcp").write_text(tcp)
    (tmp_path / "net" / "tcp6").write_text(tcp6)
    return tmp_path


@LITTLE
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param({"uid": 1000, "inode": 5}, False, id="own"),
        pytest.param({"uid": 0, "inode": 5}, False, id="root"),
        pytest.param({"uid": 1001, "inode": 5}, True, id="another-user"),
        pytest.param({"uid": 0, "inode": 0}, True, id="closed-by-whom-is-not-known"),
        pytest.param({"uid": 1000, "inode": 0}, True, id="closed"),
    ],
)
def test_the_owner_decides(tmp_path: Path, row: dict[str, int], expected: bool) -> None:
    table = HEAD + LISTENER + OUR_END + ROW.format(**THEIR_END, **row)
    assert by_tables(proc_with(tmp_path, table)) is expected
    owner = Entry(row["uid"], row["inode"])
    assert is_stranger(CLIENT, SERVER, 1000, ask=lambda *_: owner) is expected


@LITTLE
def test_an_ipv4_connection_may_stand_in_the_table_of_ipv6(tmp_path: Path) -> None:
    row = ROW.format(client=f"{MAPPED}:9C40", server=f"{MAPPED}:0BB8", uid=1001, inode=5)
    proc = proc_with(tmp_path, HEAD + OUR_END, HEAD + row)
    assert by_tables(proc)
    assert is_stranger(("::ffff:127.0.0.1", 40000), SERVER, 1000, ask=silent, proc=proc)


@LITTLE
def test_a_missing_end_is_a_strangers_where_the_tables_show_ours(tmp_path: Path) -> None:
    assert by_tables(proc_with(tmp_path, HEAD + LISTENER + OUR_END))


@pytest.mark.parametrize("tcp", ["", HEAD, "rubbish\nmore rubbish\n"])
def test_tables_that_tell_nothing(tmp_path: Path, tcp: str) -> None:
    assert not by_tables(proc_with(tmp_path, tcp))


def test_no_tables_at_all(tmp_path: Path) -> None:
    assert not by_tables(tmp_path)


def test_a_connection_that_the_kernel_does_not_know() -> None:
    assert is_stranger(CLIENT, SERVER, 1000, ask=lambda *_: None)


@LITTLE
def test_ipv6_addresses() -> None:
    local = "00000000000000000000000001000000"
    row = ROW.format(client=f"{local}:9C40", server=f"{local}:0BB8", uid=7, inode=5)
    assert find_connection([HEAD + row], ("::1", 40000), ("::1", 3000)) == Entry(7, 5)
    assert find_connection([HEAD + row], ("::1", 40001), ("::1", 3000)) is None


def test_a_listener_by_its_port() -> None:
    assert find_listener([HEAD + OUR_END + LISTENER], 3000) == Entry(1000, 77)
    assert find_listener([HEAD + OUR_END], 3000) is None


@LINUX
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("ask", [ask_kernel, silent], ids=["kernel", "tables"])
def test_a_real_connection(host: str, ask: Ask) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    uid = os.getuid()
    with socket.create_server((host, 0), family=family) as server:
        assert f"(process {os.getpid()})" in listener_name(server.getsockname()[1])
        with socket.create_connection(server.getsockname()[:2]) as client:
            ends = client.getsockname()[:2], client.getpeername()[:2]
            assert not is_stranger(*ends, uid, ask=ask)
            assert is_stranger(*ends, uid + 1, ask=ask) is (uid != 0)
        taken, _ = server.accept()
        with taken:
            assert is_stranger(*ends, uid, ask=ask)


def own_address() -> str:
    """An address of this machine that others could reach it at; loopback where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(("198.51.100.7", 9))
        except OSError:
            return "127.0.0.1"
        return str(way.getsockname()[0])


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        (own_address(), True),
        (f"::ffff:{own_address()}", True),
        ("198.51.100.7", False),
        ("::ffff:198.51.100.7", False),
        ("2001:db8::7", False),
        ("fe80::7%lo", False),
    ],
)
def test_which_clients_are_on_this_machine(address: str, expected: bool) -> None:
    assert is_of_this_machine(address) is expected


@LINUX
def test_an_ipv4_client_of_an_ipv6_socket() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.socket(socket.AF_INET6) as client:
            client.connect(("::ffff:127.0.0.1", port))
            ends = ("127.0.0.1", client.getsockname()[1]), ("127.0.0.1", port)
            assert not is_stranger(*ends, os.getuid())


AS_ANOTHER = """\
import encodings.idna, os, socket, sys  # before the modules are out of reach
os.setgid(65534); os.setuid(65534)
host = (sys.argv[4:] or ["127.0.0.1"])[0]
client = socket.create_connection((host, int(sys.argv[1])), timeout=20)
client.sendall(sys.argv[2].encode())
if sys.argv[3] == "leave":
    sys.exit()
sys.stdout.buffer.write(b"".join(iter(lambda: client.recv(65536), b"")))
"""


@LINUX
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_another_user_is_refused_and_saves_nothing(project: Path) -> None:
    body = '{"type": "openai", "id": "evil"}'
    with running(project) as server:
        post = (
            f"POST {API}/providers HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
            "Content-Type: application/json\r\nConnection: close\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        for then in ("stay", "leave"):
            done = subprocess.run(
                [sys.executable, "-c", AS_ANOTHER, str(server.port), post, then],
                capture_output=True,
                text=True,
                check=True,
            )
            assert then == "leave" or done.stdout.startswith("HTTP/1.1 403 ")
            assert then == "leave" or "-H 'Authorization: Bearer TOKEN'" in done.stdout
        with server.client() as client:
            assert client.get(f"{API}/providers").json()["count"] == 0


@LINUX
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_another_user_is_served_by_the_token_never_by_a_cookie(project: Path, host: str) -> None:
    address = own_address() if host == "0.0.0.0" else host
    with running(project, "--host", host, CCW_TOKEN=TOKEN) as server:
        url = f"http://{address}:{server.port}"
        with httpx.Client(base_url=url, trust_env=False) as page:
            assert page.post("/api/session", json={"token": TOKEN}).status_code == 200
            cookie = "; ".join(f"{name}={value}" for name, value in page.cookies.items())
            assert page.get(f"{API}/providers").status_code == 200
        for header, status in ((f"Authorization: Bearer {TOKEN}", 200), (f"Cookie: {cookie}", 401)):
            get = (
                f"GET {API}/providers HTTP/1.1\r\nHost: {address}:{server.port}\r\n"
                f"{header}\r\nConnection: close\r\n\r\n"
            )
            done = subprocess.run(
                [sys.executable, "-c", AS_ANOTHER, str(server.port), get, "stay", address],
                capture_output=True,
                text=True,
                check=True,
            )
            assert done.stdout.startswith(f"HTTP/1.1 {status} ")
