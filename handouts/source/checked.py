"""Turn plain data into a model, and what pydantic says against it into problems with places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from handouts.model.schema import make_schema
from handouts.source.positioned import MOST_PROBLEMS
from handouts.source.shape import Shape, describe, shape_of
from handouts.source.suggest import did_you_mean, shorten

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from handouts.problem import Report
    from handouts.source.positioned import Path, Positioned

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
_PREFIXES = {"int_": "not-a-number", "date_": "bad-date", "url_": "bad-url"}
_FALLBACK = "bad-value"
_FOUND: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (dict, "a group of keys"),
    ((list, tuple), "a list"),
    (str, "text"),
    ((int, float), "a number"),
)
_HINTS = {
    "empty-value": "write a value, or leave the line out",
    "too-long": "shorten it, or make two of it",
    "too-many": "leave out the least important ones",
    "not-a-number": "write a whole number in digits",
    "bad-date": "write year, month and day: 2026-11-20",
    "bad-url": "write the whole address: https://example.org/video",
}


def check_model(model: type[M], data: Any, source: Positioned, report: Report) -> M | None:  # noqa: ANN401
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
    seen: set[tuple[Path, str]] = set()
    for detail in details:
        if len(seen) >= MOST_PROBLEMS:
            break
        path, code, message, hint = _explain(detail, root, data)
        if source.is_faulty(path) or (path, code) in seen:
            continue
        seen.add((path, code))
        report.add(code, message, source.place(path), hint=hint)
    return None


def write_path(path: Path) -> str:
    """Return a path as people count: ``steps.2.title`` is the second step's title."""
    return ".".join(shorten(part + 1 if isinstance(part, int) else part) for part in path)


def _explain(detail: ErrorDetails, root: dict[str, Any], data: Any) -> tuple[Path, str, str, str]:  # noqa: ANN401
    """Return the path, code, message and hint of one of pydantic's errors."""
    path, kind = detail["loc"], detail["type"]
    if path and path[-1] == "[key]":
        path = path[:-1]
        return _unknown_key(path, shape_of(root, path[:-1]))
    if kind == "extra_forbidden":
        return _unknown_key(path, shape_of(root, path[:-1]))
    path, typed, whole = _nearest(path, data)
    shape = shape_of(root, path)
    if kind == "missing" and not (whole or _misshapen(shape, typed)):
        return _missing_key(detail["loc"], shape_of(root, detail["loc"]))
    if kind in _SHAPES or _misshapen(shape, typed):
        return _wrong_shape(path, shape, typed)
    code, message, hint = _describe_value(detail, shape, typed)
    where = write_path(path)
    return path, code, f"{where}: {message}" if where else message, hint


def _nearest(path: Path, data: Any) -> tuple[Path, Any, bool]:  # noqa: ANN401
    """Return the longest part of the path that the data has, its value, and whether it is text.

    A validator that reads text (a dose) names parts that no file has.
    """
    for length, part in enumerate(path):
        if isinstance(data, dict) and part in data:
            data = data[part]
        elif isinstance(data, (list, tuple)) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return path[:length], data, isinstance(data, str)
    return path, data, False


def _misshapen(shape: Shape, typed: Any) -> bool:  # noqa: ANN401
    return bool(shape.kinds) and shape.kinds <= {"string"} and isinstance(typed, (dict, list))


def _unknown_key(path: Path, shape: Shape) -> tuple[Path, str, str, str]:
    typed = shorten(path[-1])
    where = write_path(path[:-1])
    known = ", ".join(shape.keys)
    hint = did_you_mean(typed, shape.keys) or (f"known here: {known}" if known else "")
    message = f'there is no key "{typed}"'
    return path, "unknown-key", f"{where}: {message}" if where else message, hint


def _missing_key(path: Path, shape: Shape) -> tuple[Path, str, str, str]:
    where = write_path(path[:-1])
    message = f'the key "{path[-1]}" is missing'
    hint = f"add {describe(str(path[-1]), shape)}"
    return path, "missing-key", f"{where}: {message}" if where else message, hint


def _wrong_shape(path: Path, shape: Shape, typed: Any) -> tuple[Path, str, str, str]:  # noqa: ANN401
    where = write_path(path)
    found = next((words for kind, words in _FOUND if isinstance(typed, kind)), "something else")
    wanted = shape.words or "something else"
    message = f"{found} stands where {wanted} belongs"
    return (
        path,
        "wrong-shape",
        f"{where}: {message}" if where else message,
        _shape_hint(path, shape, typed),
    )


def _shape_hint(path: Path, shape: Shape, typed: Any) -> str:  # noqa: ANN401
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    if "string" in shape.kinds and isinstance(typed, dict) and len(typed) == 1:
        first, rest = next(iter(typed.items()))
        if isinstance(rest, str):
            return f'put text with a colon in quotes: "{shorten(f"{first}: {rest}")}"'
    if "string" in shape.kinds and isinstance(typed, (bool, int, float)):
        return f'put it in quotes: "{typed}"'
    if "array" in shape.kinds and isinstance(typed, str) and "string" in shape.items.kinds:
        return f"write {key}: [{shorten(typed)}]"
    return f"write {describe(key, shape)}"


def _describe_value(detail: ErrorDetails, shape: Shape, typed: Any) -> tuple[str, str, str]:  # noqa: ANN401
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
        "out-of-range": f"{quoted} is not between {context.get('ge', 1)} and {context.get('le', 9999)}",
        "not-a-number": f"{quoted} is not a whole number",
        "bad-date": f"{quoted} is not a date",
        "bad-url": f"{quoted} is not a web address",
    }.get(code, f"{quoted} is not written as it should be")
    hint = did_you_mean(str(typed), shape.choices) if choices else _HINTS.get(code, "")
    if code == "bad-format" and shape.is_slug:
        code, hint = "bad-slug", "small letters, digits and single hyphens: acute-low-back-pain"
    return code, message, hint
