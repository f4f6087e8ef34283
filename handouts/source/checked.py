"""Turn plain data into a model, and what pydantic says against it into problems with places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from handouts.model.schema import make_schema
from handouts.source.composer import MOST_PROBLEMS, write_path
from handouts.source.shape import Shape, describe, shape_of
from handouts.source.suggest import did_you_mean, shorten

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from handouts.problem import Report
    from handouts.source.composer import KeyPath
    from handouts.source.positioned import Positioned

M = TypeVar("M", bound=BaseModel)

# pydantic's error types, https://docs.pydantic.dev/latest/errors/validation_errors/
_SHAPES = frozenset(
    ("model_type", "model_attributes_type", "dict_type", "tuple_type", "list_type", "string_type")
)
_CODES = {
    "string_too_short": "empty-value",
    "string_too_long": "too-long",
    "too_long": "too-many",
    "too_short": "too-few",
    "string_pattern_mismatch": "bad-format",
    "enum": "not-a-choice",
    "literal_error": "not-a-choice",
    "greater_than_equal": "out-of-range",
    "less_than_equal": "out-of-range",
}
_PREFIXES = {
    "int_": "not-a-number",
    "float_": "not-a-number",
    "date_": "bad-date",
    "url_": "bad-url",
}
_FALLBACK = "bad-value"
_FOUND: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (dict, "a group of keys"),
    ((list, tuple), "a list"),
    (str, "text"),
    ((int, float), "a number"),
)
_SLUG_HINT = "small letters, digits and single hyphens: acute-low-back-pain"
_HINTS = {
    "empty-value": "write a value; a key that need not be there can be left out",
    "too-long": "shorten it, or make two of it",
    "too-many": "leave out the least important ones",
    "not-a-number": "write a whole number in digits",
    "out-of-range": "check the number",
    "bad-date": "write year, month and day: 2026-11-20",
    "bad-url": "write the whole address: https://example.org/video",
}


class _Finding(NamedTuple):
    """One problem before its place is looked up."""

    path: KeyPath
    code: str
    message: str
    hint: str

    def __str__(self) -> str:
        """Return the message behind the part that it is about."""
        about_key = self.code in ("unknown-key", "missing-key")
        where = write_path(self.path[:-1] if about_key else self.path)
        return f"{where}: {self.message}" if where else self.message


def check_model(model: type[M], data: object, source: Positioned, report: Report) -> M | None:
    """Return the data as the model, or None after noting everything that is wrong with it.

    Args:
        model: what the data should be.
        data: the file's data; a caller may have filled in what the file leaves out.
        source: where each part of the data stands, and which parts were complained of already.
        report: gets every problem found, in pydantic's order.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
    root = make_schema(model)
    seen: set[tuple[Any, ...]] = set()
    for detail in details:
        if len(seen) >= MOST_PROBLEMS:
            break
        found = _explain(detail, root, data)
        if found is None or source.is_faulty(found.path) or found[:2] in seen:
            continue
        seen.add(found[:2])
        report.add(found.code, str(found), source.place(found.path), hint=found.hint)
    return None


def _explain(detail: ErrorDetails, root: dict[str, Any], data: object) -> _Finding | None:
    """Return what one of pydantic's errors means; None if it only follows from another one."""
    path, kind = detail["loc"], detail["type"]
    is_key = bool(path) and path[-1] == "[key]"
    if is_key or kind == "extra_forbidden":
        path = path[:-1] if is_key else path
        around = shape_of(root, path[:-1])
        if around.keys or is_key:
            return _unknown_key(path, around)
    path, typed = _nearest(path, root, data)
    shape = shape_of(root, path)
    misshapen = _misshapen(shape, typed)
    if kind == "missing" and isinstance(typed, dict) and not misshapen:
        return _missing_key(detail["loc"], shape_of(root, detail["loc"]))
    if kind == "missing" and isinstance(typed, list):
        return _Finding(path, "too-few", "an entry is missing", "write one more")
    if kind in _SHAPES or misshapen:
        return _wrong_shape(path, shape, typed)
    if (
        kind == "too_short"
        and isinstance(typed, list)
        and len(typed) >= detail["ctx"]["min_length"]
    ):
        return None  # pydantic counts the sound entries only, and has named the others
    code, message, hint = _describe_value(detail, shape, typed)
    return _Finding(path, code, message, hint)


def _nearest(path: KeyPath, root: dict[str, Any], data: Any) -> tuple[KeyPath, Any]:  # noqa: ANN401
    """Return the longest part of the path that a file can have, and its value.

    A validator that reads text (a dose) names parts inside it that stand in no file.
    """
    for length, part in enumerate(path):
        known = part in data if isinstance(data, dict) else False
        if isinstance(data, list) and isinstance(part, int):
            known = part < len(data)
        if not known or _misshapen(shape_of(root, path[:length]), data):
            return path[:length], data
        data = data[part]
    return path, data


def _misshapen(shape: Shape, typed: object) -> bool:
    return bool(shape.kinds) and shape.kinds <= {"string"} and isinstance(typed, (dict, list))


def _unknown_key(path: KeyPath, shape: Shape) -> _Finding:
    typed = shorten(path[-1])
    if not shape.keys:
        return _Finding(path, "bad-slug", f'"{typed}" cannot be a name', _SLUG_HINT)
    known = ", ".join(shape.keys)
    hint = did_you_mean(typed, shape.keys) or f"known here: {known}"
    return _Finding(path, "unknown-key", f'there is no key "{typed}"', hint)


def _missing_key(path: KeyPath, shape: Shape) -> _Finding:
    hint = f"add {describe(str(path[-1]), shape)}"
    return _Finding(path, "missing-key", f'the key "{path[-1]}" is missing', hint)


def _wrong_shape(path: KeyPath, shape: Shape, typed: object) -> _Finding:
    found = next((words for kind, words in _FOUND if isinstance(typed, kind)), "something else")
    message = f"{found} stands where {shape.words or 'something else'} belongs"
    return _Finding(path, "wrong-shape", message, _shape_hint(path, shape, typed))


def _shape_hint(path: KeyPath, shape: Shape, typed: object) -> str:
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    is_item = isinstance(path[-1], int) if path else False
    if "string" in shape.kinds and isinstance(typed, dict) and len(typed) == 1 and is_item:
        first, rest = next(iter(typed.items()))
        if isinstance(rest, str):
            return f'put text with a colon in quotes: "{shorten(f"{first}: {rest}")}"'
    if "string" in shape.kinds and isinstance(typed, (bool, int, float)):
        return f'put it in quotes: "{typed}"'
    if "array" in shape.kinds and isinstance(typed, str) and "string" in shape.items.kinds:
        return f"write {key}: [{shorten(typed)}]"
    if is_item and shape.keys:
        return f'write "- {shape.first_key}: …"'
    return f"write {describe(key, shape)}"


def _describe_value(detail: ErrorDetails, shape: Shape, typed: object) -> tuple[str, str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    if "-" in kind:  # our own; pydantic's are written with underscores
        return kind, shorten(detail["msg"], 200), str(context.get("hint", ""))
    code = _CODES.get(kind) or next(
        (code for prefix, code in _PREFIXES.items() if kind.startswith(prefix)), _FALLBACK
    )
    quoted = f'"{shorten(typed)}"'
    most, least = context.get("max_length"), context.get("min_length")
    choices = ", ".join(shape.choices)
    message = {
        "empty-value": "nothing is written",
        "too-long": f"more than {most} characters",
        "too-many": f"more than {most} entries",
        "too-few": f"fewer than {least} entr{'y' if least == 1 else 'ies'}",
        "not-a-choice": f"{quoted} is none of {choices}",
        "out-of-range": f"{quoted} is too {'large' if 'le' in context else 'small'}",
        "not-a-number": f"{quoted} is not a {'whole ' * kind.startswith('int_')}number",
        "bad-date": f"{quoted} is not a date",
        "bad-url": f"{quoted} is not a web address",
    }.get(code, f"{quoted} is not written as it should be")
    hint = did_you_mean(str(typed), shape.choices) if choices else _HINTS.get(code, "")
    if code == "out-of-range":
        hint = _write_limits(shape_of(shape.root, detail["loc"]), context)
    if kind.startswith("float_"):
        hint = "write it in digits: 30"
    if not hint and shape.examples:
        hint = f'write it like "{shape.examples[0]}"'
    if code == "bad-format" and shape.is_slug:
        code, hint = "bad-slug", _SLUG_HINT
    return code, message, hint


def _write_limits(shape: Shape, context: dict[str, Any]) -> str:
    if shape.limits:
        low, high = shape.limits
        if low == high:
            return "this joint does not go that way: leave it out"
        return f"write a number from {low:g} to {high:g}"
    limit = context.get("le", context.get("ge"))
    return f"write {limit:g} or {'less' if 'le' in context else 'more'}"
