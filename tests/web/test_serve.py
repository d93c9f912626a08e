"""`ccw serve` as a process: where it listens, what it refuses, how it ends, what it imports."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ccw.cli.main import cli
from tests.canary import family, read
from tests.web.apis import API, environ, running

TOKEN = "a-token-of-the-test"


def refused(*arguments: str) -> Result:
    """Run the command within this process; it must not come to listening."""
    return CliRunner().invoke(cli, ["serve", "--no-open", *arguments])


def test_the_address_is_told_and_answers(project: Path) -> None:
    with running(project) as server:
        assert server.log == (
            f"ccw serves {project} at http://127.0.0.1:{server.port} (Ctrl-C ends it)\n"
        )
        with server.client() as client:
            assert client.get(f"{API}/config").status_code == 200
            localhost = client.get(f"http://localhost:{server.port}{API}/config")
            assert localhost.status_code == 200
            assert client.get("/api", headers={"Host": "evil.example"}).status_code == 403


def test_view_is_the_same() -> None:
    served, viewed = (
        CliRunner().invoke(cli, [name, "--help"]).output for name in ("serve", "view")
    )
    assert served.replace("serve [OPTIONS]", "view [OPTIONS]") == viewed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_well_and_at_once(project: Path, number: signal.Signals) -> None:
    with running(project) as server, server.client() as client:
        client.get(f"{API}/config")
        began = time.monotonic()
        server.process.send_signal(number)
        assert server.process.wait(20) == 0
        assert time.monotonic() - began < 3
    assert server.log.count("\n") == 1


def test_a_port_in_use_says_by_whom_and_offers_another(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = refused("--port", str(port), "--project", str(project))
    assert result.exit_code == 2
    message = result.stderr
    assert message.startswith(f"ccw: port {port} is in use by ")
    if sys.platform.startswith("linux"):
        assert "(process " in message
    offered = int(message.rstrip().rpartition("--port ")[2])
    assert port < offered <= port + 100


def test_the_offered_port_is_free(project: Path) -> None:
    with running(project) as first:
        result = refused("--port", str(first.port), "--project", str(project))
        offered = result.stderr.rstrip().rpartition("--port ")[2]
        with running(project, port=int(offered)) as second, second.client() as client:
            assert client.get(f"{API}/config").status_code == 200


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--host", "0.0.0.0"], "add --token", id="all-addresses"),
        pytest.param(["--host", "::"], "add --token", id="all-ipv6"),
        pytest.param(["--host", "192.168.0.7"], "add --token", id="an-address"),
        pytest.param(["--host", "box.lan"], "add --token", id="a-name"),
        pytest.param(["--host", "0.0.0.0", "--token", "short"], "guessed", id="short-token"),
        pytest.param(["--token", "a"], "guessed", id="short-token-on-loopback"),
        pytest.param(["--token", "not printable \n"], "printable", id="impossible-token"),
        pytest.param(["--host", "127.0.0.1.", "--token", TOKEN], "no such address", id="no-host"),
        pytest.param(["--host", "198.51.100.7", "--token", TOKEN], "cannot listen", id="not-ours"),
        pytest.param(["--port", "70000"], "--port", id="no-port"),
        pytest.param(["--project", "/nowhere/at/all"], "no such folder", id="no-project"),
    ],
)
def test_refuses_to_start(arguments: list[str], message: str) -> None:
    result = refused(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


@pytest.mark.parametrize("token", ["t\u00f6k\u00e9n-of-the-test", " spaces-around-it "])
def test_a_token_that_no_header_carries(token: str) -> None:
    result = CliRunner().invoke(cli, ["serve", "--no-open"], env={"CCW_TOKEN": token})
    assert result.exit_code == 2
    assert "CCW_TOKEN takes printable ASCII" in result.stderr
    assert token not in result.stderr


@pytest.mark.parametrize("arguments", [[], ["--host", "0.0.0.0"]], ids=["loopback", "everywhere"])
def test_a_token_from_the_environment(project: Path, arguments: list[str]) -> None:
    with running(project, *arguments, CCW_TOKEN=TOKEN) as server, server.client() as client:
        assert client.get(f"{API}/config").status_code == 401
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        assert client.get(f"{API}/config", headers=bearer).status_code == 200
        seen = b"".join(read(Path(f"/proc/{pid}/cmdline")) for pid in family(server.process.pid))
        assert TOKEN.encode() not in seen
    assert TOKEN not in server.log
    assert "/#token=YOUR_TOKEN" in server.log


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_other_machines_are_told_an_address(project: Path, host: str) -> None:
    with running(project, "--host", host, CCW_TOKEN=TOKEN) as server, server.client() as client:
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        assert client.get(f"{API}/config", headers=bearer).status_code == 200
        told = re.search(r"from other machines: (http://[^/ ]+)/#token=YOUR_TOKEN\n", server.log)
        assert told, server.log
        assert "127.0.0.1" not in told[1]
        assert client.get(f"{told[1]}{API}/config", headers=bearer).status_code == 200


def test_a_short_token_from_the_environment() -> None:
    result = CliRunner().invoke(cli, ["serve", "--no-open"], env={"CCW_TOKEN": "sh0rt"})
    assert result.exit_code == 2
    assert "guessed" in result.stderr
    assert "sh0rt" not in result.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_the_open_network_is_told_of(project: Path, host: str) -> None:
    with running(project, "--host", host, CCW_TOKEN=TOKEN) as server:
        assert ("unencrypted" in server.log) is (host == "0.0.0.0")


def test_a_token_is_made_on_demand(project: Path) -> None:
    with running(project, "--token") as server, server.client() as client:
        token = server.log.partition("/#token=")[2].partition(" ")[0]
        assert len(token) >= 40
        bearer = {"Authorization": f"Bearer {token}"}
        assert client.get(f"{API}/config", headers=bearer).status_code == 200
        assert client.get(f"{API}/config").status_code == 401


def test_a_reference_cannot_name_the_token(shop: Path) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    with running(shop, CCW_TOKEN=TOKEN) as server, server.client(headers=bearer) as client:
        patch = {"apiKey": "${CCW_TOKEN}"}
        assert client.put(f"{API}/providers/loop", json=patch).status_code == 200
        answer = client.post("/api/cli/execute", json={"prompt": "hi"})
        assert answer.status_code == 422
        assert "CCW_TOKEN" in answer.json()["error"]["message"]
        assert TOKEN not in answer.text


WITHOUT_LITELLM = """\
import sys
from pathlib import Path
from fastapi.testclient import TestClient
from ccw.web.serving import ServeSettings, create_app
api = TestClient(create_app(ServeSettings(Path(sys.argv[1]))), base_url="http://localhost:3000")
for route in ("config", "providers", "endpoints"):
    assert api.get("/api/litellm-api/" + route).status_code == 200
print(*sorted({"litellm", "openai", "diskcache", "tiktoken"} & set(sys.modules)))
"""


def test_reading_imports_nothing_heavy(project: Path) -> None:
    command = [sys.executable, "-c", WITHOUT_LITELLM, str(project)]
    done = subprocess.run(command, capture_output=True, text=True, env=environ(), check=True)
    assert done.stdout.split() == []
