"""Whatever stands in the URL where an id is expected is answered, never with a crash."""

from __future__ import annotations

from urllib.parse import quote_from_bytes

from fastapi.testclient import TestClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.web.apis import API

PLACES = (
    ("GET", "providers/{}"),
    ("PUT", "providers/{}"),
    ("DELETE", "providers/{}"),
    ("GET", "endpoints/{}"),
    ("PUT", "endpoints/{}"),
    ("DELETE", "endpoints/{}"),
    ("GET", "providers/{}/models"),
    ("POST", "providers/{}/test"),
    ("GET", "cache/sessions/{}"),
    ("DELETE", "cache/sessions/{}"),
)
IDS = st.binary(min_size=1, max_size=20) | st.text(min_size=1, max_size=20).map(
    lambda text: text.encode("utf-8", "surrogatepass")
)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(PLACES), name=IDS)
@example(place=PLACES[0], name=b"x" * 20_000)
@example(place=PLACES[8], name=b"../../../etc/passwd")
@example(place=PLACES[8], name=b"ctx-\x00")
def test_any_id(api: TestClient, place: tuple[str, str], name: bytes) -> None:
    method, path = place
    body = {"json": {"name": "X"}} if method == "PUT" else {}
    answer = api.request(method, f"{API}/{path.format(quote_from_bytes(name, safe=''))}", **body)
    assert answer.status_code in (404, 405, 422)
    assert set(answer.json()) == {"error"}
