"""A text in any script is set as its readers write it, the same in each run."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

import pikepdf
import pypdfium2
import pytest
from weasyprint import HTML

from handouts import assets
from handouts.model.markup import ImprintStyle, SetLine
from handouts.press.line import reads_right_to_left, set_lines
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = assets.FONTS / "atkinson-hyperlegible-next"
FONT = FOLDER / "AtkinsonHyperlegibleNext-Regular.ttf"
STYLE = ImprintStyle(FONT, "#000000", 18, 51, 25.5, "%(number)s/%(total)s", "For %(name)s")
ARABIC, HEBREW, HINDI, THAI = "سلام", "שלום", "हिन्दी", "น้ำ"
CHINESE, JAPANESE, KOREAN, EMOJI = "王小明", "さくら", "김철수", "🙂"


def need_font(*letters: str) -> None:
    """Skip the test where no installed font has these letters."""
    for letter in letters:
        asked = ["fc-list", f":charset={ord(letter):x}", "family"]
        if not shutil.which("fc-list") or not subprocess.check_output(asked):
            pytest.skip(f"no font has {letter} (U+{ord(letter):04X}): run .ci/setup test as root")


def set_one(text: str, style: ImprintStyle = STYLE) -> SetLine:
    """Return one text's line."""
    [line] = set_lines([text], style)
    return line


def list_fonts(pdf: bytes) -> dict[str, bool]:
    """Return the fonts of a document, and whether each is inside."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found = [value for value in document.objects if isinstance(value, pikepdf.Dictionary)]
        return {
            str(font.FontName).partition("+")[2]: bool(
                {*font.keys()} & {"/FontFile2", "/FontFile3"}
            )
            for font in found
            if "/FontName" in font
        }


def draw(line: SetLine) -> bytes:
    """Return the greys of a line's page."""
    document = pypdfium2.PdfDocument(line.pdf)
    try:
        return bytes(document[line.page].render(scale=4, grayscale=True).buffer)
    finally:
        document.close()


def count_ink(line: SetLine) -> int:
    """Return how many dots of a line's page are dark."""
    return sum(grey < 128 for grey in draw(line))


def list_places(line: SetLine) -> list[tuple[str, float]]:
    """Return the letters of a line and where each begins, in the order of the drawing."""
    document = pypdfium2.PdfDocument(line.pdf)
    try:
        reader = document[line.page].get_textpage()
        said = [reader.get_text_range(at, 1) for at in range(reader.count_chars())]
        return [(letter, reader.get_charbox(at)[0]) for at, letter in enumerate(said)]
    finally:
        document.close()


@pytest.mark.parametrize("text", [ARABIC, HEBREW, HINDI, THAI, CHINESE, JAPANESE, KOREAN, EMOJI])
def test_every_script_has_its_font_inside(text: str) -> None:
    need_font(*text)
    line = set_one(f"Sam {text}")
    fonts = list_fonts(line.pdf)
    assert len(fonts) == 2
    assert all(fonts.values())
    assert line.width > set_one("Sam").width + 6


def test_the_page_is_as_large_as_its_line() -> None:
    for text in ("Sam", "Sam Green " * 30):
        line = set_one(text)
        with pikepdf.open(io.BytesIO(line.pdf)) as document:
            _, _, right, top = (float(edge) for edge in document.pages[0].mediabox.as_list())
        assert right == pytest.approx(line.width + 36, abs=0.01)  # an em of white on both sides
        assert top == pytest.approx(72)  # four of height
        assert line.left == 18
        assert list_places(line)[0][1] == pytest.approx(18, abs=2)
        assert list_places(line)[-1][1] == pytest.approx(
            18 + line.width, abs=20
        )  # as wide as a letter


def test_the_baseline_is_where_letters_stand() -> None:
    """Rows of dots from the top; an H stands on the baseline."""
    document = pypdfium2.PdfDocument((line := set_one("H")).pdf)
    bitmap = document[0].render(scale=10, grayscale=True)
    rows = [bytes(bitmap.buffer)[at * bitmap.stride :][: bitmap.width] for at in range(720)]
    document.close()
    lowest = max(at for at, row in enumerate(rows) if min(row) < 128)
    assert (720 - lowest - 1) / 10 == pytest.approx(line.baseline, abs=0.2)


def test_arabic_letters_are_joined() -> None:
    need_font(*ARABIC)
    apart = set_one("\u200c".join(ARABIC))  # each letter for itself
    assert set_one(ARABIC).width < 0.9 * apart.width


def test_arabic_is_what_the_engine_makes_of_it_and_no_row_of_boxes() -> None:
    need_font(*ARABIC)
    css = (
        "@page { size: 200pt 72pt; margin: 0 } body { margin: 0 18pt }"
        'p { font: 18pt/72pt "Noto Sans Arabic"; margin: 0; direction: rtl; text-align: left }'
    )
    pdf = HTML(string=f"<style>{css}</style><p>{ARABIC}").write_pdf()
    ink = count_ink(set_one(ARABIC))
    assert ink == pytest.approx(count_ink(SetLine(pdf, 0, 0, 0, 0)), rel=0.02)
    pdf = HTML(string=f"<style>{css}</style><p>{chr(0xE123) * 4}").write_pdf()
    assert ink != pytest.approx(count_ink(SetLine(pdf, 0, 0, 0, 0)), rel=0.1)


@pytest.mark.parametrize("text", ["سام", "שרה"])
def test_right_to_left_scripts_read_from_the_right(text: str) -> None:
    need_font(*text)
    places = dict(list_places(set_one(f"{text} AB")))
    first, last = text[0], text[-1]
    # The first letter is the rightmost; Latin letters keep their order, to the left.
    assert places["A"] < places["B"] < places[last] < places[first]


@pytest.mark.parametrize(
    ("text", "otherwise", "wanted"),
    [
        ("Sam سام", True, False),
        ("سام Sam", False, True),
        ("12 (3)", True, True),
        ("12 (3)", False, False),
        ("12 שרה", False, True),
        ("For \u2068سام\u2069", True, False),
        ("\u2068سام\u2069 by Sam", True, False),
        ("\u2069 سام", False, True),
    ],
)
def test_the_first_letter_decides_the_direction(text: str, otherwise: bool, wanted: bool) -> None:  # noqa: FBT001
    assert reads_right_to_left(text, otherwise) is wanted


def test_han_characters_have_the_shapes_of_the_language_around_them() -> None:
    need_font("王", "さ", "김")
    fonts = [list_fonts(set_one(text).pdf) for text in ("王", "王さ", "王김")]
    if not all(name.startswith("Noto-Sans-CJK") for found in fonts for name in found):
        pytest.skip("another font than Noto Sans CJK is used")
    assert [next(iter(found))[-2:] for found in fonts] == ["SC", "JP", "KR"]


def test_a_name_of_one_alphabet_is_set_in_one_font() -> None:
    need_font("ặ", "Σ")
    assert len(list_fonts(set_one("Đặng Thị Bình").pdf)) == 1
    assert "Noto" not in next(iter(list_fonts(set_one("Dang Thi Binh").pdf)))
    assert len(list_fonts(set_one(f"Zoë {CHINESE}").pdf)) == 2


def test_the_theme_decides_font_size_and_colour(tmp_path: Path) -> None:
    bold = replace(STYLE, font=FOLDER / "AtkinsonHyperlegibleNext-ExtraBold.ttf")
    assert count_ink(set_one("Sam", bold)) > 1.2 * count_ink(set_one("Sam"))
    half = set_one("Sam", replace(STYLE, size=9)).width
    assert half == pytest.approx(set_one("Sam").width / 2, rel=0.02)
    document = pypdfium2.PdfDocument(set_one("Sam", replace(STYLE, colour="#0b4f57")).pdf)
    colours = document[0].render(scale=8).to_pil().getcolors(1_000_000)
    document.close()
    assert (0x0B, 0x4F, 0x57) in {rgb for _, rgb in colours}
    (tmp_path / "bad.ttf").write_bytes(b"no font")
    for name in ("bad.ttf", "gone.ttf"):
        with pytest.raises(HandoutError, match=r"error\[font-failed\]"):
            set_one("Sam", replace(STYLE, font=tmp_path / name))


def test_markup_and_spaces_in_a_text_are_text() -> None:
    line = set_one("<b>A</b> &amp;  B")
    assert "".join(letter for letter, _ in list_places(line)).split() == ["<b>A</b>", "&amp;", "B"]
    assert set_one("A  B").width > set_one("A B").width
    assert set_one("A ").width > set_one("A").width


def test_nothing_to_set_is_nothing() -> None:
    assert set_lines([], STYLE) == []
    assert set_one("\u200e").width == 0


def test_lines_set_together_are_pages_of_one_document() -> None:
    lines = set_lines(["Sam", "Pam Green", "Sam"], STYLE)
    assert [line.page for line in lines] == [0, 1, 2]
    assert len({line.pdf for line in lines}) == 1
    assert lines[0].width == lines[2].width < lines[1].width


@pytest.mark.parametrize("text", [HINDI, THAI, "שָׁלוֹם"])
def test_every_glyph_is_named(text: str) -> None:
    """ISO 14289-1, 7.21.7. The engine gives no name to the second glyph of one vowel sign."""
    need_font(*text)
    with pikepdf.open(io.BytesIO(set_one(text).pdf)) as document:
        maps = [
            value.ToUnicode.read_bytes()
            for value in document.objects
            if isinstance(value, pikepdf.Dictionary) and "/ToUnicode" in value
        ]
    assert any(b"<2060>" in found for found in maps)
    assert not any(b"<>" in found for found in maps)


def test_a_character_that_no_font_has_is_named() -> None:
    with pytest.raises(HandoutError) as caught:
        set_lines(["Sam \ue123", "\ue123\U000e1000"], STYLE)
    [problem] = caught.value.report
    assert problem.code == "missing-glyph"
    assert problem.message == "no font has U+E123, U+E1000"
    assert problem.hint == "use another character: fonts do not have this one"


def test_without_fonts_the_package_is_named(tmp_path: Path) -> None:
    said = run_alone(
        """
        import sys
        from handouts.problem import HandoutError
        for text in sys.argv[1:]:
            try:
                set_lines([text], style)
            except HandoutError as error:
                print(error)
        """,
        *("Sam", "سا", "王", "🙂", "Zoŵ"),
        FONTCONFIG_FILE=str(write_no_fonts(tmp_path)),
    )
    problems = said.decode("utf-8").split("error[missing-glyph] ")[1:]
    assert [problem.partition("\n")[0] for problem in problems] == [
        "no font has ا (U+0627), س (U+0633)",
        "no font has 王 (U+738B)",
        "no font has 🙂 (U+1F642)",
    ]
    fonts = ("Noto Sans Arabic", "Noto Sans CJK", "Noto Color Emoji")
    for font, problem in zip(fonts, problems, strict=True):
        assert f"\n  hint: install {font}" in problem


def write_no_fonts(folder: Path) -> Path:
    """Return a configuration of a machine without fonts."""
    file = folder / "fonts.conf"
    file.write_text(f"<fontconfig><cachedir>{folder}/cache</cachedir></fontconfig>")
    return file


def run_alone(code: str, *words: str, **environment: str) -> bytes:
    """Return what a process of its own prints, in which ``style`` is a style."""
    begin = f"""
        from pathlib import Path
        from handouts.model.markup import ImprintStyle
        from handouts.press.line import set_lines
        style = ImprintStyle(Path({str(FONT)!r}), "#000000", 12, 51, 25, "", "")
    """
    ran = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            "-c",
            textwrap.dedent(begin) + textwrap.dedent(code),
            *words,
        ],
        env={**os.environ, "PYTHONUTF8": "1", **environment},
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return ran.stdout


def test_equal_texts_are_equal_bytes_in_any_process(monkeypatch: pytest.MonkeyPatch) -> None:
    need_font(EMOJI, *CHINESE, *ARABIC)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    code = "import sys; sys.stdout.buffer.write(set_lines(sys.argv[1:], style)[0].pdf)"
    texts = [f"{EMOJI} {CHINESE}", ARABIC]
    alone = [run_alone(code, *texts, PYTHONHASHSEED=seed) for seed in ("1", "2")]
    assert len(alone[0]) > 5000
    assert alone[0] == alone[1]
    assert "SOURCE_DATE_EPOCH" not in os.environ


def test_the_clock_of_whoever_runs_it_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    set_one("Sam")
    assert os.environ["SOURCE_DATE_EPOCH"] == "1000000000"
