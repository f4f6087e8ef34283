"""Turn the benchmark's programme into what every contestant gets: the same text, the same figures.

The text is taken from the templates' own pages after the choice of what has room: what our booklet
prints is in it, and nothing more. Writing lines at the ends of pages are left out for the peers,
which have the less to draw.
"""

from __future__ import annotations

import base64
import json
import os
import re
import tempfile
import urllib.parse
from dataclasses import asdict, dataclass
from itertools import combinations, cycle, product
from typing import TYPE_CHECKING, Any
from unittest import mock
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from handouts.model.markup import Markup

# None of them keeps a client from any of the exercises.
_CONDITIONS = (
    *("backache", "poor balance", "pregnant", "hip replacement", "latex allergy", "dizzy spells"),
    *("severe hip arthritis", "pulled hamstring", "thin bones", "hip impingement", "knee pain"),
    "high blood pressure",
)
PROGRAMME = "four-moves"
PAGES = 14
NAME = "CLIENT-NAME"
"""What stands where a client's name goes."""
_SETTINGS = """\
[trainer]
name = "Ann Example"
credentials = "BSc Physiotherapy"
practice = "Example Physio"
telephone = "+44 20 7946 0000"
email = "ann@example.org"
emergency = "999 or 112"
"""
_PROGRAMME = """\
title: Four moves for runners
goal: Train one leg at a time, as running does, for strong buttocks and steady hips.
weeks: 4
introduction: |
  Running is a one-leg sport. These moves train one leg at a time.

  ## How to begin

  - Do the session once or twice each week.
  - At first you may wobble. That is a sign that you train the right things.
  - Do not rush to pick up weights. Good form beats a heavy load.
sessions:
  - name: Hips for running
    days: [tuesday, friday]
    prescriptions:
      - exercise: standing-hip-extension-hold
        purpose: warm-up
        note: Do this first, as a warm-up.
      - exercise: hip-hinge
        note: Use no weight until your spine stays in line all the way.
      - exercise: single-leg-deadlift
        purpose: general
        rung: Hand on a wall
        note: Think only of the hip hinge and a flat back.
      - exercise: single-leg-hip-thrust
        purpose: general
        note: Tighten your muscles fully on each lift. Do not arch your back too far.
closing: |
  The power comes from your hip and leg, not from your back.

  **Stop if anything hurts.** Tell your trainer before you go on.
"""
_FIRST = (
    *("Ada", "Ben", "Carla", "Dev", "Elif", "Femi", "Grace", "Hamid", "Ines", "Jonas", "Karin"),
    *("Liam", "Mina", "Noor", "Omar", "Petra", "Quinn", "Rosa", "Sven", "Tara", "Umar", "Vera"),
)
_LAST = (
    *("Abara", "Becker", "Castillo", "Dupont", "Eriksen", "Fischer", "Garcia", "Haddad"),
    *("Ivanova", "Jensen", "Kowalski", "Lindqvist", "Moreau", "Nakamura", "Okafor", "Petrov"),
    *("Quist", "Romero", "Silva", "Tanaka"),
)
_ADDRESS = re.compile(
    r"data:(?P<kind>[\w/+.-]+)(?:;charset=[\w-]+)?(?P<coded>;base64)?,(?P<data>.*)"
)
_SPARE = re.compile(r"spare-(begin|end)-")
_LEAVES = {"li", "p", "h2", "h3", "tr"}


@dataclass(frozen=True)
class Original:
    """Our booklet, and the same as pages of HTML."""

    title: str
    trainer: str
    css: str
    html: list[str]
    """The body of each plate in the order of the pages, with its classes."""
    phrases: list[str]
    """Every sentence that must be read in each contestant's booklet."""

    def save(self, file: Path) -> None:
        """Write it as JSON, for the peers' processes."""
        file.write_text(json.dumps(asdict(self)), encoding="utf-8")


def load_original(file: Path) -> Original:
    """Return what was saved."""
    return Original(**json.loads(file.read_text(encoding="utf-8")))


def write_workspace(folder: Path) -> Path:
    """Return a workspace with the benchmark's programme."""
    (folder / "programmes").mkdir(parents=True)
    (folder / "handouts.toml").write_text(_SETTINGS, encoding="utf-8")
    (folder / "programmes" / f"{PROGRAMME}.yaml").write_text(_PROGRAMME, encoding="utf-8")
    return folder


def make_names(count: int) -> list[str]:
    """Return that many different names."""
    pairs = [f"{first} {last}" for last, first in product(_LAST, _FIRST)]
    rounds = -(-count // len(pairs))
    names = [
        pair if not turn else f"{pair} {_roman(turn)}" for turn in range(rounds) for pair in pairs
    ]
    return names[:count]


def write_roster(file: Path, names: Iterable[str]) -> Path:
    """Write the clients' list; return its file."""
    rows = [f"c{number:05},{name},none" for number, name in enumerate(names)]
    file.write_text("\n".join(["id,name,conditions", *rows]) + "\n", encoding="utf-8")
    return file


def write_needy_roster(file: Path, names: Sequence[str], needs: int) -> Path:
    """Write a list of clients with conditions; return its file.

    Args:
        file: where it goes.
        names: of the clients.
        needs: how many combinations of conditions there are among them, each as often as others.

    Raises:
        ValueError: there are not so many combinations.
    """
    known = [*combinations(_CONDITIONS, 1), *combinations(_CONDITIONS, 2)]
    if needs > len(known):
        raise ValueError("too many combinations")
    rows = [
        f"c{number:05},{name},{'; '.join(conditions)}"
        for number, (name, conditions) in enumerate(zip(names, cycle(known[:needs]), strict=False))
    ]
    file.write_text("\n".join(["id,name,conditions", *rows]) + "\n", encoding="utf-8")
    return file


def read_original(workspace: Path, roster: Path) -> tuple[Original, bytes]:
    """Return the original, and our booklet for the first of the roster, made as users get it.

    Works on this processor alone, so that what the plates were made from is seen here.
    """
    from handouts.booklet import bindery
    from handouts.booklet.run import make_booklets
    from handouts.order import BookletOrder
    from handouts.press import store
    from handouts.problem import Report
    from handouts.source.workspace import find_workspace

    dressed: dict[bytes, Markup] = {}
    parts: list[Any] = []
    from handouts.bind.join import bind_plates
    from handouts.press.plate import lay_out

    def note_markup(markup: Markup, *rest: Any) -> Any:  # noqa: ANN401
        plate = lay_out(markup, *rest)
        dressed[plate.pdf] = markup
        return plate

    def note_parts(bound: Any, *rest: Any, **more: Any) -> bytes:  # noqa: ANN401
        parts[:] = bound
        return bind_plates(bound, *rest, **more)

    order = BookletOrder(
        find_workspace(workspace, Report()), PROGRAMME, clients=str(roster), chosen=("c00000",)
    )
    # With nothing in the cache, so that all is laid out here.
    with (
        tempfile.TemporaryDirectory() as cache,
        mock.patch.dict(os.environ, HANDOUTS_CACHE_DIR=cache),
        mock.patch.object(store, "lay_out", note_markup),
        mock.patch.object(bindery, "bind_plates", note_parts),
        mock.patch("handouts.crew.count_processors", return_value=1),
    ):
        (_, pdf), *_ = make_booklets(order, Report())
    names = {part.name for part in parts}
    bodies, phrases = [], []
    for part in parts:
        markup = dressed.get(part.plate.pdf)
        if markup is None:
            raise ValueError(f"nobody saw how {part.name} was laid out")
        body = trim_page(markup.html, part.plate.pdf)
        bodies.append(_unite(body, part.name, names))
        phrases += [phrase.text for phrase in markup.phrases]
    # The sheet of the booklet's own pages holds the exercises' too.
    css = max((markup.css for markup in dressed.values()), key=len)
    trainer = "Ann Example"
    title = parts[0].plate.title
    return Original(title, trainer, css, bodies, list(dict.fromkeys(phrases))), pdf


def parse_html(html: str) -> ET.Element:
    """Return a text as the layout engine reads it."""
    import tinyhtml5

    root: ET.Element = tinyhtml5.parse(html, namespace_html_elements=False)
    return root


# ── A plate's page ───────────────────────────────────────────────────────────────────────────────


def trim_page(html: str, pdf: bytes) -> ET.Element:
    """Return the page's body without the optional matter that the plate had no room for."""
    from tests.judge import find_lost, read_texts

    root = parse_html(html)
    text = "".join(read_texts(pdf))
    parents = {child: parent for parent in root.iter() for child in parent}
    spare = False
    for element in [*root.iter()]:
        mark = _SPARE.match(element.get("id", ""))
        if mark:
            spare = mark[1] == "begin"
        if not spare:
            continue
        words = "".join(element.itertext())
        ruled = "ruled" in element.get("class", "").split()
        lost = element.tag in _LEAVES and find_lost([words], text)
        if ruled or lost:
            parents[element].remove(element)
    for section in [*root.iter("section")]:
        # A heading whose matter is gone: its letters were found in other words.
        if [child.tag for child in section] in (["h2", "ul"], ["h2", "dl"]) and not len(section[1]):
            parents[section].remove(section)
    body = root.find("body")
    if body is None:
        raise ValueError("a page without a body")
    body.tag = "div"
    body.set("class", root.get("class", ""))
    body.set("lang", root.get("lang", "en"))
    return body


def _unite(body: ET.Element, name: str, names: set[str]) -> str:
    """Return the body as it stands among others: ids of its own, links that lead to them."""
    for element in body.iter():
        if element.get("id") == "place-client":
            element.text = NAME
        if "id" in element.attrib:
            element.set("id", f"{name}-{element.attrib['id']}")
        address = element.get("href", "")
        if address.startswith("plate:"):
            target, _, inner = address.removeprefix("plate:").partition("#")
            if target not in names:
                raise ValueError(f"a link leads to {target}, which is not in the booklet")
            element.set("href", f"#{target}-{inner}" if inner else f"#{target}")
    body.set("id", name)
    return ET.tostring(body, encoding="unicode", method="html")


def read_address(address: str) -> tuple[str, bytes]:
    """Return the kind and the bytes of a ``data:`` address."""
    match = _ADDRESS.fullmatch(address.strip())
    if not match:
        raise ValueError(f"not a data: address: {address[:40]}")
    if match["coded"]:
        return match["kind"], base64.b64decode(match["data"])
    return match["kind"], urllib.parse.unquote_to_bytes(match["data"])


def _roman(number: int) -> str:
    """Return II for 1 and so on: the second of that name."""
    ones = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"]
    tens, one = divmod(number + 1, 10)
    return "X" * tens + ones[one]
