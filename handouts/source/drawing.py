"""Turn the bytes of an SVG into its size, or refuse it where it is not safe to lay out.

Read with expat in one pass, without building a tree: nothing is fetched, expanded or nested deeper
than the layout engine can follow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

MOST_BYTES = 2_000_000
MOST_ELEMENTS = 20_000
MOST_PAINTED = 200_000  # parts of patterns, times the references to patterns
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
_URL = re.compile(r"url\(\s*[\"']?\s*([^\"'\s)]*)", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")
_DEFAULT_SIZE = (300, 150)  # CSS 2.2, section 10.3.2
_LONGEST_SIDE = 1_000_000


class DrawingError(Exception):
    """The drawing cannot be printed; the message says why, the code of which kind that is."""

    def __init__(self, why: str, code: str = "picture-unsafe") -> None:
        """Keep the reason and the code."""
        super().__init__(why)
        self.code = code


@dataclass(slots=True)
class _Checker:
    """What is known of the drawing so far."""

    elements: int = 0
    size: tuple[int, int] = _DEFAULT_SIZE
    stack: list[tuple[str, list[str]]] = field(default_factory=list)
    """The open elements' names and the ids that each refers to by ``url(#…)``."""
    repeated: int = 0
    """How many of the open elements are painted again wherever they are referred to."""
    repeated_elements: int = 0
    references: int = 0
    inner: set[str] = field(default_factory=set)
    """Ids that something inside such an element refers to, or might by a style or inheritance."""
    gradients: set[str] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)
    """Which element takes over from which by ``href``."""

    def open(self, name: str, attributes: dict[str, str]) -> None:
        """Take an element's beginning."""
        namespace, _, local = name.rpartition(" ")
        if not self.stack:
            if local != "svg" or namespace not in ("", _SVG):
                raise DrawingError("it is no SVG inside, whatever its name says")
            self.size = _read_size(attributes)
        self._count(local)
        if local in _REFUSED:
            raise DrawingError(_REFUSED[local])
        plain = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        references = [found for item in plain.items() for found in _check_attribute(*item)]
        self.stack.append((local, references))
        self._note_references(local, references)
        if local.endswith("Gradient"):
            self.gradients.add(plain.get("id", ""))
        if "href" in plain and plain.get("id"):
            self.links[plain["id"]] = plain["href"].strip().removeprefix("#")

    def close(self, _name: str) -> None:
        """Take an element's end."""
        self.repeated -= self.stack.pop()[0] in _REPEATED

    def text(self, text: str) -> None:
        """Take text: a style's rules may hold for any element."""
        if self.stack and self.stack[-1][0] == "style":
            self.inner.update(_check_style(text))

    def end(self) -> None:
        """Refuse what grows without end: circles, and repeated parts inside repeated parts."""
        _refuse_circles(self.links)
        if self.inner - self.gradients:
            raise DrawingError("a pattern, mask or marker refers to another one")
        if self.references * self.repeated_elements > MOST_PAINTED:
            raise DrawingError("its patterns, masks or markers are used too often")

    def _count(self, local: str) -> None:
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise DrawingError(f"it has more than {MOST_ELEMENTS:,} parts")
        if len(self.stack) >= MOST_LEVELS:
            raise DrawingError(f"its parts stand more than {MOST_LEVELS} levels deep")
        self.repeated += local in _REPEATED
        self.repeated_elements += self.repeated > 0

    def _note_references(self, local: str, references: list[str]) -> None:
        self.references += len(references)
        if self.repeated:
            self.inner.update(references)
        if local in _REPEATED:  # inherits what the elements around it are painted with
            self.inner.update(name for _, names in self.stack for name in names)


def _check_attribute(key: str, value: str) -> list[str]:
    """Return the ids that the attribute refers to by ``url(#…)``."""
    if key in ("href", "src") and not value.strip().startswith("#"):
        raise DrawingError("it refers to another file or address")
    if key.lower().startswith("on"):
        raise DrawingError("it holds a script")
    if key == "style" or "url" in value.lower():
        return _check_style(value)
    return []


def _check_style(text: str) -> list[str]:
    """Return the ids referred to; refuse other references, and escapes that could hide one."""
    if "\\" in text or "@import" in text.lower():
        raise DrawingError("its styles refer to another file or address")
    found = _URL.findall(text)
    if not all(target.startswith("#") for target in found):
        raise DrawingError("it refers to another file or address")
    return [target[1:] for target in found]


def measure_svg(data: bytes) -> tuple[int, int]:
    """Return the drawing's width and height in user units.

    Raises:
        DrawingError: the drawing is broken or not safe.
    """
    if len(data) > MOST_BYTES:
        raise DrawingError("it is larger than 2 MB")
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
    except expat.ExpatError as error:
        said = expat.ErrorString(error.code)
        raise DrawingError(f"line {error.lineno}: {said}", "picture-broken") from None
    except (ValueError, LookupError) as error:  # an encoding that Python does not know
        raise DrawingError(str(error), "picture-broken") from None
    checker.end()
    return checker.size


def _refuse_doctype(*_: object) -> None:
    raise DrawingError("it has a DOCTYPE, by which text can grow without end")


def _refuse_instruction(target: str, _: str) -> None:
    if target.lower() == "xml-stylesheet":
        raise DrawingError("its styles refer to another file or address")


def _refuse_circles(links: dict[str, str]) -> None:
    sound: set[str] = set()
    for start in links:
        trail: dict[str, None] = {}
        name: str | None = start
        while name is not None and name not in sound:
            if name in trail:
                raise DrawingError("its parts refer to one another in a circle")
            trail[name] = None
            name = links.get(name)
        sound.update(trail)


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
            raise DrawingError(f"its {key} is out of bounds")
        sides.append(max(1, round(side)))
    return sides[0], sides[1]
