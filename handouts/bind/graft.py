"""Turn an object of one PDF, and all that it names, into the bytes of objects for another."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_SINGLE = {True: b"true", False: b"false", None: b"null"}


def graft(top: Any, first: int) -> Iterator[tuple[int, bytes]]:  # noqa: ANN401
    """Yield the number and the body of each object: ``top`` is the first, numbered ``first``.

    Args:
        top: an indirect object of an open document.
        first: the next number that is free in the other document; those after it are as well.
    """
    numbers = {top.objgen: first}
    waiting = [top]
    for value in waiting:
        found: list[Any] = []
        body = _write(value, numbers, found, first)
        yield numbers[value.objgen], body
        waiting += found


def _write(value: Any, numbers: dict[Any, int], found: list[Any], first: int) -> bytes:  # noqa: ANN401
    import pikepdf

    def refer(inner: Any) -> bytes:  # noqa: ANN401
        if getattr(inner, "is_indirect", False):
            if inner.objgen not in numbers:
                numbers[inner.objgen] = first + len(numbers)
                found.append(inner)
            return b"%d 0 R" % numbers[inner.objgen]
        return _write(inner, numbers, found, first)

    if isinstance(value, bool) or value is None:
        return _SINGLE[value]
    if isinstance(value, int | float | Decimal):
        return str(value).encode("ascii")
    if isinstance(value, pikepdf.Stream):
        data = value.read_raw_bytes()
        entries = _write_entries(value, refer, {"/Length"})
        return b"<<%s /Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)
    if isinstance(value, pikepdf.Dictionary):
        return b"<<%s>>" % _write_entries(value, refer, set())
    items = [refer(item) for item in value] if isinstance(value, pikepdf.Array) else None
    return bytes(value.unparse()) if items is None else b"[%s]" % b" ".join(items)


def _write_entries(value: Any, refer: Any, but: set[str]) -> bytes:  # noqa: ANN401
    return b" ".join(
        key.encode("latin-1") + b" " + refer(value[key])
        for key in sorted(value.keys())
        if key not in but
    )
