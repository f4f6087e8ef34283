"""Turn one exercise into headings and lines of plain text, in the words that the page prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from handouts.theme.phrasing import by_level, say_dose, say_term, sentence, short_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from handouts.model.exercise import CommonError, Exercise, Precaution, Progression
    from handouts.source.vocabulary import Vocabulary
    from handouts.theme.words import Words

Line: TypeAlias = tuple[str, str]
"""What stands before a text (``1. ``, ``– ``, spaces), and the text."""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading and what stands below it."""

    heading: str
    lines: tuple[Line, ...]


def outline_exercise(exercise: Exercise, vocabulary: Vocabulary, words: Words) -> list[Block]:
    """Return everything that is known of an exercise, in the order of the handout."""
    say = words.say
    sections = (
        (exercise.name, _opening(exercise, words)),
        (say("How much"), _doses(exercise, words)),
        (say("How to do it"), _steps(exercise)),
        (say("Think of this"), _points(exercise.cues)),
        (say("Breathing."), _plain(exercise.breathing)),
        (say("Who should avoid this"), _precautions(exercise.avoid, vocabulary, words)),
        (
            say("Stop if"),
            _points(exercise.stop_if or [say("It hurts, or you feel dizzy or unwell.")]),
        ),
        (say("Common errors, and what to do"), _errors(exercise.errors)),
        (say("Make it easier or harder"), _rungs(exercise.progressions, words)),
        (say("Tips"), _points(exercise.tips)),
        (say("Stay safe"), _points(exercise.safety)),
        (say("Why it helps"), _pairs((row.name, row.how) for row in exercise.benefits)),
        (say("Muscles at work"), _muscles(exercise, vocabulary, words)),
        (say("Who it suits"), _pairs((row.who, row.why) for row in exercise.suits)),
        (say("Where it fits"), _pairs((row.when, row.how) for row in exercise.routine)),
        (say("Questions and answers"), _questions(exercise)),
        (say("Good to know"), _points(exercise.about)),
        (say("Remember"), _points(exercise.remember)),
        (say("Source:"), _colophon(exercise, words)),
    )
    blocks = [Block(heading.rstrip(".:"), tuple(lines)) for heading, lines in sections]
    return [block for block in blocks if block.lines]


def _plain(text: str | None) -> Iterator[Line]:
    if text:
        yield "  ", text


def _points(texts: Iterable[str]) -> Iterator[Line]:
    for text in texts:
        yield "  – ", text


def _pairs(rows: Iterable[tuple[str, str | None]]) -> Iterator[Line]:
    for name, more in rows:
        yield "  – ", f"{name}. {more}" if more else name


def _opening(exercise: Exercise, words: Words) -> Iterator[Line]:
    if exercise.aliases:
        names = ", ".join(exercise.aliases)
        yield "  ", words.say("Also called: %(names)s.", names=names)
    yield "  ", exercise.summary
    yield "  ", f"{words.say('Position')}: {say_term(words, exercise.position)}"
    needed = ", ".join(exercise.equipment.needed) or words.say("Nothing")
    optional = ", ".join(exercise.equipment.optional)
    if exercise.equipment.needed or not optional:
        yield "  ", f"{words.say('You need')}: {needed}"
    if optional:
        yield "  ", words.say("If you like: %(things)s", things=optional)


def _doses(exercise: Exercise, words: Words) -> Iterator[Line]:
    for purpose, dose in exercise.dose.items():
        yield "  – ", f"{say_term(words, purpose)}: {say_dose(words, dose)}"


def _steps(exercise: Exercise) -> Iterator[Line]:
    for number, step in enumerate(exercise.steps, start=1):
        yield f"  {number}. ", f"{step.title}. {' '.join(step.do)}"
        for cue in step.cues:
            yield "     → ", cue


def _precautions(
    rows: Iterable[Precaution], vocabulary: Vocabulary, words: Words
) -> Iterator[Line]:
    for level, group in by_level(rows):
        yield "  ", say_term(words, level).upper()
        for row in group:
            name = sentence(vocabulary.conditions[row.condition].name)
            yield "  – ", " ".join(part for part in (f"{name}.", row.why, row.instead) if part)


def _errors(errors: Iterable[CommonError]) -> Iterator[Line]:
    for error in errors:
        yield (
            "  × ",
            " ".join(part for part in (f"{error.name}.", error.looks_like, error.why) if part),
        )
        yield "    → ", error.correction


def _rungs(rungs: Iterable[Progression], words: Words) -> Iterator[Line]:
    for rung in rungs:
        parts = [f"{say_term(words, rung.direction)}: {rung.name}.", rung.how, rung.why]
        if rung.dose:
            parts.append(f"{words.say('How much:')} {say_dose(words, rung.dose)}.")
        if rung.ready_when:
            parts.append(f"{words.say('Move on when:')} {rung.ready_when}")
        yield "  – ", " ".join(part for part in parts if part)


def _muscles(exercise: Exercise, vocabulary: Vocabulary, words: Words) -> Iterator[Line]:
    work = exercise.muscles
    roles = (
        (words.say("They do the work"), work.primary),
        (words.say("They help"), work.assisting),
        (words.say("They keep you steady"), work.stabilisers),
    )
    for role, entries in roles:
        if not entries:
            continue
        yield "  ", f"{role}:"
        for entry in entries:
            muscle = vocabulary.muscles[entry.muscle]
            name = f"{sentence(muscle.name)} ({muscle.latin})"
            yield "  – ", f"{name}. {entry.does}" if entry.does else name


def _questions(exercise: Exercise) -> Iterator[Line]:
    for row in exercise.questions:
        yield "  ? ", row.ask
        yield "    ", row.answer


def _colophon(exercise: Exercise, words: Words) -> Iterator[Line]:
    for source in exercise.sources:
        parts = (source.author, source.title, source.publisher, source.url)
        yield "  – ", ", ".join(str(part) for part in parts if part)
    if exercise.video:
        yield "  ", f"{words.say('Watch it:')} {short_address(exercise.video)}"
    version = words.say("Version %(number)s.", number=exercise.version)
    review = words.say("Not yet reviewed by a clinician.")
    if exercise.reviewed:
        review = words.say(
            "Reviewed by %(name)s on %(date)s.",
            name=exercise.reviewed.by,
            date=words.day(exercise.reviewed.on),
        )
    yield "  ", f"{version} {review}"
