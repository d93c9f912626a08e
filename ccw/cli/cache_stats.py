"""`ccw cache stats`: what the calls of a project needed, cost and saved."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ccw.cli.app import camel, json_option, print_json, project_option
from ccw.cli.columns import print_columns
from ccw.history.log import Totals, days_before, totals
from ccw.llm.money import dollars

if TYPE_CHECKING:
    from ccw.history.log import By

HEADER = (
    *("CALLS", "FAILED", "FRESH", "READ", "WRITTEN", "OUT", "LOCAL HITS", "PROVIDER CACHE"),
    *("COST", "SAVED"),
)


@click.command()
@click.option(
    "--days", metavar="N", type=click.IntRange(1, 36_500), help="Only the last N days, with today."
)
@click.option(
    "--by",
    type=click.Choice(["day", "endpoint", "model"]),
    default="day",
    show_default=True,
    help="What the calls are grouped by.",
)
@json_option
@project_option
def stats(*, days: int | None, by: By, as_json: bool, project: Path) -> None:
    """Sum up the calls of the project: tokens, hits, cost and what the caches saved.

    FRESH, READ and WRITTEN are input tokens as the provider billed them, SAVED is what its cache
    spared against no cache. Days are in UTC.
    """
    since = days_before(time.time(), days) if days else ""
    groups = totals(project, by, since=since)
    if as_json:
        *parts, whole = map(_plain, groups)
        print_json({"by": by, "days": days, "groups": parts, "total": whole})
    else:
        named = (*groups[:-1], dataclasses.replace(groups[-1], key="total"))
        print_columns((by.upper(), *HEADER), map(_row, named), stacked=True)


def _plain(group: Totals) -> dict[str, Any]:
    plain = dataclasses.asdict(group)
    if not group.key:
        del plain["key"]
    return {**camel(plain), "providerCacheShare": group.provider_cache_share}


def _row(group: Totals) -> tuple[str, ...]:
    tokens = (group.input, group.cache_read, group.cache_write, group.output)
    counted = group.calls - group.unknown_tokens
    share = group.provider_cache_share
    return (
        group.key,
        str(group.calls),
        str(group.failed),
        *(f"{n:,}" if counted or not group.calls else "unknown" for n in tokens),
        f"{group.local_hits} of {group.packed}",
        "" if share is None else f"{share:.0%}",
        _money(group.cost, group.unknown_cost),
        _money(group.saved, group.unknown_saved),
    )


def _money(amount: float | None, unknown: int) -> str:
    if amount is None:
        return f"unknown ({unknown})"
    return dollars(amount, places=4) + (f" + {unknown} unknown" if unknown else "")
