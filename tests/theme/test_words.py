"""The printed words come from a catalogue: another language is a file."""

from __future__ import annotations

import runpy
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po

from handouts import assets
from handouts.problem import HandoutError
from handouts.theme.chain import make_chain
from handouts.theme.words import RIGHT_TO_LEFT, Words, read_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.model.markup import Markup

    Write = Callable[[str, str], Path]
    Dress = Callable[..., Markup]

CHECKOUT = Path(__file__).parents[2]
GERMAN = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "How to do it"
msgstr "So geht es"

msgid "Page %(number)s of %(total)s"
msgstr "Seite %(number)s von %(total)s"

msgid "Harder"
msgstr "Schwerer"

msgid "%(span)s set of"
msgid_plural "%(span)s sets of"
msgstr[0] "%(span)s Satz zu"
msgstr[1] "%(span)s Sätze zu"

msgid "Notes"
msgstr ""
"""


@pytest.fixture
def words(tmp_path: Path, write: Write) -> Callable[[str, str], Words]:
    """Return a function that reads a catalogue of the workspace."""

    def words(language: str, text: str, file: str | None = None) -> Words:
        write(f"templates/words/{file or language}.po", text)
        return read_words(make_chain("clear", tmp_path), language)

    return words


def test_the_english_catalogue_has_every_word_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If not: ``make words``."""
    monkeypatch.chdir(CHECKOUT)
    extract = runpy.run_path(str(CHECKOUT / ".ci" / "words.py"))["extract_words"]
    with extract(tmp_path).open("rb") as stream:
        wanted = {message.id for message in read_po(stream) if message.id}
    with (assets.TEMPLATES / "words" / "en.po").open("rb") as stream:
        shipped = {message.id for message in read_po(stream, locale="en") if message.id}
    assert shipped == wanted
    assert "How to do it" in wanted  # from a template
    assert "Lying down" in wanted  # from the code
    assert ("%(span)s set of", "%(span)s sets of") in wanted


def test_a_german_catalogue_changes_headings_and_language(
    tmp_path: Path, write: Write, dress: Dress, read: Callable[..., object]
) -> None:
    write("templates/words/de.po", GERMAN)
    markup = dress(read(language="de"), tmp_path)
    assert '<html lang="de" dir="ltr"' in markup.html
    assert "<h2>So geht es</h2>" in markup.html
    assert "How to do it" not in markup.html
    assert ">Schwerer</p>" in markup.html
    assert "<h2>Who should avoid this</h2>" in markup.html  # not translated yet
    assert markup.imprint.of_pages == "Seite %(number)s von %(total)s"


def test_a_dose_takes_the_languages_plural(
    tmp_path: Path, write: Write, dress: Dress, read: Callable[..., object]
) -> None:
    write("templates/words/de.po", GERMAN)
    assert "3 Sätze zu 10" in dress(read(language="de"), tmp_path, "3 × 10").html
    assert "1 Satz zu 10" in dress(read(language="de"), tmp_path, "1 × 10").html


def test_a_region_falls_back_on_its_language(words: Callable[..., Words]) -> None:
    austrian = words("de-AT", GERMAN, "de")
    assert austrian.language == "de-AT"
    assert austrian.say("How to do it") == "So geht es"
    assert austrian.day(date(2026, 1, 20)) == "20. Jänner 2026"
    assert words("de", GERMAN).day(date(2026, 1, 20)) == "20. Januar 2026"


@pytest.mark.parametrize("language", ["ar", "he", "fa-IR", "ur"])
def test_a_right_to_left_language_sets_the_direction(
    tmp_path: Path, write: Write, dress: Dress, read: Callable[..., object], language: str
) -> None:
    write(f"templates/words/{language}.po", GERMAN)
    markup = dress(read(language=language), tmp_path)
    assert f'<html lang="{language}" dir="rtl"' in markup.html
    assert markup.imprint.right_to_left


def test_the_directions_agree_with_cldr() -> None:
    from babel import Locale

    wrong = [
        language
        for language in ["ar", "de", "en", "fa", "fr", "he", "hi", "ja", "ps", "ru", "ur", "zh"]
        if (Locale(language).character_order == "right-to-left") != (language in RIGHT_TO_LEFT)
    ]
    assert wrong == []


def test_a_language_without_a_catalogue_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(HandoutError, match=r"error\[no-words\].*\"sv\"") as caught:
        read_words(make_chain("clear", tmp_path), "sv")
    assert "copy words/en.po to templates/words/sv.po" in str(caught.value)


def test_words_that_are_missing_are_counted(words: Callable[..., Words]) -> None:
    [problem] = words("de", GERMAN).report
    assert problem.code == "words-missing"
    assert problem.severity == "warning"
    assert '"Notes"' in problem.message
    assert list(words("en", GERMAN).report) == []


def test_the_nearest_catalogue_wins(tmp_path: Path, write: Write) -> None:
    write("styles/themes/mine/theme.toml", "")
    write("styles/themes/mine/templates/words/de.po", GERMAN)
    chain = make_chain("mine", tmp_path)
    assert read_words(chain, "de").say("Harder") == "Schwerer"
    write("templates/words/de.po", GERMAN.replace("Schwerer", "Schwieriger"))
    assert read_words(chain, "de").say("Harder") == "Schwieriger"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "cannot be read"),
        (GERMAN.replace("(n != 1)", "n.__class__"), "cannot be read"),
        (GERMAN.replace("von %(total)s", "von %(all)s"), "%(all)s"),
        (GERMAN.replace("von %(total)s", "von %(total)s, 100 %"), "Page %(number)s of %(total)s"),
        (GERMAN.replace("Satz zu", "Satz zu %d"), "set of"),
    ],
    ids=["no catalogue", "bad plural", "unknown name", "lone %", "other kind"],
)
def test_a_fault_in_a_catalogue_is_a_problem(
    words: Callable[..., Words], text: str, said: str
) -> None:
    with pytest.raises(HandoutError, match=r"error\[bad-words\]") as caught:
        words("de", text)
    [problem] = caught.value.report
    assert said in problem.message
    assert "de.po" in str(problem.place)


def test_a_catalogue_in_another_encoding_is_a_problem(tmp_path: Path, write: Write) -> None:
    write("templates/words/de.po", "").write_bytes(GERMAN.encode("latin-1"))
    with pytest.raises(HandoutError, match="bad-words"):
        read_words(make_chain("clear", tmp_path), "de")


@pytest.mark.parametrize("language", ["tlh", "de-XX", "zz", "en-x1234567"])
def test_a_language_that_babel_does_not_know_is_no_crash(
    words: Callable[..., Words], language: str
) -> None:
    read = words(language, GERMAN)
    assert read.say("Harder") == "Schwerer"
    assert "2026" in read.day(date(2026, 1, 20))
