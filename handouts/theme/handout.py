"""Turn one exercise, dressed in a theme, into its markup and the phrases to be read on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from handouts import __version__
from handouts.model.markup import ImprintStyle, Markup
from handouts.model.settings import Ink, Size
from handouts.problem import HandoutError, Place
from handouts.source.workspace import show_path
from handouts.theme import phrasing
from handouts.theme.drawings import Drawer, MuscleMapper, Sketchbook
from handouts.theme.environment import ChainEnvironment, fill_template, make_environment
from handouts.theme.phrases import find_advice, find_doses, find_phrases, find_sources
from handouts.theme.styles import encode_data_address, make_stylesheet
from handouts.theme.words import Words, read_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup as SafeText

    from handouts.model.assignment import Task
    from handouts.model.dose import Dose
    from handouts.model.exercise import Exercise, MuscleRole
    from handouts.model.settings import Settings
    from handouts.source.library import Vocabulary
    from handouts.theme.advice import Advice
    from handouts.theme.chain import Chain

# Points: 18 mm to the text, 9 mm to the foot's baseline (printers leave about 5 mm white).
_MARGIN, _BASELINE = 51.02, 25.51
_SIZES = {Size.STANDARD: 12.0, Size.LARGE: 18.0}
_BLACK = "#000000"


@dataclass(frozen=True, slots=True)
class Fit:
    """How a page makes room for what is prescribed, and for whom.

    A narrower picture leaves its text more room, and a lower one ends sooner.
    """

    front: float = 1.0
    """Scale of the steps' pictures."""
    back: float = 1.0
    """Scale of the pictures of errors and rungs."""
    warning_first: bool = False
    """The box before the steps, which then run on."""
    advice_apart: bool = False
    """What is for this client behind the box, not in it: for the longest of notes."""


@dataclass(frozen=True)
class Dresser:
    """Everything that turns an exercise into markup, but the exercise."""

    vocabulary: Vocabulary
    settings: Settings
    chain: Chain
    pictures: Mapping[str, str]
    """The ``data:`` address of every picture that an exercise or the trainer names."""
    halves: bool = False
    """Whether the pages are for a folded booklet, two on a sheet."""
    sketches: Sketchbook = field(default_factory=Sketchbook, compare=False)
    """What has been drawn of the exercises so far."""
    _sheets: dict[str | None, str] = field(default_factory=dict, compare=False, repr=False)
    """The style sheets of this run, by the extra one: with fonts inside, 300 kB each."""

    def dress_exercise(
        self,
        exercise: Exercise,
        tasks: Sequence[Task] = (),
        advice: Sequence[Advice] = (),
        fit: Fit = Fit(),
    ) -> Markup:
        """Return the markup of one exercise's handout.

        Args:
            exercise: what to print.
            tasks: what is prescribed, in place of the exercise's own doses.
            advice: what the client has to heed; printed in the who-should-avoid box.
            fit: how much room the pictures leave to the text.

        Raises:
            HandoutError: a fault in a template, a style sheet or a catalogue.
        """
        words = read_words(self.chain, exercise.language)
        environment = self.make_environment(words)
        drawer = Drawer(exercise, self.settings.print, self.sketches, (fit.front, fit.back))
        environment.filters["drawing"] = drawer.draw
        mapper = MuscleMapper(exercise, self.vocabulary, self.settings.print)
        environment.filters["small_map"] = mapper.draw_small
        environment.filters["labelled_map"] = mapper.draw_labelled
        planned = any(task.session for task in tasks)
        values = {
            **self.values(words),
            "exercise": exercise,
            "tasks": tasks,
            "planned": planned,
            "rung_weeks": phrasing.say_rung_weeks(words, tasks),
            "advice": advice,
            "fit": fit,
            "figure_widths": drawer.widths(),
        }
        phrases = [*find_phrases(exercise, self.vocabulary, self.settings.print.detail, words)]
        phrases += [] if planned else find_sources(exercise)
        return Markup(
            title=exercise.name,
            html=fill_template(environment, "exercise.html.j2", values),
            css=self.stylesheet(),
            phrases=(*phrases, *find_doses(exercise, tasks, words), *find_advice(advice)),
            imprint=make_imprint_style(self.chain, self.settings, words),
            problems=tuple(words.report),
        )

    def make_environment(self, words: Words) -> ChainEnvironment:
        """Return the environment of a language, with the filters that every template has."""
        environment = _environment(self.chain, words)
        environment.filters.update(_filters(words, self.vocabulary, self.pictures))
        return environment

    def stylesheet(self, extra: str | None = None) -> str:
        """Return the style sheet of a page; with an extra one for documents of its own kind."""
        if extra not in self._sheets:
            look = self.settings.print
            self._sheets[extra] = make_stylesheet(self.chain, look, extra, halves=self.halves)
        return self._sheets[extra]

    def values(self, words: Words) -> dict[str, Any]:
        """Return what every template knows."""
        return {
            "trainer": self.settings.trainer,
            "look": self.settings.print,
            "words": words,
            "version": __version__,
        }


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
        "side_words": lambda side: phrasing.say_side(words, side),
        "short_day": lambda day: phrasing.say_short_day(words, day),
        "day_words": lambda day: phrasing.say_weekday(words, day),
        "from_week": lambda week: phrasing.say_from_week(words, week),
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
