"""What warming may cost in all: it is refused, or ends, before it costs more."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from ccw.errors import CostExceeded, UsageError
from ccw.warming import warm
from tests.projects import write_files
from tests.servers.any_wire import any_server
from tests.servers.loopback import Server
from tests.warming import FILES, Time, configure, environ, planned


@pytest.fixture
def server() -> Iterator[Server]:
    with any_server() as running:
        yield running


@pytest.fixture
def project(project: Path) -> Path:
    """A project with files of some 2,000 tokens."""
    write_files(project, FILES)
    return project


def test_all_sendings_cost_at_most_what_is_allowed(project: Path, server: Server) -> None:
    configure(project, server)
    total = planned(project).total(900)
    assert total is not None
    time = Time()
    results = warm(
        planned(project, max_cost=total), 900, environ=environ(), clock=time, sleep=time.sleep
    )
    assert [result.success for result in results] == [True] * 4
    short = warm(planned(project, max_cost=total * 0.99), 900, environ=environ())
    with pytest.raises(CostExceeded, match=r"may cost up to \$.* in all, more than --max-cost"):
        next(short)
    assert len(server.posts) == 4


def test_files_that_grow_end_it_where_they_cost_too_much(project: Path, server: Server) -> None:
    configure(project, server)
    total, time = planned(project).total(900), Time()
    results = warm(
        planned(project, max_cost=total), 900, environ=environ(), clock=time, sleep=time.sleep
    )
    assert next(results).success
    (project / "a.txt").write_text("word\n" * 9000)
    (last,) = results
    assert (last.success, last.exit_code, last.error_type) == (False, 7, "cost_exceeded")
    assert last.error is not None
    assert " are spent: this call may cost up to $" in last.error
    assert len(server.posts) == 1


def test_one_sending_that_costs_too_much(project: Path, server: Server) -> None:
    configure(project, server)
    with pytest.raises(CostExceeded, match=r"this call may cost up to \$"):
        planned(project, max_cost=0.001)
    bound = planned(project).bound
    assert bound is not None
    with pytest.raises(CostExceeded, match=r"may cost up to \$"):  # written at twice the price
        next(warm(planned(project, max_cost=bound * 0.9), environ=environ()))
    assert server.posts == []


@pytest.mark.parametrize("amount", [-1.0, math.inf, math.nan])
def test_an_amount_that_is_none(project: Path, server: Server, amount: float) -> None:
    configure(project, server)
    with pytest.raises(UsageError, match="an amount in USD"):
        planned(project, max_cost=amount)


@pytest.mark.parametrize("kind", ["custom", "openai"])
def test_an_unknown_price_may_cost_too_much(project: Path, server: Server, kind: str) -> None:
    model = {"model": "gpt-unheard-of"} if kind == "openai" else {}
    configure(project, server, kind, priced=False, **model)
    with pytest.raises(CostExceeded, match=r"the price of .* is unknown; .*write its inputCo"):
        planned(project, max_cost=5.0)
