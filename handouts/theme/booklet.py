"""Turn a programme into the markup of a booklet's own pages: all but the exercises'."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from handouts.model.markup import Markup, Phrase
from handouts.model.programme import Weekday
from handouts.model.prose import BlockKind, parse_prose
from handouts.theme.drawings import EmblemDrawer
from handouts.theme.environment import fill_template
from handouts.theme.handout import make_imprint_style
from handouts.theme.phrases import find_advice, find_sources, find_task
from handouts.theme.words import read_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from handouts.model.assignment import Task
    from handouts.model.base import Slug
    from handouts.model.booklet import Booklet
    from handouts.model.exercise import Exercise
    from handouts.model.markup import ImprintStyle
    from handouts.model.prose import Block
    from handouts.theme.advice import Advice
    from handouts.theme.handout import Dresser
    from handouts.theme.words import Words

Entry = tuple[str, str, int]
"""A line of the contents: the plate's name, its title and its first page."""
_SHEET = "booklet.css"
TIGHTEST = 3
"""Of covers: no pictures, and a title in the size of any page's."""


@dataclass(frozen=True)
class BookletDresser:
    """Everything that turns a booklet's content into markup, but who it is for."""

    dresser: Dresser
    booklet: Booklet

    @cached_property
    def titles(self) -> dict[str, str]:
        """The booklet's own pages and what they are called, but for the cover."""
        say = self._words.say
        return {
            "welcome": say("Welcome"),
            "week": say("Your week at a glance"),
            "safety": say("Stay safe"),
            "log": say("Your log"),
            "closing": say("Well done"),
            "notes": say("Notes"),
        }

    def dress_cover(self, tightness: int = 0) -> Markup:
        """Return the front page: what it is for, from when to when, and a place for the name.

        Args:
            tightness: how much smaller pictures and title are, from 0 to ``TIGHTEST``.
        """
        programme = self.booklet.programme
        phrases = [Phrase("goal", programme.goal)]
        return self._dress("cover", programme.title, phrases, {"tightness": tightness})

    def dress_welcome(self, entries: Sequence[Entry], changes: Sequence[str]) -> Markup:
        """Return the introduction, what has changed since the last version, and the contents."""
        introduction = _read_prose(self.booklet.programme.introduction)
        phrases = [*_find_prose("introduction", introduction)]
        phrases += [Phrase(f"changes[{n}]", line) for n, line in enumerate(changes)]
        phrases += [Phrase(f"contents.{name}", title) for name, title, _ in entries]
        values = {"introduction": introduction, "entries": entries, "changes": changes}
        return self._dress("welcome", self.titles["welcome"], phrases, values)

    def dress_week(self) -> Markup:
        """Return the plan at a glance: sessions, days, exercises, doses and when to move on."""
        sessions = self._sessions()
        phrases = [*self._find_tasks()]
        phrases += [
            Phrase(f"sessions[{n}].name", name)
            for n, (name, _, _) in enumerate(sessions)
            if len(sessions) > 1
        ]
        return self._dress(
            "week", self.titles["week"], phrases, {"sessions": sessions, "all_days": [*Weekday]}
        )

    def dress_safety(self, advice: Mapping[Slug, Sequence[Advice]]) -> Markup:
        """Return when to stop, whom to call, and what this client has to heed.

        Args:
            advice: by the exercise's slug; exercises without any may be missing.
        """
        stops = self._stops()
        phrases = [
            Phrase(f"stop_if.{name}", line) for name, lines in stops.items() for line in lines
        ]
        heeded: dict[Advice, list[Exercise]] = {}
        for exercise in self.booklet.exercises:
            for line in advice.get(exercise.slug, ()):
                heeded.setdefault(line, []).append(exercise)
        phrases += find_advice(tuple(heeded))
        names = {exercise.name for exercises in heeded.values() for exercise in exercises}
        phrases += [Phrase("for-you", name) for name in sorted(names)]
        values = {"stops": stops, "advice": heeded}
        return self._dress("safety", self.titles["safety"], phrases, values)

    def dress_log(self, *, fillable: bool = False) -> Markup:
        """Return a grid for each exercise: a line a week with the dose, a box a day."""
        values = {
            "sessions": self._sessions(),
            "all_days": [*Weekday],
            "fillable": fillable,
        }
        phrases = [
            phrase for phrase in self._find_tasks() if phrase.where.endswith((".dose", ".name"))
        ]
        return self._dress("log", self.titles["log"], phrases, values)

    def dress_closing(self) -> Markup:
        """Return the last words, the day of the review, and the credits."""
        closing = _read_prose(self.booklet.programme.closing)
        phrases = [*_find_prose("closing", closing)]
        for exercise in self.booklet.exercises:
            phrases += [Phrase("exercise", exercise.name), *find_sources(exercise)]
        return self._dress("closing", self.titles["closing"], phrases, {"closing": closing})

    def dress_notes(self) -> Markup:
        """Return a page to write on, which stands where a page would be blank."""
        return self._dress("notes", self.titles["notes"], [], {})

    def imprint_style(self) -> ImprintStyle:
        """Return how the foot of each page is printed."""
        return make_imprint_style(self.dresser.chain, self.dresser.settings, self._words)

    @property
    def _words(self) -> Words:
        return read_words(self.dresser.chain, self.booklet.programme.language)

    def _dress(
        self, name: str, title: str, phrases: Iterable[Phrase], values: Mapping[str, Any]
    ) -> Markup:
        dresser, words = self.dresser, self._words
        environment = dresser.make_environment(words)
        drawer = EmblemDrawer(self.booklet.exercises, dresser.settings.print, dresser.sketches)
        environment.filters["emblem"] = drawer.draw
        environment.filters["emblem_style"] = drawer.style
        filled = {
            **dresser.values(words),
            "title": title,
            "programme": self.booklet.programme,
            "booklet": self.booklet,
            **values,
        }
        return Markup(
            title=title,
            html=fill_template(environment, f"booklet/{name}.html.j2", filled),
            css=dresser.stylesheet(_SHEET),
            phrases=(Phrase("title", title), *phrases),
            imprint=self.imprint_style(),
            problems=tuple(words.report),
        )

    def _sessions(self) -> list[tuple[str, tuple[Weekday, ...], list[tuple[Exercise, Task]]]]:
        """Return each session's name and days, and its exercises with what is asked of them."""
        exercises = {exercise.slug: exercise for exercise in self.booklet.exercises}
        waiting = {slug: [*tasks] for slug, tasks in self.booklet.tasks.items()}
        return [
            (
                session.name,
                session.days,
                [
                    (exercises[row.exercise], waiting[row.exercise].pop(0))
                    for row in session.prescriptions
                ],
            )
            for session in self.booklet.programme.sessions
        ]

    def _find_tasks(self) -> Iterator[Phrase]:
        for exercise in self.booklet.exercises:
            yield Phrase(f"{exercise.slug}.name", exercise.name)
            for number, task in enumerate(self.booklet.tasks[exercise.slug]):
                yield from find_task(f"{exercise.slug}.tasks[{number}]", task, self._words)

    def _stops(self) -> dict[str, tuple[str, ...]]:
        """Return the red flags: of the programme, of all exercises, and of one only, by name."""
        general = [*self.booklet.programme.stop_if]
        if not general or any(not exercise.stop_if for exercise in self.booklet.exercises):
            general.append(self._words.say("It hurts, or you feel dizzy or unwell."))
        stops: dict[str, tuple[str, ...]] = {"": tuple(dict.fromkeys(general))}
        for exercise in self.booklet.exercises:
            own = tuple(line for line in exercise.stop_if if line not in stops[""])
            if own:
                stops[exercise.name] = own
        return stops


def _read_prose(text: str | None) -> tuple[Block, ...]:
    """Return the blocks of a text whose headings skip no level below the page's own."""
    blocks = parse_prose(text) if text else ()
    if any(block.kind is BlockKind.HEADING for block in blocks):
        return blocks
    return tuple(
        type(block)(BlockKind.HEADING, block.lines) if block.kind is BlockKind.SUBHEADING else block
        for block in blocks
    )


def _find_prose(where: str, blocks: Iterable[Block]) -> Iterator[Phrase]:
    for number, block in enumerate(blocks):
        for line in block.lines:
            yield Phrase(f"{where}[{number}]", "".join(span.text for span in line))
