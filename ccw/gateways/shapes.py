"""Model lists and test results as JSON: camelCase, times in ISO 8601, nothing that is a key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic.alias_generators import to_camel

from ccw.gateways.models import ModelList
from ccw.gateways.testing import CheckResult
from ccw.llm.gateway.details import ModelDetails
from ccw.moments import moment


def shape_of_model(model: ModelDetails) -> dict[str, Any]:
    """Return one model; what is unknown is null."""
    return _camel(asdict(model))


def shape_of_list(listed: ModelList) -> dict[str, Any]:
    """Return a list with its models, their number, and how old and how sure it is."""
    fetched = listed.fetched_at
    return {
        "provider": listed.provider,
        "type": listed.type,
        "models": [shape_of_model(model) for model in listed.models],
        "count": len(listed.models),
        "source": listed.source,
        "fetchedAt": None if fetched is None else moment(fetched),
        "age": None if listed.age is None else round(listed.age, 1),
        "stale": listed.stale,
        "skipped": listed.skipped,
        "error": listed.error,
    }


def shape_of_check(result: CheckResult) -> dict[str, Any]:
    """Return what came of a test."""
    return {
        "success": result.success,
        "provider": result.provider,
        "models": [shape_of_model(model) for model in result.models],
        "count": len(result.models),
        "latencyMs": result.latency_ms,
        "error": result.error,
        "kind": result.kind,
        "status": result.status,
        "note": result.note,
        "keys": [_camel(asdict(key)) for key in result.keys],
    }


def _camel(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {to_camel(name): value for name, value in fields.items()}
