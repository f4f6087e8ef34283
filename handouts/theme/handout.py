"""Turn one exercise, dressed in a theme, into its markup and the phrases to be read on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from handouts import __version__
from handouts.model.base import Frozen
from handouts.model.markup import ImprintStyle, Markup, Phrase
from handouts.model.settings import Detail, Ink, Size
from handouts.problem import HandoutError, Place
from handouts.source.workspace import show_path
from handouts.theme import phrasing
from handouts.theme.drawings import Drawer, MuscleMapper
from handouts.theme.environment import ChainEnvironment, fill_template, make_environment
from handouts.theme.styles import encode_data_address, make_stylesheet
from handouts.theme.words import Words, read_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from markupsafe import Markup as SafeText

    from handouts.model.dose import Dose
    from handouts.model.exercise import Exercise, MuscleRole
    from handouts.model.settings import Settings
    from handouts.source.library import Vocabulary
    from handouts.theme.chain import Chain

# Points: 18 mm to the text, 9 mm to the foot's baseline (printers leave about 5 mm white).
_MARGIN, _BASELINE = 51.02, 25.51
_SIZES = {Size.STANDARD: 12.0, Size.LARGE: 18.0}
_BLACK = "#000000"


@dataclass(frozen=True)
class Dresser:
    """Everything that turns an exercise into markup, but the exercise."""

    vocabulary: Vocabulary
    settings: Settings
    chain: Chain
    pictures: Mapping[str, str]
    """The ``data:`` address of every picture that an exercise or the trainer names."""

    def dress_exercise(self, exercise: Exercise, prescribed: Dose | None = None) -> Markup:
        """Return the markup of one exercise's handout.

        Args:
            exercise: what to print.
            prescribed: the dose for this client, in place of the exercise's own.

        Raises:
            HandoutError: a fault in a template, a style sheet or a catalogue.
        """
        words = read_words(self.chain, exercise.language)
        environment = _environment(self.chain, words)
        environment.filters.update(_filters(words, self.vocabulary, self.pictures))
        drawer = Drawer(exercise, self.settings.print)
        environment.filters["drawing"] = drawer.draw
        mapper = MuscleMapper(exercise, self.vocabulary, self.settings.print)
        environment.filters["small_map"] = mapper.draw_small
        environment.filters["labelled_map"] = mapper.draw_labelled
        values = {
            "exercise": exercise,
            "trainer": self.settings.trainer,
            "look": self.settings.print,
            "prescribed": prescribed,
            "figure_widths": drawer.widths(),
            "words": words,
            "version": __version__,
        }
        phrases = _find_phrases(exercise, self.vocabulary, self.settings.print.detail, words)
        return Markup(
            title=exercise.name,
            html=fill_template(environment, "exercise.html.j2", values),
            css=make_stylesheet(self.chain, self.settings.print),
            phrases=(*phrases, *_find_doses(exercise, prescribed, words)),
            imprint=make_imprint_style(self.chain, self.settings, words),
            problems=tuple(words.report),
        )


@lru_cache(maxsize=8)
def _environment(chain: Chain, words: Words) -> ChainEnvironment:
    return make_environment(chain, words)


def _filters(words: Words, vocabulary: Vocabulary, pictures: Mapping[str, str]) -> dict[str, Any]:
    def dose_words(dose: Dose, side: bool = True) -> SafeText:  # noqa: FBT001, FBT002  a filter
        return phrasing.keep_together(phrasing.say_dose(words, dose, side=side))

    def muscle_name(entry: MuscleRole) -> str:
        return vocabulary.muscles[entry.muscle].name

    def muscle_latin(entry: MuscleRole) -> str:
        return vocabulary.muscles[entry.muscle].latin

    def condition_name(slug: str) -> str:
        return phrasing.sentence(vocabulary.conditions[slug].name)

    return {
        "dose_words": dose_words,
        "shared_side": lambda doses: phrasing.say_shared_side(words, doses),
        "term": lambda term: phrasing.say_term(words, term),
        "date_words": words.day,
        "sentence": phrasing.sentence,
        "by_level": phrasing.by_level,
        "short_address": phrasing.short_address,
        "qr_code": _qr_code,
        "picture": pictures.__getitem__,
        "muscle_name": muscle_name,
        "muscle_latin": muscle_latin,
        "condition_name": condition_name,
    }


def _qr_code(address: object) -> str:
    import io

    import segno

    stream = io.BytesIO()
    # Border 4 modules (ISO/IEC 18004); error level M survives a smudged copy.
    code = segno.make(str(address), error="m", micro=False)
    code.save(stream, kind="svg", border=4, xmldecl=False)
    return encode_data_address("image/svg+xml", stream.getvalue())


def make_imprint_style(chain: Chain, settings: Settings, words: Words) -> ImprintStyle:
    """Return how the foot of each page is printed.

    Raises:
        HandoutError: ``style-missing-file`` for the theme's font.
    """
    fonts = chain.styles(chain.theme.font)
    if not fonts:
        raise HandoutError.of(
            "style-missing-file",
            f"font: there is no {chain.theme.font}",
            Place(show_path(chain.theme.folder / "theme.toml")),
            hint="name a TrueType file inside the theme's folder, or leave the line out",
        )
    return ImprintStyle(
        font=fonts[0][1],
        colour=_BLACK if settings.print.ink is Ink.MONO else chain.theme.colour,
        size=_SIZES[settings.print.size],
        margin=_MARGIN,
        baseline=_BASELINE,
        of_pages=words.catalogue.gettext("Page %(number)s of %(total)s"),
        for_client=words.catalogue.gettext("For %(name)s"),
        right_to_left=words.direction == "rtl",
    )


_ALWAYS = [
    "name",
    "summary",
    "steps",
    "breathing",
    "avoid",
    "stop_if",
    "errors",
    "progressions",
    "sources",
]
_FULL = [
    "aliases",
    "equipment",
    "tips",
    "safety",
    "benefits",
    "suits",
    "routine",
    "questions",
    "about",
    "remember",
]


def _find_phrases(
    exercise: Exercise, vocabulary: Vocabulary, detail: Detail, words: Words
) -> Iterator[Phrase]:
    """Yield what must be read on the page: the safety and the doing always, all of it in full."""
    for number, row in enumerate(exercise.avoid):
        condition = vocabulary.conditions[row.condition].name
        yield Phrase(f"avoid[{number}].condition", condition)
        yield Phrase(f"avoid[{number}].level", phrasing.say_term(words, row.level))
    for key in _ALWAYS + (_FULL if detail is Detail.FULL else []):
        yield from _texts(key, getattr(exercise, key))
    if detail is Detail.FULL:
        for role in type(exercise.muscles).model_fields:
            for number, entry in enumerate(getattr(exercise.muscles, role)):
                where = f"muscles.{role}[{number}]"
                yield Phrase(where, vocabulary.muscles[entry.muscle].name)
                yield from _texts(f"{where}.does", entry.does)


def _find_doses(exercise: Exercise, prescribed: Dose | None, words: Words) -> Iterator[Phrase]:
    for number, rung in enumerate(exercise.progressions):
        if rung.dose:
            yield Phrase(f"progressions[{number}].dose", phrasing.say_dose(words, rung.dose))
    if prescribed:
        yield Phrase("dose", phrasing.say_dose(words, prescribed))
        return
    shared = phrasing.say_shared_side(words, exercise.dose)
    if shared:
        yield Phrase("dose", shared)
    for purpose, dose in exercise.dose.items():
        yield Phrase(f"dose.{purpose}", phrasing.say_dose(words, dose, side=shared is None))


# What is printed as its own word, or stands behind a name, is not looked for as it was typed.
_NOT_TEXT = {"figure", "figures", "direction", "level", "basis", "condition", "dose", "url"}


def _texts(where: str, value: object) -> Iterator[Phrase]:
    if isinstance(value, str):
        yield Phrase(where, value)
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _texts(f"{where}[{number}]", item)
    elif isinstance(value, Frozen):
        for key in type(value).model_fields:
            if key not in _NOT_TEXT:
                yield from _texts(f"{where}.{key}", getattr(value, key))
