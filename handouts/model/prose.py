"""Turn a small, safe part of Markdown into blocks that any page can set, or into what is refused.

Paragraphs, ``##`` and ``###`` headings, lists with ``-`` or ``1.``, ``**bold**``, ``[links](https://…)``
and backslash escapes, as CommonMark 0.31 has them. Everything else that Markdown would make
something of is refused, never printed half-made: raw HTML because it could hide text or run code,
italics because clear print has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

_LONGEST = 6000  # characters, two printed pages


class BlockKind(StrEnum):
    """What a block of text is."""

    HEADING = "heading"
    SUBHEADING = "subheading"
    PARAGRAPH = "paragraph"
    BULLETS = "bullets"
    NUMBERS = "numbers"


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters of one look; ``address`` is where a link leads."""

    text: str
    bold: bool = False
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph or a list: one line of spans, or one a list item."""

    kind: BlockKind
    lines: tuple[tuple[Span, ...], ...]


_HEADING = re.compile(r"(#{2,3})\s+(\S.*?)\s*#*")
_BULLET = re.compile(r"[-*+]\s+(\S.*)")
_NUMBER = re.compile(r"[0-9]{1,2}[.)]\s+(\S.*)")
# What Markdown or a browser would make something of, and what to write instead.
_REFUSED = (
    (re.compile(r"(?<!\\)<[A-Za-z/!?]"), "raw-html", "raw HTML", "write the text without tags"),
    (
        re.compile(r"(?<!\\)&(#[0-9xX]|[A-Za-z][A-Za-z0-9]*;)"),
        "raw-html",
        "an HTML entity",
        "type the character itself",
    ),
    (re.compile(r"!\["), "markdown-unknown", "a picture", "leave it out"),
    (re.compile(r"\*{3}"), "markdown-unknown", "bold italics", "write **bold**"),
    (re.compile(r"(?<!\\)`"), "markdown-unknown", "code", "leave out the `"),
)
_REFUSED_LINES = (
    (re.compile(r"#(\s|#{3,})"), "a heading of this level", "begin it with ## or ###"),
    (re.compile(r">"), "a quotation", "leave out the >"),
    (re.compile(r"\|"), "a table", "write a list"),
    (re.compile(r"([-*_=]\s*){3,}$|=+$"), "a rule", "begin a heading with ##"),
    (re.compile(r"\[[^\]]*\]:"), "a reference", "write [text](https://…)"),
)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_INLINE = re.compile(
    r"\\[!-/:-@\[-`{-~]|\*\*(?P<bold>\S(?:.*?\S)??)\*\*|\[(?P<text>[^\]*]+)\]\((?P<address>[^()\s]*)\)"
)
_ADDRESS = re.compile(r"(https?://|mailto:|tel:)[^\s\"'<>\\]+")
_ITALIC = re.compile(
    r"(?<![\w\\*])\*(?=[^\s*])[^*]*[^\s*]\*(?!\*)|(?<![\w\\])_(?=[^\s_])[^_]*_(?!\w)"
)


def parse_prose(text: str) -> tuple[Block, ...]:
    """Return the blocks of a text.

    Raises:
        PydanticCustomError: ``raw-html``, ``markdown-unknown`` or ``markdown-link``.
    """
    blocks: list[Block] = []
    waiting: list[str] = []  # lines of the paragraph or list item that is being read
    kind = BlockKind.PARAGRAPH
    for number, raw in enumerate([*text.split("\n"), ""], start=1):
        line = raw.strip()
        _refuse(raw, line, number)
        heading, bullet, item = (p.fullmatch(line) for p in (_HEADING, _BULLET, _NUMBER))
        if line and not (heading or bullet or item):
            waiting.append(line)
            continue
        _end(blocks, kind, waiting)
        kind = BlockKind.PARAGRAPH
        if heading:
            kind = BlockKind.HEADING if len(heading[1]) == 2 else BlockKind.SUBHEADING  # noqa: PLR2004
            blocks.append(Block(kind, (_read_spans(heading[2]),)))
            kind = BlockKind.PARAGRAPH
        elif found := bullet or item:
            kind = BlockKind.BULLETS if bullet else BlockKind.NUMBERS
            waiting = [found[1]]
            continue
        waiting = []
    return tuple(blocks)


def _end(blocks: list[Block], kind: BlockKind, lines: list[str]) -> None:
    """Add the lines read so far: to the list that they go on with, or as a block of their own."""
    if not lines:
        return
    spans = _read_spans(" ".join(lines))
    if kind is not BlockKind.PARAGRAPH and blocks and blocks[-1].kind is kind:
        blocks[-1] = Block(kind, (*blocks[-1].lines, spans))
    else:
        blocks.append(Block(kind, (spans,)))


def _refuse(raw: str, line: str, number: int) -> None:
    for pattern, code, what, hint in _REFUSED:
        if pattern.search(line):
            raise _refusal(code, what, number, hint)
    for pattern, what, hint in _REFUSED_LINES:
        if pattern.match(line):
            raise _refusal("markdown-unknown", what, number, hint)
    if _ITALIC.search(line):
        raise _refusal("markdown-unknown", "italics", number, "write **bold**, or leave it plain")
    if raw.startswith(("    ", "\t")):
        raise _refusal("markdown-unknown", "an indented line", number, "begin it at the margin")


def _refusal(code: str, what: str, number: int, hint: str) -> PydanticCustomError:
    return PydanticCustomError(
        code,
        "{what} in line {number} of the text",
        {"what": what, "number": number, "hint": hint},
    )


def _read_spans(text: str, *, bold: bool = False) -> tuple[Span, ...]:
    spans: list[Span] = []
    plain = ""
    end = 0
    for match in _INLINE.finditer(text):
        plain += text[end : match.start()]
        end = match.end()
        if not (match["bold"] or match["text"]):
            plain += match[0][1]
            continue
        if plain:
            spans.append(Span(plain, bold))
            plain = ""
        if match["bold"]:
            spans += _read_spans(match["bold"], bold=True)
        else:
            spans.append(Span(_ESCAPE.sub(r"\1", match["text"]), bold, _check(match["address"])))
    plain += text[end:]
    return (*spans, *([Span(plain, bold)] if plain else []))


def _check(address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise PydanticCustomError(
            "markdown-link",
            'the link "{address}" leads nowhere safe',
            {"address": address[:60], "hint": "begin it with https://, mailto: or tel:"},
        )
    return address


def _check_prose(text: str) -> str:
    parse_prose(text)
    return text


Prose = Annotated[
    str, StringConstraints(min_length=1, max_length=_LONGEST), AfterValidator(_check_prose)
]
