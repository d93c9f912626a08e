"""The JSON Schema of the config file, made from the models.

`python -m ccw.config.schema > storage-schema.json` writes the committed file anew.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from ccw.config.models import LiteLLMApiConfig

TITLE = "ccw configuration"
DESCRIPTION = (
    "The file .ccw/storage/config/litellm-api-config.json of a project, or below ~/.ccw the file "
    "config/litellm-api-config.json for all projects of a user. Keys of providers are best "
    "written as references, ${NAME}; unknown properties are kept."
)


class _Untitled(GenerateJsonSchema):
    """Without a title per field: pydantic's would be "Maxtotalsizemb"."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002
        return False


def schema() -> dict[str, Any]:
    """Return the schema with camelCase names; unknown properties are allowed."""
    made = LiteLLMApiConfig.model_json_schema(by_alias=True, schema_generator=_Untitled)
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
