"""Turn the paths of a picture into the instructions of a page, as the engine does, but quickly.

The engine takes a path apart letter by letter and asks for each number whether it has a unit: a
tenth of the time that a booklet takes. Our figures are lines and curves between plain numbers.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Draw = Callable[[Any, Any, float], None]

_PLAIN = re.compile(r"[Mm][MmLlHhVvCcZz\d\s,.-]*")
_STEP = re.compile(r"([MmLlHhVvCcZz])([^MmLlHhVvCcZz]*)")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")
_MARKERS = ("marker", "marker-start", "marker-mid", "marker-end")
_TAKES = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6}
_NAMES = {"m": b"l", "l": b"l", "h": b"l", "v": b"l", "c": b"c"}


@lru_cache(maxsize=1)
def quicken_paths() -> None:
    """Let the engine, which is loaded, draw plain paths quickly."""
    tags = import_module("weasyprint.svg").TAGS
    tags["path"] = draw_quickly(tags["path"])


def draw_quickly(draw: Draw) -> Draw:
    """Return the engine's function that draws a path, made quick for plain ones.

    Args:
        draw: the engine's own, for all others: with arcs, units, exponents or markers.
    """

    def draw_path(svg: Any, node: Any, font_size: float) -> None:  # noqa: ANN401  the engine's
        said = node.get("d", "")
        if any(node.get(marker) for marker in _MARKERS) or not _PLAIN.fullmatch(said):
            draw(svg, node, font_size)
            return
        try:
            instructions = _trace_once(said)
        except ValueError:
            draw(svg, node, font_size)
        else:
            svg.stream.stream.append(instructions)

    return draw_path


@lru_cache(maxsize=4096)
def _trace_once(said: str) -> bytes:
    # The booklets of two clients have most of their pictures in common.
    return b"\n".join(_trace(said))


def _trace(said: str) -> Iterator[bytes]:
    """Yield the instructions that draw a path.

    Raises:
        ValueError: a command has too few numbers, or too many.
    """
    read: Callable[[str], float] = float if "." in said else int
    x, y = read("0"), read("0")
    begin: tuple[float, float] | None = None
    for letter, rest in _STEP.findall(said):
        kind = letter.lower()
        if kind == "z":
            if begin:
                (x, y), begin = begin, None
                yield b"h"
            continue
        numbers = [read(number) for number in _NUMBER.findall(rest)]
        size = _TAKES[kind]
        if not numbers or len(numbers) % size:
            raise ValueError(said)
        relative = letter == kind
        for at in range(0, len(numbers), size):
            given = numbers[at : at + size]
            if kind == "h":
                given.append(0 if relative else y)
            elif kind == "v":
                given.insert(0, 0 if relative else x)
            if relative:
                given = [number + (y if odd % 2 else x) for odd, number in enumerate(given)]
            move = kind == "m" and at == 0  # further pairs are lines (SVG 1.1, 8.3.2)
            begin = None if move else begin or (x, y)
            x, y = given[-2:]
            yield b" ".join([*map(_spell, given), _NAMES[kind] if not move else b"m"])


def _spell(number: float) -> bytes:
    """Return a number as the engine writes it."""
    if number == int(number):
        return b"%d" % number
    return f"{number:f}".rstrip("0").encode("ascii")
