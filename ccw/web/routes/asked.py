"""What the routes read of a request, as types for their parameters."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body, Header, Query
from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from ccw.config.json_values import has_half_character

Patch = Annotated[dict[str, Any], Body()]
IfMatch = Annotated[str | None, Header(description="The ETag of what is to be changed.")]
OfUser = Annotated[bool, Query(description="Change the user's own file, not the project's.")]
OfAnyType = Annotated[
    bool, Query(alias="anyType", description="Take a type that neither ccw nor litellm knows.")
]


class Asked(BaseModel):
    """The body of a request that is no patch: its fields in camelCase, and no others."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        allow_inf_nan=False,
        extra="forbid",
        hide_input_in_errors=True,
        populate_by_name=True,
        strict=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _whole_characters(cls, data: Any) -> Any:
        if has_half_character(data):
            raise PydanticCustomError("half_character", "expected texts without lone surrogates")
        return data
