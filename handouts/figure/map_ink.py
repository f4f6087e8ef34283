"""Turn a map's plan into SVG text: plain paths and text, without ids, patterns or clip paths."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from handouts.figure.hatch import trace_dots, trace_ring, trace_stripes
from handouts.figure.labels import LEADING
from handouts.figure.map_plan import POINT, SWATCH, Role, key_step
from handouts.figure.mark import INK
from handouts.figure.regions import HIGH, VIEWS, load_body

if TYPE_CHECKING:
    from handouts.figure.labels import Label
    from handouts.figure.map_plan import MapWords, MuscleMap
    from handouts.figure.regions import Ring
    from handouts.model.pose import Build

# Millimetres on paper, whatever the bodies' size.
_LINE = 0.3
_EDGE = 0.24
_STRIPE, _STRIPES = 0.5, 1.25
_DOT, _DOTS = 0.55, 1.1
_HALO = 0.9
_GROW = 8.0
"""In units of the body: as wide as the gaps between the pieces of a part."""


@dataclass(frozen=True, slots=True)
class _Paint:
    body: str
    rest: str
    hair: str
    edge: str
    """Round what is solid: it parts two such muscles."""
    fills: dict[Role, str]
    lines: dict[Role, str]


_COLOUR = _Paint(
    body="#ffffff",
    rest="#e3e8ea",
    hair="#56616b",
    edge=INK,
    fills={Role.PRIMARY: "#a82f08", Role.ASSISTING: "#ffe3cc", Role.STABILISING: "#e2f1f3"},
    lines={Role.ASSISTING: "#a82f08", Role.STABILISING: "#0b4f57"},
)
_MONO = _Paint(
    body="#ffffff",
    rest="#ebebeb",
    hair="#666666",
    edge="#ffffff",
    fills={Role.PRIMARY: "#222222", Role.ASSISTING: "#ffffff", Role.STABILISING: "#ffffff"},
    lines={Role.ASSISTING: "#000000", Role.STABILISING: "#000000"},
)


def write_map(placed: MuscleMap, words: MapWords) -> str:
    """Return the map as SVG text."""
    look = placed.look
    paint = _MONO if look.mono else _COLOUR
    inside = "".join(
        f'<g transform="translate({_n(middle)} {_n(placed.top)}) scale({placed.scale:.5f})">'
        f"{_write_view(placed, view, paint)}</g>"
        for view, middle in zip(VIEWS, placed.middles, strict=True)
    )
    inside += "".join(_write_leader(label, placed) for label in placed.labels)
    size = look.size * POINT
    letters = f'font-family="{escape(look.font)}" font-size="{_n(size)}" fill="{INK}"'
    text = "".join(_write_label(label, placed, size) for label in placed.labels)
    if words.views:
        y = _n(placed.top + HIGH * placed.scale + 0.9 * size)
        text += "".join(
            f'<text x="{_n(x)}" y="{y}" text-anchor="middle">{escape(word, quote=False)}</text>'
            for x, word in zip(placed.middles, words.views, strict=True)
        )
    if placed.key:
        inside += _write_swatches(placed, paint)
        text += _write_key(placed, words, size)
    wide, high = _n(look.width), _n(placed.height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}mm" height="{high}mm" '
        f'viewBox="0 0 {wide} {high}" role="img"><title>{escape(words.title, quote=False)}</title>'
        f"{inside}<g {letters}>{text}</g></svg>"
    )


def _write_view(placed: MuscleMap, view: str, paint: _Paint) -> str:
    scale = placed.scale
    pen = f'stroke="{INK}" stroke-width="{_n(_LINE / scale)}"'
    body = load_body(placed.look.build)[view]
    outline, head, hair, parts = _trace_body(placed.look.build, view)
    worked: dict[tuple[Role, str], list[str]] = {}
    for part in parts:
        if whose := placed.owners.get(f"{view} {part}"):
            worked.setdefault((whose[1], whose[0]), []).append(part)
    # The strip over the spine is drawn only where it works: other muscles lie over it.
    idle = set(parts) - {part for mine in worked.values() for part in mine} - {"spine"}
    rest = "".join(path for part, path in parts.items() if part in idle)
    written = [f'<path d="{rest}" fill="{paint.rest}"/>']
    for role in reversed(Role):
        for (this, _), mine in worked.items():
            if this is role:
                path = "".join(parts[part] for part in mine)
                rings = [ring for part in mine for ring in body.parts[part]]
                written.append(_fill(role, path, rings, scale, paint))
    return "".join(written) + (
        f'<path d="{outline}" fill="none" {pen}/>'
        f'<path d="{head}" fill="{paint.body}" {pen}/><path d="{hair}" fill="{paint.hair}" {pen}/>'
    )


def _fill(role: Role, path: str, rings: list[Ring], scale: float, paint: _Paint) -> str:
    """Return a shape of a role: tone, hatch, and the line round it.

    The pieces of a part grow until they meet, so that a part of many pieces reads as one.
    """
    grow, line = _GROW, 2 * _EDGE / scale
    tone = paint.fills[role]
    edge = paint.edge if role is Role.PRIMARY else INK
    shape = (
        f'<g stroke-linejoin="round"><path d="{path}" stroke="{edge}" '
        f'stroke-width="{_n(grow + line)}"/>'
        f'<path d="{path}" fill="{tone}" stroke="{tone}" stroke-width="{_n(grow)}"/></g>'
    )
    if role is Role.PRIMARY:
        return shape
    if role is Role.ASSISTING:
        lines = trace_stripes(rings, _STRIPES / scale, grow / 2)
        pen = f'stroke-width="{_n(_STRIPE / scale)}"'
    else:
        lines = trace_dots(rings, _DOTS / scale, _DOT / 2 / scale - grow / 4)
        pen = f'stroke-width="{_n(_DOT / scale)}" stroke-linecap="round"'
    return f'{shape}<path d="{lines}" fill="none" stroke="{paint.lines[role]}" {pen}/>'


@lru_cache(maxsize=8)
def _trace_body(build: Build, view: str) -> tuple[str, str, str, dict[str, str]]:
    body = load_body(build)[view]
    parts = {
        name: "".join(trace_ring(ring) for ring in rings) for name, rings in body.parts.items()
    }
    return trace_ring(body.outline), trace_ring(body.head), trace_ring(body.hair), parts


def _write_leader(label: Label, placed: MuscleMap) -> str:
    x, y = label.target
    port = placed.ports[label.right]
    path = f'd="M{_n(port)} {_n(label.y)}L{_n(x)} {_n(y)}" fill="none"'
    return (
        f'<path {path} stroke="#fff" stroke-width="{_HALO}"/>'
        f'<path {path} stroke="{INK}" stroke-width="{_LINE}"/>'
        f'<circle cx="{_n(x)}" cy="{_n(y)}" r="0.75" fill="#fff" stroke="{INK}" '
        f'stroke-width="{_LINE}"/>'
    )


def _write_label(label: Label, placed: MuscleMap, size: float) -> str:
    x = placed.ports[label.right] + (1 if label.right else -1)
    anchor = "" if label.right else ' text-anchor="end"'
    weight = ' font-weight="700"' if label.key in placed.bold else ""
    # The middle of small letters lies a quarter of the size over their line.
    first = label.y - (len(label.lines) - 1) / 2 * size * LEADING + 0.28 * size
    return "".join(
        f'<text x="{_n(x)}" y="{_n(first + number * size * LEADING)}"{anchor}{weight}>'
        f"{escape(line, quote=False)}</text>"
        for number, line in enumerate(label.lines)
    )


def _place_key(placed: MuscleMap) -> list[tuple[Role, float, float]]:
    """Return each role of the key with its swatch's left end and its row's middle."""
    step = key_step(placed.look)
    return [
        (role, x, placed.foot + (number + 0.5) * step + 0.4)
        for number, row in enumerate(placed.key)
        for role, x in row
    ]


def _write_swatches(placed: MuscleMap, paint: _Paint) -> str:
    written = []
    for role, x, y in _place_key(placed):
        # In hundredths of a millimetre, as the outlines are whole numbers.
        left, top = round(x * 100) + 20, round((y - SWATCH[1] / 2) * 100)
        right, low = left + round(SWATCH[0] * 100), top + round(SWATCH[1] * 100)
        ring = ((left, top), (right, top), (right, low), (left, low))
        written.append(_fill(role, trace_ring(ring), [ring], 0.01, paint))
    return f'<g transform="scale(.01)">{"".join(written)}</g>'


def _write_key(placed: MuscleMap, words: MapWords, size: float) -> str:
    return "".join(
        f'<text x="{_n(x + SWATCH[0] + 2)}" y="{_n(y + 0.28 * size)}">'
        f"{escape(words.key[role], quote=False)}</text>"
        for role, x, y in _place_key(placed)
    )


def _n(value: float) -> str:
    """Return a number with two decimals at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"
