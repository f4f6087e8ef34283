"""Turn the bytes of an SVG into its size, or into the reason why it is not safe to lay out.

Read with expat in one pass, without building a tree: nothing is fetched, expanded or nested deeper
than the layout engine can follow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat  # nosec: document types and entities are refused before use

MOST_BYTES = 2_000_000
MOST_ELEMENTS = 20_000
MOST_LEVELS = 50  # WeasyPrint recurses; 150 levels exhaust Python's stack
_SVG = "http://www.w3.org/2000/svg"
_REFUSED = {
    "script": "it holds a script",
    "use": "it repeats parts with <use>, which can grow without end",
    "foreignObject": "it holds something other than a drawing",
    "image": "it holds another picture",
    "feImage": "it holds another picture",
    "animate": "it moves",
    "animateMotion": "it moves",
    "animateTransform": "it moves",
    "set": "it moves",
    "handler": "it holds a script",
    "iframe": "it holds something other than a drawing",
}
# Painted many times over where it is referred to: no further reference may stand inside.
_REPEATED = frozenset(("pattern", "mask", "marker", "clipPath", "filter", "symbol"))
_URL = re.compile(r"url\(\s*[\"']?\s*(.?)", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")
_DEFAULT_SIZE = (300, 150)  # CSS 2.2, section 10.3.2
_LONGEST_SIDE = 1_000_000


class _RefusedError(Exception):
    """The drawing is not safe; the message says why."""


@dataclass(slots=True)
class _Checker:
    """What is known of the drawing so far."""

    elements: int = 0
    repeated: int = 0
    stack: list[str] = field(default_factory=list)
    size: tuple[int, int] = _DEFAULT_SIZE
    links: dict[str, str] = field(default_factory=dict)

    def open(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        self.elements += 1
        if not self.stack:
            if local != "svg" or namespace not in ("", _SVG):
                raise _RefusedError("it is no SVG inside, whatever its name says")
            self.size = _read_size(attributes)
        if self.elements > MOST_ELEMENTS:
            raise _RefusedError(f"it has more than {MOST_ELEMENTS:,} parts")
        if len(self.stack) >= MOST_LEVELS:
            raise _RefusedError(f"its parts stand more than {MOST_LEVELS} levels deep")
        if local in _REFUSED:
            raise _RefusedError(_REFUSED[local])
        self.stack.append(local)
        self.repeated += local in _REPEATED
        for key, value in attributes.items():
            self._check_attribute(key.rpartition(" ")[2], value)
        target = next((v for k, v in attributes.items() if k.rpartition(" ")[2] == "href"), None)
        if target and attributes.get("id"):
            self.links[attributes["id"]] = target.strip().removeprefix("#")

    def close(self, _name: str) -> None:
        self.repeated -= self.stack.pop() in _REPEATED

    def text(self, text: str) -> None:
        if self.stack and self.stack[-1] == "style":
            self._check_style(text)

    def _check_attribute(self, key: str, value: str) -> None:
        if key in ("href", "src") and not value.strip().startswith("#"):
            raise _RefusedError("it refers to another file or address")
        if key.lower().startswith("on"):
            raise _RefusedError("it holds a script")
        self._check_style(value, escapes=key == "style")

    def _check_style(self, text: str, *, escapes: bool = True) -> None:
        """Refuse references to elsewhere, and escapes that could hide one."""
        if escapes and ("\\" in text or "@import" in text.lower()):
            raise _RefusedError("its styles refer to another file or address")
        for found in _URL.finditer(text):
            if found[1] != "#":
                raise _RefusedError("it refers to another file or address")
            if self.repeated:
                raise _RefusedError("a pattern, mask or marker refers to another one")


def check_svg(data: bytes) -> tuple[tuple[int, int], str]:
    """Return the drawing's width and height in user units and why it is refused, or ``""``."""
    if len(data) > MOST_BYTES:
        return _DEFAULT_SIZE, "it is larger than 2 MB"
    checker = _Checker()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = checker.open
    parser.EndElementHandler = checker.close
    parser.CharacterDataHandler = checker.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.ProcessingInstructionHandler = _refuse_instruction
    try:
        parser.Parse(data, True)  # noqa: FBT003  expat's own signature
        _refuse_circles(checker.links)
    except _RefusedError as refused:
        return _DEFAULT_SIZE, str(refused)
    except expat.ExpatError as error:
        return (
            _DEFAULT_SIZE,
            f"it is broken in line {error.lineno}: {expat.ErrorString(error.code)}",
        )
    except (ValueError, LookupError) as error:  # an encoding that Python does not know
        return _DEFAULT_SIZE, f"it cannot be read: {error}"
    return checker.size, ""


def _refuse_doctype(*_: object) -> None:
    raise _RefusedError("it has a DOCTYPE, by which text can grow without end")


def _refuse_instruction(target: str, _: str) -> None:
    if target.lower() == "xml-stylesheet":
        raise _RefusedError("its styles refer to another file or address")


def _refuse_circles(links: dict[str, str]) -> None:
    for start in links:
        seen = {start}
        name = links[start]
        while name in links:
            if name in seen:
                raise _RefusedError("its parts refer to one another in a circle")
            seen.add(name)
            name = links[name]


def _read_size(attributes: dict[str, str]) -> tuple[int, int]:
    box = [float(number) for number in _NUMBER.findall(attributes.get("viewBox", ""))]
    sides = []
    for index, key in enumerate(("width", "height")):
        text = attributes.get(key, "").strip()
        number = _NUMBER.match(text)
        if number and not text.endswith("%"):
            side = float(number[0])
        elif len(box) == 4:  # noqa: PLR2004  min-x, min-y, width, height
            side = box[index + 2]
        else:
            side = _DEFAULT_SIZE[index]
        if not 0 < side <= _LONGEST_SIDE:
            raise _RefusedError(f"its {key} is out of bounds")
        sides.append(max(1, round(side)))
    return sides[0], sides[1]
