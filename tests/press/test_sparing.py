"""What the engine's import leaves out is there when a page needs it, and read as it was before."""

# ruff: noqa: SLF001  the saving is made inside of cffi

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from handouts.press.engine import load_engine
from handouts.press.sparing import spare_typedefs

cffi: Any = import_module("cffi")  # it ships no type information
RARE = {"fontTools.subset", "fontTools.ttLib.woff2", "fontTools.varLib.instancer"}
ENGINE = Path(str(load_engine().__file__)).parent
CODE = "\n".join(file.read_text(encoding="utf-8") for file in ENGINE.rglob("*.py"))
DECLARED = """
typedef struct { int size; } Box; typedef ... Hidden; typedef int Length;
typedef enum { LOW, HIGH } Level; Hidden* open_it(Box* box, Length length);
"""
# A font with an axis, packed for the web, on a machine without HarfBuzz's subsetter: all at once.
LAY_OUT = """
import sys, io, base64
from handouts.press.engine import load_engine
engine = load_engine()
rare = {rare}
loaded = rare & set(sys.modules)
assert not loaded, loaded
from weasyprint.pdf import fonts
from weasyprint.text.fonts import FontConfiguration
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables.TupleVariation import TupleVariation
builder = FontBuilder(1000, isTTF=True)
builder.setupGlyphOrder([".notdef", "A"])
builder.setupCharacterMap({{65: "A"}})
pen = TTGlyphPen(None)
pen.moveTo((0, 0)); pen.lineTo((0, 700)); pen.lineTo((600, 700)); pen.closePath()
builder.setupGlyf({{".notdef": TTGlyphPen(None).glyph(), "A": pen.glyph()}})
builder.setupHorizontalMetrics({{".notdef": (600, 0), "A": (600, 0)}})
builder.setupHorizontalHeader(ascent=800, descent=-200)
builder.setupNameTable({{"familyName": "Own", "styleName": "Regular"}})
builder.setupOS2(); builder.setupPost()
builder.setupFvar([("wght", 100, 400, 900, "Weight")], [])
moves = [(0, 0), (0, 0), (200, 0), (0, 0), (0, 0), (0, 0), (0, 0)]
builder.setupGvar({{"A": [TupleVariation({{"wght": (0, 1, 1)}}, moves)]}})
builder.font.flavor = "woff2"
stream = io.BytesIO(); builder.font.save(stream)
for name in rare: sys.modules.pop(name, None)
address = "data:font/woff2;base64," + base64.b64encode(stream.getvalue()).decode()
configuration = FontConfiguration()
css = "@font-face {{ font-family: Own; src: url(" + address + ") }} p {{ font: 700 20pt Own }}"
style = engine.CSS(string=css, font_config=configuration)
fonts.harfbuzz_subset = None
pdf = engine.HTML(string="<p>A").write_pdf(stylesheets=[style], font_config=configuration)
print(pdf[:5].decode(), sorted(rare & set(sys.modules)))
"""


def test_rare_parts_of_fonttools_come_when_they_are_used() -> None:
    command = [sys.executable, "-c", LAY_OUT.format(rare=repr(RARE))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == f"%PDF- {sorted(RARE)}\n", done.stderr


def test_the_engine_takes_nothing_else_out_of_them() -> None:
    """Otherwise: the import finds a name too few, or loads the module at once."""
    taken = {
        (module, name.strip())
        for module, names in re.findall(r"^from (fontTools[\w.]*) import (.+)$", CODE, re.MULTILINE)
        for name in names.split(",")
    }
    assert {f"{module}.{name}" for module, name in taken} & RARE
    assert {name for module, name in taken if module in RARE} == {"instantiateVariableFont"}
    assert not re.findall(r"^import fontTools", CODE, re.MULTILINE)


@pytest.mark.parametrize("source", ["Box *", "Length[3]", "Hidden *(*)(Box *, Level)", "int *"])
def test_a_type_is_what_it_was(source: str) -> None:
    whole, spared = cffi.FFI(), cffi.FFI()
    for ffi in (whole, spared):
        ffi.cdef(DECLARED)
    spare_typedefs(spared)
    assert repr(spared.typeof(source)) == repr(whole.typeof(source))


def test_the_engines_types_are_what_they_were() -> None:
    ffi = load_engine().text.ffi.ffi
    sources = sorted(set(re.findall(r"ffi\.(?:new|cast)\(\s*'([^']+)'", CODE)))
    assert len(sources) > 5
    quick = ffi._parser._parse
    assert "_parse" in vars(ffi._parser), "the saving is not in use"
    read = {source: ffi._parser.parse_type(source) for source in sources}
    del ffi._parser._parse
    try:
        assert {source: ffi._parser.parse_type(source) for source in sources} == read
    finally:
        ffi._parser._parse = quick


def test_what_is_no_type_is_refused_as_before() -> None:
    ffi = cffi.FFI()
    ffi.cdef(DECLARED)
    spare_typedefs(ffi)
    with pytest.raises(cffi.CDefError, match="cannot parse"):
        ffi.typeof("Box Box Box")
    with pytest.raises(cffi.CDefError, match="unknown identifier 'Nobody'"):
        ffi.typeof("Nobody")


def test_another_cffi_is_left_as_it_is() -> None:
    ffi = object()
    spare_typedefs(ffi)
    assert not hasattr(ffi, "_parser")
