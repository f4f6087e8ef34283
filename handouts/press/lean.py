"""Turn the engine's PDF into one that is smaller, and prints and reads just the same.

A third of a booklet was wrapping: a transparent group for each icon, though nothing is transparent;
an element of the structure for each line of a paragraph; a kern of nothing between most letters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPAQUE = {"a1.0", "A1.0", "a1", "A1"}
_ALPHA = re.compile(rb"/[aA]1(\.0)? gs\n")
_SHOWN_TEXT = re.compile(rb"(?m)^\[.*\] TJ$")
_NO_KERN = re.compile(rb">0(?=[<\]])")
_PLAIN = {"Type", "S", "K", "Pg", "P"}
"""What an element has that says nothing of its own."""
# ISO 32000-1, 14.8.4: what may hold content itself, and what holds elements only.
_PARAGRAPHS = {f"/{name}" for name in ("P", "H1", "H2", "H3", "H4", "H5", "H6", "Span", "Link")}
_BLOCKS = _PARAGRAPHS | {"/Caption", "/TD", "/TH", "/LBody", "/Lbl"}
_GROUPS = {"/Document", "/Part", "/Art", "/Sect", "/Div", "/BlockQuote", "/NonStruct"}
_WRAPPERS = {"/Div", "/NonStruct"}
_EMPTY = _WRAPPERS | {"/Span", "/P"}
_WRAPPED_IN = _GROUPS | {"/TD", "/TH", "/LBody"}


def trim_pdf(pdf: Any) -> None:  # noqa: ANN401  untyped library
    """Make the engine's document smaller, in place, before it is written.

    Args:
        pdf: a ``pydyf.PDF``; its objects keep their numbers.
    """
    _Pages(pdf).trim()
    if "StructTreeRoot" in pdf.catalog:
        _Structure(pdf).trim()


def _find(pdf: Any, reference: bytes) -> Any:  # noqa: ANN401
    return pdf.objects[int(reference.split()[0])]


class _Pages:
    """The content of a document's pages."""

    def __init__(self, pdf: Any) -> None:  # noqa: ANN401
        self._pdf = pdf
        self._inlined: set[int] = set()

    def trim(self) -> None:
        """Write icons into the page itself, and leave out what changes nothing."""
        for reference in self._pdf.page_references:
            page = _find(self._pdf, reference)
            resources = _find(self._pdf, page["Resources"])
            stream = _find(self._pdf, page["Contents"])
            lines = stream.stream
            opaque = self._is_opaque(resources)
            if opaque:
                lines = [*self._inline(lines, resources)]
            # Who lays something over the page finds the state that it began with.
            stream.stream = [b"q", _trim_content(_join(lines), opaque=opaque), b"Q"]
            self._drop(resources)

    def _drop(self, resources: Any) -> None:  # noqa: ANN401
        """Forget the groups that stand in the page now; what nobody names is not copied on."""
        shown = resources.get("XObject", {})
        for name, reference in [*shown.items()]:
            if _find(self._pdf, reference).number in self._inlined:
                _find(self._pdf, reference).stream = []
                del shown[name]

    def _is_opaque(self, resources: Any) -> bool:  # noqa: ANN401
        """Return whether nothing here changes how colours mix: then a group is a q and a Q."""
        return set(resources.get("ExtGState", ())) <= _OPAQUE

    def _inline(self, lines: list[Any], resources: Any) -> Iterator[Any]:  # noqa: ANN401
        """Yield the instructions, those of groups in the place where the group is shown."""
        shown = resources.get("XObject", {})
        for line in lines:
            name = line[1:-3].decode("ascii") if _shows(line) else ""
            group = _find(self._pdf, shown[name]) if name in shown else None
            if group is None or not self._is_plain(group):
                yield line
                continue
            self._inlined.add(group.number)
            inner = _find(self._pdf, group.extra["Resources"])
            yield from (b"q", *self._inline(group.stream, inner), b"Q")

    def _is_plain(self, group: Any) -> bool:  # noqa: ANN401
        """Return whether a form needs nothing that is its own."""
        if "Group" not in group.extra:
            return False
        own = _find(self._pdf, group.extra["Resources"])
        if own.get("Pattern") or own.get("Shading") or not self._is_opaque(own):
            return False
        return all(self._is_plain(_find(self._pdf, form)) for form in own["XObject"].values())


class _Structure:
    """The tree of elements that a screen reader walks."""

    def __init__(self, pdf: Any) -> None:  # noqa: ANN401
        self._pdf = pdf
        root = _find(pdf, pdf.catalog["StructTreeRoot"])
        [self._top] = root["K"]
        numbers = _find(pdf, root["ParentTree"])["Nums"]
        self._owners = dict(zip(numbers[::2], numbers[1::2], strict=True))
        self._pages = {reference: at for at, reference in enumerate(pdf.page_references)}

    def trim(self) -> None:
        """Let elements that say nothing of their own give what they hold to those they are in."""
        self._trim(_find(self._pdf, self._top), in_line=False)

    def _trim(self, element: Any, *, in_line: bool) -> None:  # noqa: ANN401
        """Trim what an element holds.

        Args:
            element: changed in place.
            in_line: whether it stands among lines of text itself.
        """
        flows = element["S"] in _PARAGRAPHS or self._flows(element)
        if flows and not in_line and element["S"] in _WRAPPERS and _is_plain(element):
            element["S"] = "/P"  # what holds text is a paragraph
        kept: list[Any] = []
        for entry in element["K"]:
            kid = self._read(entry)
            if kid:
                self._trim(kid, in_line=flows)
            kept += self._unwrap(entry, element, flows=flows)
        element["K"][:] = kept

    def _flows(self, element: Any) -> bool:  # noqa: ANN401
        """Return whether lines of text stand in an element itself, and all in it is of a line."""
        return any(self._is_line(self._read(entry)) for entry in element["K"])

    def _is_line(self, kid: Any) -> bool:  # noqa: ANN401
        return bool(kid) and kid["S"] == "/Span" and _is_plain(kid) and _holds_content(kid)

    def _unwrap(self, entry: Any, element: Any, *, flows: bool) -> list[Any]:  # noqa: ANN401
        """Return what stands in an element for an entry: that itself, or what it holds."""
        kid = self._read(entry)
        if not kid or not _is_plain(kid):
            return [entry]
        if not kid["K"] and kid["S"] in _EMPTY:
            return []
        if self._is_line(kid):
            return self._take_content(kid, element) if element["S"] in _BLOCKS else [entry]
        if kid["S"] not in _WRAPPERS or (not flows and element["S"] not in _WRAPPED_IN):
            return [entry]
        inner = [self._read(held) for held in kid["K"]]
        if not all(inner):
            return [entry]
        for held in inner:
            held["P"] = element.reference
        return [out for held in kid["K"] for out in self._unwrap(held, element, flows=flows)]

    def _take_content(self, kid: Any, element: Any) -> list[Any]:  # noqa: ANN401
        """Make a line's content an element's own."""
        if kid["Pg"] != element["Pg"]:
            return [kid.reference]
        owners = self._owners[self._pages[kid["Pg"]]]
        for number in kid["K"]:
            owners[number] = element.reference
        return [*kid["K"]]

    def _read(self, entry: Any) -> Any:  # noqa: ANN401
        """Return the element that an entry refers to; None for content, and for what is none."""
        kid = _find(self._pdf, entry) if isinstance(entry, bytes) else None
        return kid if kid and kid.get("Type") == "/StructElem" else None


def _is_plain(element: Any) -> bool:  # noqa: ANN401
    return set(element) <= _PLAIN


def _holds_content(element: Any) -> bool:  # noqa: ANN401
    return bool(element["K"]) and all(isinstance(entry, int) for entry in element["K"])


def _join(lines: list[Any]) -> bytes:
    return b"\n".join(
        line
        if isinstance(line, bytes)
        else getattr(line, "data", None) or str(line).encode("ascii")
        for line in lines
    )


def _shows(line: Any) -> bool:  # noqa: ANN401
    return isinstance(line, bytes) and line.endswith(b" Do")


def _trim_content(content: bytes, *, opaque: bool) -> bytes:
    content = _SHOWN_TEXT.sub(_join_letters, content)
    return _ALPHA.sub(b"", content) if opaque else content


def _join_letters(shown: re.Match[bytes]) -> bytes:
    return _NO_KERN.sub(b">", shown[0]).replace(b"><", b"")
