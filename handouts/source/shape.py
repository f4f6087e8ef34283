"""Turn a path in a file into what belongs there, as the model's JSON Schema has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handouts.source.composer import KeyPath

_WORDS = {
    "string": "text",
    "array": "a list",
    "object": "a group of keys",
    "integer": "a whole number",
    "boolean": "true or false",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What belongs at one place: every alternative that the schema allows there."""

    root: dict[str, Any]
    alternatives: tuple[dict[str, Any], ...]

    @property
    def kinds(self) -> set[str]:
        """JSON types: string, array, object, integer."""
        return {str(schema["type"]) for schema in self.alternatives if "type" in schema}

    @property
    def words(self) -> str:
        """The same in words: ``text or a group of keys``."""
        return " or ".join(word for kind, word in _WORDS.items() if kind in self.kinds)

    @property
    def keys(self) -> list[str]:
        """Keys that a mapping may have here; empty when any word may be one."""
        keys = [key for schema in self.alternatives for key in schema.get("properties", {})]
        names = [
            schema["propertyNames"] for schema in self.alternatives if "propertyNames" in schema
        ]
        for name in names:
            keys += [
                str(key) for schema in _spread(self.root, name) for key in schema.get("enum", ())
            ]
        return keys

    @property
    def required(self) -> list[str]:
        """Keys that a mapping must have here."""
        return [key for schema in self.alternatives for key in schema.get("required", ())]

    @property
    def choices(self) -> list[str]:
        """The words that may stand here; empty when any may."""
        return [
            str(word)
            for schema in self.alternatives
            for word in schema.get("enum", [schema["const"]] if "const" in schema else [])
        ]

    @property
    def examples(self) -> list[str]:
        """What may be written here, by the model's own examples."""
        return [str(text) for schema in self.alternatives for text in schema.get("examples", ())]

    @property
    def limits(self) -> tuple[float, float] | None:
        """The least and the most that a number may be here, where it has both."""
        for schema in self.alternatives:
            if "minimum" in schema and "maximum" in schema:
                return schema["minimum"], schema["maximum"]
        return None

    @property
    def first_key(self) -> str:
        """The key that a mapping here begins with."""
        return next(iter([*self.required, *self.keys]), "key")

    @property
    def items(self) -> Shape:
        """What each entry of a list is."""
        return self.inside(0)

    @property
    def is_slug(self) -> bool:
        """Whether a slug belongs here."""
        from handouts.model.base import SLUG_PATTERN

        return any(schema.get("pattern") == SLUG_PATTERN for schema in self.alternatives)

    def inside(self, part: str | int) -> Shape:
        """Return what belongs at a key or list position inside this place."""
        found: list[dict[str, Any]] = []
        for schema in self.alternatives:
            if isinstance(part, int):
                inner = schema.get("items")
            else:
                inner = schema.get("properties", {}).get(part) or _any_key(schema)
            if isinstance(inner, dict):
                found += _spread(self.root, inner)
        return Shape(self.root, tuple(found))


def shape_of(root: dict[str, Any], path: KeyPath) -> Shape:
    """Return what belongs at the path; a shape without alternatives where nothing does."""
    shape = Shape(root, tuple(_spread(root, root)))
    for part in path:
        shape = shape.inside(part)
    return shape


def describe(key: str, shape: Shape) -> str:
    """Return how the key is written: ``"name: …"``, or with its list or its keys begun."""
    kinds = shape.kinds
    choices = shape.choices
    value = "…"
    if shape.examples:
        value = shape.examples[0]
    elif choices:
        return f'"{key}: {choices[0]}" (or {", ".join(choices[1:])})'
    elif "array" in kinds and "string" in shape.items.kinds:
        value = "[one, two]"
    elif "array" in kinds:
        return f'"{key}:" and under it "  - {shape.items.first_key}: …"'
    elif "object" in kinds:
        return f'"{key}:" and under it "  {shape.first_key}: …"'
    return f'"{key}: {value}"'


def _any_key(schema: dict[str, Any]) -> Any:  # noqa: ANN401  a schema or a boolean
    """Return what belongs at a key that has no entry of its own."""
    patterns = schema.get("patternProperties", {}).values()
    return next(iter(patterns), schema.get("additionalProperties"))


def _spread(root: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the alternatives of a schema with its references followed, without ``null``."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        yield from _spread(root, root["$defs"][name])
    elif "anyOf" in schema:
        for alternative in schema["anyOf"]:
            yield from _spread(root, alternative)
    elif schema.get("type") != "null":
        yield schema
