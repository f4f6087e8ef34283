"""Turn plain strings into the checked building blocks of every model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
)

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

# Caps keep one mistyped field from making a thousand pages; they are far above any real text.
SLUG_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN, min_length=1, max_length=64)]
# Text that was folded over several lines in the file is still one line on paper.
Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(lambda text: re.sub(r"[ \t\r\n]+", " ", text)),
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Lines = Annotated[tuple[Text, ...], Field(max_length=40)]


class Frozen(BaseModel):
    """A value that never changes and has no key that is not named here."""

    # What is said of a field goes into schemas only: pydantic would search the code for it at
    # every start, which takes 30 ms. model/schema.py does when somebody asks.
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def from_number(value: Any) -> Any:  # noqa: ANN401  pydantic hands over what was typed
    """Return a bare number as the mapping that it is short for."""
    return value if isinstance(value, (dict, BaseModel)) else {"flexion": value}


class NumberOrMapping:
    """Describes to editors that a bare number is the flexion."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the schema of a number or of the mapping."""
        return {"anyOf": [{"type": "number"}, handler(schema)]}


class SlugOrMapping:
    """Describes to editors that a bare slug may stand for the mapping."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the schema of a slug or of the mapping."""
        return {"anyOf": [{"type": "string", "pattern": SLUG_PATTERN}, handler(schema)]}
