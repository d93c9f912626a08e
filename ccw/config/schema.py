"""The JSON Schema of the config file, made from the models.

`python -m ccw.config.schema > storage-schema.json` writes the committed file anew.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from ccw.config.models import LiteLLMApiConfig

TITLE = "ccw configuration"
DESCRIPTION = (
    "The file .ccw/storage/config/litellm-api-config.json of a project. Keys of providers are "
    "best written as references, ${NAME}; unknown properties are kept."
)


def schema() -> dict[str, Any]:
    """Return the schema with camelCase names; unknown properties are allowed."""
    made = LiteLLMApiConfig.model_json_schema(by_alias=True)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": TITLE,
        "description": DESCRIPTION,
    }
    return {**head, **{name: part for name, part in made.items() if name not in head}}


def schema_text() -> str:
    """Return the schema as the committed file holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
