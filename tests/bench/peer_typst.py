"""Turn the original into a Typst document, and that into a PDF for each client.

The document is written as one would by hand: set and show rules first, grids and tables where the
pages have columns, figures from the same SVG files, the name from ``sys.inputs``.
"""

from __future__ import annotations

import re
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.assets import FONTS
from tests.bench.contest import Result, measure, own_peak, read_arguments, say
from tests.bench.original import NAME, load_original, parse_html, read_address

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tests.bench.original import Original

_PREAMBLE = """\
#let name = {name}
#let accent = rgb("#0b4f57")
#let danger = rgb("#8c1414")
#let soft = rgb("#8fa9ab")
#set document(title: {title} + " – " + name, author: {trainer})
#set page(
  paper: "a4",
  margin: (x: 18mm, top: 12mm, bottom: 17mm),
  footer-descent: 20%,
  footer: context {{
    {title} + " · For " + name + " · " + {trainer}
    h(1fr)
    "Page " + counter(page).display() + " of " + str(counter(page).final().first())
  }},
)
#set text(font: "Atkinson Hyperlegible Next", size: {size}pt, fill: rgb("#16191c"))
#set text(lang: "en", hyphenate: false)
#set smartquote(enabled: false)
#set par(leading: {leading}em, spacing: {spacing}em, justify: false)
#set list(marker: text(fill: accent)[•], body-indent: 2mm, spacing: {spacing}em)
#set table(stroke: 0.3mm + soft, inset: (x: 1.6mm, y: {cell}mm))
#set grid(gutter: 1.5mm)
#show heading.where(level: 1): set text(size: 25pt, weight: 800)
#show heading.where(level: 2): set text(size: 15pt, weight: 800, fill: accent)
#show heading.where(level: 3): set text(size: 12pt)
#show heading: set block(above: {above}mm, below: {below}mm)
#show table.cell.where(y: 0): set text(fill: accent, weight: "bold")
"""
_MEASURES = {
    "size": "12",
    "leading": "0.55",
    "spacing": "0.7",
    "cell": "0.9",
    "above": "3.4",
    "below": "2",
}
_FRAME = "stroke: 1.1mm + danger, radius: 1.6mm, inset: 2.4mm, width: 100%, breakable: false"
_WIDE = re.compile(rb'<svg[^>]*?\bwidth="([\d.]+)(mm|px)?"')
_SYS_INPUTS, _FROM_FILE = "sys.inputs.name", 'read("name.txt")'
WAYS = {
    "fresh": "a compiler for each client, the name in sys.inputs",
    "kept": "one compiler kept, the name in sys.inputs",
    "file": "one compiler kept, the name in a file that it reads",
}


def write_typst(original: Original, folder: Path, name: str = _SYS_INPUTS) -> Path:
    """Write the document and its figures; return the document's file.

    Args:
        original: what it says.
        folder: where it goes.
        name: the expression that says whose it is.
    """
    writer = _Writer(folder)
    pages = []
    for html in original.html:
        root = parse_html(html)
        body = root.find("body/div")
        if body is None:
            raise ValueError("a page without a body")
        pages.append(writer.write_page(body))
    preamble = _PREAMBLE.format(
        name=name, title=quote(original.title), trainer=quote(original.trainer), **_MEASURES
    )
    file = folder / "booklet.typ"
    file.write_text(preamble + "\n#pagebreak(weak: true)\n".join(pages), encoding="utf-8")
    return file


def quote(text: str) -> str:
    """Return a text as a Typst string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(text: str | None) -> str:
    """Return a text as a string expression, with the spaces around it as markup."""
    if not text:
        return ""
    plain = re.sub(r"\s+", " ", text)
    inner = plain.strip(" ")
    before, after = plain[:1] == " ", len(plain) > 1 and plain[-1] == " "
    if NAME in inner:
        return "#name;"
    return (" " if before else "") + (f"#{quote(inner)};" if inner else "") + (" " if after else "")


class _Writer:
    """Writes elements as Typst markup, and figures as files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._figures: dict[bytes, int] = {}

    def write_page(self, body: Element) -> str:
        """Return the markup of a plate."""
        return f"#metadata(none)<{body.get('id')}>\n" + self._inner(body)

    def write(self, element: Element) -> str:
        """Return an element's markup, without the text behind it."""
        if not isinstance(element.tag, str):
            return ""  # a comment
        classes = set(element.get("class", "").split())
        for name, method in _BY_CLASS.items():
            if name in classes:
                return str(getattr(self, method)(element))
        method = _BY_TAG.get(element.tag, "_inner")
        return str(getattr(self, method)(element))

    def _back(self, element: Element) -> str:
        return "\n\n#pagebreak(weak: true)\n" + self._inner(element)

    def _inner(self, element: Element) -> str:
        parts = [_text(element.text)]
        for child in element:
            parts += [self.write(child), _text(child.tail)]
        return "".join(parts)

    def _heading(self, element: Element) -> str:
        level = int(element.tag[1])
        return f"\n\n#heading(level: {level})[{self._inner(element)}]\n\n"

    def _paragraph(self, element: Element) -> str:
        inner = self._inner(element).strip()
        return f"\n\n{inner}\n\n" if inner else ""

    def _strong(self, element: Element) -> str:
        return f"#strong[{self._inner(element)}]"

    def _link(self, element: Element) -> str:
        address = element.get("href", "")
        target = f"<{address[1:]}>" if address.startswith("#") else quote(address)
        return f"#link({target})[{self._inner(element)}]"

    def _break(self, element: Element) -> str:
        del element
        return "#linebreak()"

    def _image(self, element: Element) -> str:
        shown = self._figure(element.get("src", ""), element.get("alt", ""))
        return f"#box({shown})"

    def _figure(self, address: str, alt: str) -> str:
        kind, data = read_address(address)
        if kind != "image/svg+xml":
            raise ValueError(f"a figure of kind {kind}")
        # Equal figures are one file: the compiler then reads and embeds it once.
        number = self._figures.setdefault(data, len(self._figures) + 1)
        (self._folder / f"{number}.svg").write_bytes(data)
        wide = _WIDE.search(data)
        width = f", width: {wide[1].decode()}mm" if wide and wide[2] == b"mm" else ""
        said = f", alt: {quote(alt)}" if alt else ""
        return f'image("{number}.svg"{width}{said})'

    def _list(self, element: Element) -> str:
        items = [f"  [{self.write(item).strip()}]" for item in element.iter("li")]
        # Those that bring figures or numbers of their own have no marks.
        plain = any(self._is_laid_out(item) for item in element.iter("li"))
        marker = "marker: none, body-indent: 0pt, " if plain else ""
        return f"\n\n#list({marker}\n" + ",\n".join(items) + "\n)\n\n"

    @staticmethod
    def _is_laid_out(item: Element) -> bool:
        return bool({"error", "rung"} & set(item.get("class", "").split()))

    def _steps(self, element: Element) -> str:
        """Two columns of steps."""
        heads = [child for child in element if child.tag == "h2"]
        items = [f"  [{self.write(item)}]" for item in element.iter("li")]
        rest = [child for child in element if child.tag not in {"h2", "ol"}]
        grid = "#grid(columns: (1fr, 1fr), column-gutter: 4mm, row-gutter: 2mm,\n"
        return (
            "".join(map(self.write, heads))
            + f"\n\n{grid}{','.join(items)}\n)\n\n"
            + "".join(map(self.write, rest))
        )

    def _beside(self, element: Element) -> str:
        """The element's parts side by side, the last taking what is left."""
        cells = [f"[{self.write(child).strip()}]" for child in element]
        columns = ", ".join(["auto"] * (len(cells) - 1) + ["1fr"])
        return f"\n\n#grid(columns: ({columns},), column-gutter: 2.5mm, {', '.join(cells)})\n\n"

    def _masthead(self, element: Element) -> str:
        maps = [self.write(child) for child in element if child.tag == "img"]
        rest = "".join(self.write(child) for child in element if child.tag != "img").strip()
        return f"\n\n#grid(columns: (1fr, auto), [{rest}], [{''.join(maps)}])\n\n"

    def _pair(self, element: Element) -> str:
        cells = [f"[{self.write(child).strip()}]" for child in element]
        return f"#grid(columns: {len(cells)}, {', '.join(cells)})"

    def _even(self, element: Element) -> str:
        cells = [f"[{self.write(child).strip()}]" for child in element]
        return f"\n\n#grid(columns: ({'1fr, ' * len(cells)}), {', '.join(cells)})\n\n"

    def _row(self, element: Element) -> str:
        cells = [f"[{self.write(child).strip()}]" for child in element]
        return f"\n\n#grid(columns: (30mm, 1fr), {', '.join(cells)})\n\n"

    def _framed(self, element: Element) -> str:
        inner = self._inner(element)
        return f"\n\n#block({_FRAME})[{inner}]\n\n"

    def _blank(self, element: Element) -> str:
        return f"\n\n#block(width: 100%, stroke: (bottom: 0.3mm))[{self._inner(element)}]\n\n"

    def _line(self, element: Element) -> str:
        if element.tag != "span":
            return self._inner(element)
        return "#box(width: 50mm, stroke: (bottom: 0.3mm))"

    def _ruled(self, element: Element) -> str:
        del element
        return "\n\n#block(height: 7mm, width: 100%, stroke: (bottom: 0.3mm + soft))\n\n"

    def _thumbnail(self, element: Element) -> str:
        address = re.search(r"url\((.*)\)", element.get("style", ""))
        return f"#box(pdf.artifact({self._figure(address[1], '')})) " if address else ""

    def _client(self, element: Element) -> str:
        return f"#text(size: 20pt, weight: 700)[{self._inner(element)}]"

    def _table(self, element: Element) -> str:
        rows = [*element.iter("tr")]
        widths = _columns(rows)
        lines = []
        for row in rows:
            cells = ", ".join(self._cell(cell) for cell in row)
            head = all(cell.get("scope") == "col" for cell in row)
            lines.append(f"  table.header({cells})" if head else f"  {cells}")
        return f"\n\n#table(columns: ({widths}),\n" + ",\n".join(lines) + "\n)\n\n"

    def _cell(self, cell: Element) -> str:
        inner = self.write(cell).strip() if "client" in cell.get("class", "") else self._inner(cell)
        spans = cell.get("colspan")
        shown = f"[{inner.strip()}]"
        if cell.tag == "th" and cell.get("scope") == "row":
            shown = f"[#strong[{inner.strip()}]]"
        return f"table.cell(colspan: {spans}){shown}" if spans else shown


_BY_CLASS = {
    "back": "_back",
    "masthead": "_masthead",
    "steps": "_steps",
    "step": "_beside",
    "error": "_beside",
    "rung": "_beside",
    "pair": "_pair",
    "cells": "_even",
    "emblems": "_even",
    "row": "_row",
    "avoid": "_framed",
    "blank": "_blank",
    "line": "_line",
    "ruled": "_ruled",
    "picture": "_thumbnail",
    "client": "_client",
}
_BY_TAG = {
    "h1": "_heading",
    "h2": "_heading",
    "h3": "_heading",
    "p": "_paragraph",
    "strong": "_strong",
    "a": "_link",
    "br": "_break",
    "img": "_image",
    "ul": "_list",
    "ol": "_list",
    "table": "_table",
}


def _columns(rows: list[Element]) -> str:
    """Return the widths of a table's columns: narrow ones for the days, the rest shared."""
    first = rows[0]
    classes = [cell.get("class", "") for cell in first]
    if "day" in classes:
        return ", ".join(
            {"day": "10.5mm", "week-number": "15mm"}.get(kind, "1fr") for kind in classes
        )
    if len(first) == 2:
        return "1fr, 1.3fr" if first[0].get("scope") == "col" else "46mm, 1fr"
    return ", ".join(["1fr"] * len(first))


# ── Compiling ────────────────────────────────────────────────────────────────────────────────────


def measure_typst(original: Original, output: Path, count: int, way: str) -> Result:
    """Compile the document for each client, in one of the ways."""
    import typst

    with tempfile.TemporaryDirectory() as folder:
        expression = _FROM_FILE if way == "file" else _SYS_INPUTS
        file = write_typst(original, Path(folder), expression)
        said = Path(folder) / "name.txt"

        def open_compiler() -> typst.Compiler:
            return typst.Compiler(
                str(file), root=folder, font_paths=[str(FONTS)], ignore_system_fonts=True
            )

        compiler = open_compiler()

        def make(name: str) -> bytes:
            nonlocal compiler
            inputs = {"name": name}
            if way == "file":
                said.write_text(name, encoding="utf-8")
                inputs = {}
            elif way == "fresh":
                compiler = open_compiler()
            made = compiler.compile(format="pdf", pdf_standards=["ua-1"], sys_inputs=inputs)
            if not isinstance(made, bytes):
                raise TypeError("one PDF was to come")
            return made

        made, seconds = measure(make, output, count)
    release = f"{version('typst')} (its Python compiler)"
    return Result(made, seconds, own_peak(), release, WAYS[way])


def main() -> None:
    """Run one of the ways."""
    told = read_arguments()
    say(measure_typst(load_original(told.original), told.output, told.count, told.way))


if __name__ == "__main__":
    main()
