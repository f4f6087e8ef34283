"""Turn an object of one PDF, and all that it names, into the bytes of objects for another."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Refer = Callable[[Any], int]

_SINGLE = {True: b"true", False: b"false", None: b"null"}


def graft(top: Any, first: int) -> Iterator[tuple[int, bytes]]:  # noqa: ANN401
    """Yield the number and the body of each object: ``top`` is the first, numbered ``first``.

    Args:
        top: an indirect object of an open document.
        first: the next number that is free in the other document; those after it are as well.
    """
    numbers = {top.objgen: first}
    waiting = [top]

    def number(value: Any) -> int:  # noqa: ANN401
        if value.objgen not in numbers:
            numbers[value.objgen] = first + len(numbers)
            waiting.append(value)
        return numbers[value.objgen]

    for value in waiting:
        yield numbers[value.objgen], write_object(value, number)


class Grafter:
    """Grafts the objects of one document from the leaves up: equal ones are one in the other."""

    def __init__(self, find: Callable[[bytes], int]) -> None:
        """Begin with a new document.

        Args:
            find: returns the number of the object in the other document that has this body, and
                writes it if there is none yet.
        """
        self._find = find
        self._numbers: dict[Any, int | None] = {}

    def graft(self, value: Any) -> int:  # noqa: ANN401
        """Return the number under which an indirect object stands in the other document.

        Raises:
            ValueError: it names itself, by way of others: so no leaf is the first.
        """
        if value.objgen not in self._numbers:
            self._numbers[value.objgen] = None
            self._numbers[value.objgen] = self._find(write_object(value, self.graft))
        number = self._numbers[value.objgen]
        if number is None:
            raise ValueError("an object names itself")
        return number


def write_object(value: Any, refer: Refer) -> bytes:  # noqa: ANN401
    """Return the body of an object.

    Args:
        value: as pikepdf has it.
        refer: returns the number in the other document for an object that this one names.
    """
    import pikepdf

    def write(inner: Any) -> bytes:  # noqa: ANN401
        if getattr(inner, "is_indirect", False):
            return b"%d 0 R" % refer(inner)
        return write_object(inner, refer)

    if isinstance(value, bool) or value is None:
        return _SINGLE[value]
    if isinstance(value, int | float | Decimal):
        return write_number(value)
    if isinstance(value, pikepdf.Stream):
        data = value.read_raw_bytes()
        entries = _write_entries(value, write, {"/Length"})
        return b"<<%s /Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)
    if isinstance(value, pikepdf.Dictionary):
        return b"<<%s>>" % _write_entries(value, write, set())
    items = [write(item) for item in value] if isinstance(value, pikepdf.Array) else None
    return bytes(value.unparse()) if items is None else b"[%s]" % b" ".join(items)


def write_number(value: float | Decimal) -> bytes:
    """Return a number as PDF has it: without an exponent (ISO 32000-1, 7.3.3)."""
    return (str(value) if isinstance(value, int) else f"{value:f}").encode("ascii")


def _write_entries(value: Any, write: Callable[[Any], bytes], but: set[str]) -> bytes:  # noqa: ANN401
    return b" ".join(
        key.encode("latin-1") + b" " + write(value[key])
        for key in sorted(value.keys())
        if key not in but
    )
