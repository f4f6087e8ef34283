"""Turn npm's react-native-body-highlighter 3.2.0 into handouts/library/body/*.json, once.

`npm pack react-native-body-highlighter`, unpack it, then `python .ci/body.py package`. Curves turn
into outlines of few points (off by 1 unit of 1,256 at most) in whole numbers, with the body's
middle at x = 0. Only the half on the viewer's left is kept: the other is its mirror. Hands lose
their muscles. The strip over the spine, the head of build A and that of B from behind are ours.
"""

from __future__ import annotations

import json
import math
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Point = tuple[float, float]
Outline = list[Point]

OUT = Path(__file__).parents[1] / "handouts" / "library" / "body"
TOLERANCE = 1.0
TAKES = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2, "a": 7, "z": 0}
NUMBER = r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?"

# build, view → the package's file, its wrapper's component and outline; middle, top, scale.
SOURCES = {
    ("a", "front"): ("bodyFemaleFront", "Female", 0, (320.5, 56.0, 0.915)),
    ("a", "back"): ("bodyFemaleBack", "Female", 1, (1142.5, 56.0, 0.915)),
    ("b", "front"): ("bodyFront", "Male", 0, (364.0, 96.0, 1.0)),
    ("b", "back"): ("bodyBack", "Male", 1, (1083.5, 96.0, 1.0)),
}
MARGIN = 12.0
DROPPED = {"hands", "head", "hair"}

# The package's name of a piece on the left, with its number there → ours. Others keep the name.
OURS = {
    ("a", "front"): {
        "quadriceps": ["thigh-middle", "thigh-outer", "thigh-inner"],
        "adductors": ["inner-thigh", "groin", "sartorius"],
        "abs": ["belly", "lower-belly", "belly", "belly"],
        "calves": ["inner-calf", "peroneals"],
    },
    ("b", "front"): {
        "quadriceps": ["thigh-middle", "thigh-outer", "thigh-inner"],
        "adductors": ["groin", "sartorius", "inner-thigh"],
        "abs": ["belly", "belly", "belly", "lower-belly"],
        "calves": ["peroneals", "inner-calf"],
    },
    ("a", "back"): {
        "upper-back": ["shoulder-blade", "broad-back"],
        "lower-back": ["waist", "low-back"],
        "gluteal": ["upper-buttock", "buttock"],
        "adductors": ["inner-thigh", "hamstring-deep"],
        "hamstring": ["outer-thigh", "hamstring-outer", "hamstring-inner"],
        "calves": ["upper-calf", "lower-calf", "upper-calf", "lower-calf"],
    },
    ("b", "back"): {
        "upper-back": ["shoulder-blade", "broad-back", "shoulder-blade"],
        "lower-back": ["waist", "low-back"],
        "gluteal": ["upper-buttock", "buttock"],
        "adductors": ["inner-thigh"],
        "hamstring": ["outer-thigh", "hamstring-inner", "hamstring-outer", "hamstring-deep"],
        "calves": ["upper-calf", "lower-calf", "upper-calf", "lower-calf"],
    },
}


def split_path(text: str) -> list[str]:
    """Return the letters and numbers of a path; an arc's flags may stick to what follows."""

    def part(match: re.Match[str]) -> str:
        arc = rf"\s*,?\s*({NUMBER})\s*,?\s*({NUMBER})\s*,?\s*({NUMBER})\s*,?\s*([01])\s*,?\s*([01])"
        return match[1] + re.sub(
            arc + rf"\s*,?\s*({NUMBER})\s*,?\s*({NUMBER})", r" \1 \2 \3 \4 \5 \6 \7", match[2]
        )

    return re.findall(rf"[A-Za-z]|{NUMBER}", re.sub(r"([Aa])([^A-Za-z]*)", part, text))


def flatten(text: str) -> Outline:
    """Return the points of a path of one outline; arcs, all tiny, become straight."""
    tokens, points, at, letter = split_path(text), list[Point](), 0, ""
    last: Point | None = None
    while at < len(tokens):
        if tokens[at].isalpha():
            letter, at = tokens[at], at + 1
        kind, count = letter.lower(), TAKES[letter.lower()]
        values = [float(token) for token in tokens[at : at + count]]
        at += count
        if kind == "z":
            continue
        here = points[-1] if points else (0.0, 0.0)
        shift = here if letter.islower() else (0.0, 0.0)
        if kind in "hv":
            axis = "hv".index(kind)
            point = [*here]
            point[axis] = values[0] + shift[axis]
            points.append((point[0], point[1]))
            last = None
            continue
        pairs = [
            (x + shift[0], y + shift[1]) for x, y in zip(values[-2::-2], values[::-2], strict=False)
        ][::-1]
        end = pairs[-1]
        if kind in "mla":
            points.append(end)
            last = None
            letter = {"m": "l", "M": "L"}.get(letter, letter)
            continue
        mirrored = (2 * here[0] - last[0], 2 * here[1] - last[1]) if last else here
        if kind in "qt":
            last = pairs[0] if kind == "q" else mirrored
            first, second = (_toward(near, last) for near in (here, end))
        else:
            first, second = pairs[:2] if kind == "c" else (mirrored, pairs[0])
            last = second
        points += [_curve(here, first, second, end, step / 16) for step in range(1, 17)]
    return points


def _toward(point: Point, handle: Point) -> Point:
    return (point[0] + 2 / 3 * (handle[0] - point[0]), point[1] + 2 / 3 * (handle[1] - point[1]))


def _curve(start: Point, first: Point, second: Point, end: Point, share: float) -> Point:
    rest = 1 - share
    weights = (rest**3, 3 * rest * rest * share, 3 * rest * share * share, share**3)
    four = (start, first, second, end)
    x, y = (sum(w * p[axis] for w, p in zip(weights, four, strict=True)) for axis in (0, 1))
    return (x, y)


def simplify(points: Outline, tolerance: float = TOLERANCE) -> Outline:
    """Return the fewest of the points that keep the line (Ramer, Douglas and Peucker)."""
    if len(points) < 3:  # noqa: PLR2004
        return points
    (ax, ay), (bx, by) = points[0], points[-1]
    span = math.hypot(bx - ax, by - ay)
    far = [
        abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / span
        if span
        else math.hypot(x - ax, y - ay)
        for x, y in points[1:-1]
    ]
    most = max(far)
    if most <= tolerance:
        return [points[0], points[-1]]
    cut = far.index(most) + 1
    return simplify(points[: cut + 1], tolerance)[:-1] + simplify(points[cut:], tolerance)


def oval(x: float, y: float, wide: float, high: float, part: tuple[float, float]) -> Outline:
    """Return the points of an oval between two angles in degrees, clockwise from the right."""
    first, last = part
    count = max(2, round(abs(last - first) / 9))
    angles = [math.radians(first + (last - first) * step / count) for step in range(count + 1)]
    return [(x + wide * math.cos(angle), y + high * math.sin(angle)) for angle in angles]


def numbers(points: Outline) -> list[int]:
    """Return the points as whole numbers in one row."""
    row: list[int] = []
    for x, y in points:
        pair = [round(x), round(y)]
        if row[-2:] != pair:
            row += pair
    return row


def read_package(package: Path) -> dict[str, dict[str, dict[str, object]]]:
    """Return our data by build and view."""
    made: dict[str, dict[str, dict[str, object]]] = {}
    for (build, view), (file, wrapper, number, frame) in SOURCES.items():
        text = (package / f"dist/assets/{file}.js").read_text(encoding="utf-8")
        component = (package / f"dist/components/Svg{wrapper}Wrapper.js").read_text("utf-8")
        whole = place(flatten(re.findall(r' d="([^"]+)"', component)[number]), frame)
        parts: dict[str, list[list[int]]] = {}
        shapes: dict[str, Outline] = {}
        for slug, side, index, path in list_pieces(text):
            outline = place(flatten(path), frame)
            if slug in DROPPED:
                shapes.setdefault(slug, outline)
            elif side == "left":
                given = OURS[build, view].get(slug, [])
                name = given[index] if index < len(given) else slug
                parts.setdefault(name, []).append(numbers(simplify([*outline, outline[0]])[:-1]))
        if view == "back":
            parts["spine"] = [SPINE[build]]
        shapes |= HEADS.get((build, view), {})
        made.setdefault(build, {})[view] = {
            "outline": numbers(simplify(left_half(whole, NECKS[build, view]))),
            "head": numbers(simplify(shapes["head"])),
            "hair": numbers(simplify(shapes["hair"])),
            "parts": parts,
        }
    return made


def list_pieces(text: str) -> Iterator[tuple[str, str, int, str]]:
    """Yield the package's name, side and number of each piece, and its path."""
    for slug, body in re.findall(r'slug: "([\w-]+)"(.*?)(?=slug:|\Z)', text, re.DOTALL):
        for side, listed in re.findall(r"(left|common): \[(.*?)\]", body, re.DOTALL):
            for index, path in enumerate(re.findall(r'"([^"]+)"', listed)):
                yield slug, side, index, path


def place(points: Outline, frame: tuple[float, float, float]) -> Outline:
    """Return the points with x from the body's middle, y from the top."""
    middle, top, scale = frame
    return [((x - middle) * scale, (y - top) * scale + MARGIN) for x, y in points]


def left_half(outline: Outline, neck: float) -> Outline:
    """Return the outline from the neck to the crotch on the viewer's left."""
    low = max(range(len(outline)), key=lambda n: (outline[n][0] < 0, outline[n][1]))
    first = low
    while outline[first - 1][0] < 0 and outline[first - 1][1] > neck:
        first -= 1
        if first < -len(outline) + low:
            break
    last = low
    while (
        outline[(last + 1) % len(outline)][0] < 0 and outline[(last + 1) % len(outline)][1] > neck
    ):
        last += 1
    half = [outline[n % len(outline)] for n in range(first, last + 1)]
    return half if half[0][1] < half[-1][1] else half[::-1]


# Where the outline begins, under the head.
NECKS = {("a", "front"): 172.0, ("a", "back"): 172.0, ("b", "front"): 135.0, ("b", "back"): 135.0}
SPINE = {
    "a": [-4, 212, -12, 208, -22, 250, -25, 330, -24, 400, -29, 450, -24, 500, -9, 525, -4, 520],
    "b": [-4, 216, -12, 212, -23, 260, -27, 340, -26, 420, -32, 480, -26, 530, -9, 553, -4, 550],
}
HEADS: dict[tuple[str, str], dict[str, Outline]] = {
    ("a", "front"): {
        "head": oval(0, 108, 53, 68, (0, 351)),
        "hair": [
            *oval(0, 100, 58, 64, (170, 252)),
            *oval(0, 36, 26, 24, (165, 375)),
            *oval(0, 100, 58, 64, (288, 370)),
            (48, 92),
            (30, 74),
            (0, 66),
            (-30, 74),
            (-48, 92),
        ],
    },
    ("b", "back"): {"head": oval(0, 88, 50, 64, (0, 351))},
    ("a", "back"): {
        "head": oval(0, 108, 53, 68, (0, 351)),
        "hair": [
            *oval(0, 100, 58, 64, (150, 252)),
            *oval(0, 36, 26, 24, (165, 375)),
            *oval(0, 100, 58, 64, (288, 390)),
            (30, 152),
            (0, 160),
            (-30, 152),
        ],
    },
}


if __name__ == "__main__":
    for name, views in read_package(Path(sys.argv[1])).items():
        data = json.dumps(views, separators=(",", ":")).replace('],"', '],\n"')
        (OUT / f"{name}.json").write_text(data + "\n", encoding="utf-8", newline="\n")
