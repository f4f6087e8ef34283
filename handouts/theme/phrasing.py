"""Turn the model's values into the words that stand on paper: doses, terms, names, addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from handouts.model.dose import Dose, Frequency, Per, Range, Side, Unit
from handouts.model.exercise import Direction, Level, Position, Precaution, Purpose
from handouts.model.programme import BodySide, Weekday

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from handouts.model.assignment import Task
    from handouts.theme.words import Words


def _(message: str) -> str:
    """Mark a message for extraction; it is translated where it is printed."""
    return message


_TERMS = {
    Position.LYING: _("Lying down"),
    Position.SITTING: _("Sitting"),
    Position.KNEELING: _("Kneeling"),
    Position.STANDING: _("Standing"),
    Position.MOVING: _("On the move"),
    Direction.EASIER: _("Easier"),
    Direction.HARDER: _("Harder"),
    Direction.OTHER: _("Another way"),
    Level.AVOID: _("Avoid"),
    Level.ASK_FIRST: _("Ask first"),
    Level.ADAPT: _("Adapt"),
    Purpose.START: _("To start"),
    Purpose.GENERAL: _("Aim for"),
    Purpose.WARM_UP: _("Warm-up"),
    Purpose.STRENGTH: _("Strength"),
    Purpose.ENDURANCE: _("Endurance"),
    Purpose.BALANCE: _("Balance"),
    Purpose.MOBILITY: _("Mobility"),
    Purpose.COOL_DOWN: _("Cool-down"),
}
_SIDES = {
    Side.LEG: _("each leg"),
    Side.SIDE: _("each side"),
    Side.ARM: _("each arm"),
    Side.DIRECTION: _("each direction"),
}
_BODY_SIDES = {BodySide.LEFT: _("left side only"), BodySide.RIGHT: _("right side only")}
_WEEKDAYS = {
    Weekday.MONDAY: _("Monday"),
    Weekday.TUESDAY: _("Tuesday"),
    Weekday.WEDNESDAY: _("Wednesday"),
    Weekday.THURSDAY: _("Thursday"),
    Weekday.FRIDAY: _("Friday"),
    Weekday.SATURDAY: _("Saturday"),
    Weekday.SUNDAY: _("Sunday"),
}
_SHORT_DAYS = {
    Weekday.MONDAY: _("Mon"),
    Weekday.TUESDAY: _("Tue"),
    Weekday.WEDNESDAY: _("Wed"),
    Weekday.THURSDAY: _("Thu"),
    Weekday.FRIDAY: _("Fri"),
    Weekday.SATURDAY: _("Sat"),
    Weekday.SUNDAY: _("Sun"),
}
_LEVELS = [Level.AVOID, Level.ASK_FIRST, Level.ADAPT]
_WEIGHT = re.compile(r"\b(\d+(?:\.\d+)?) (kg|lb)\b")
_SPAN = re.compile(r"(\d+–\d+)")
_POUNDS_IN_KILOGRAM = 2.20462


def say_term(words: Words, term: Position | Direction | Level | Purpose) -> str:
    """Return the printed word for one of the model's fixed terms."""
    return words.say(_TERMS[term])


def say_dose(words: Words, dose: Dose, *, side: bool = True) -> str:
    """Return a dose in words: ``2–3 sets of 15–30 seconds, each leg``, or without the side."""
    main = _say_amount(words, dose.amount, dose.unit, alone=dose.sets is None)
    if dose.sets:
        sets = words.count(
            "%(span)s set of",
            "%(span)s sets of",
            _last(dose.sets),
            span=_say_range(words, dose.sets),
        )
        main = f"{sets} {main}"
    parts = [main]
    if dose.side and side:
        parts.append(words.say(_SIDES[dose.side]))
    if dose.load:
        parts.append(words.say(_("with %(load)s"), load=_with_both_units(dose.load)))
    if dose.tempo:
        parts.append(words.say(_("tempo %(tempo)s seconds"), tempo=dose.tempo))
    if dose.rest:
        rest = _say_amount(words, dose.rest.time, dose.rest.unit, alone=True)
        parts.append(words.say(_("rest %(time)s between sets"), time=rest))
    if dose.frequency:
        parts.append(_say_frequency(words, dose.frequency))
    return ", ".join(parts)


def say_side(words: Words, side: BodySide) -> str:
    """Return the one side that a prescription is for."""
    return words.say(_BODY_SIDES[side])


def say_weekday(words: Words, day: Weekday) -> str:
    """Return the day's name."""
    return words.say(_WEEKDAYS[day])


def say_short_day(words: Words, day: Weekday) -> str:
    """Return the day's name as it stands over a narrow column."""
    return words.say(_SHORT_DAYS[day])


def say_rung_weeks(words: Words, tasks: Sequence[Task]) -> dict[str, str]:
    """Return for each rung that is prescribed, by its name, when: ``Week 1``, ``From week 4``.

    The exercise itself has no name here: its key is empty.
    """
    found: dict[str, set[int]] = {}
    for task in tasks:
        before = None
        for stage in task.weeks:
            name = stage.rung.name if stage.rung else ""
            if name != before:
                found.setdefault(name, set()).add(stage.week)
            before = name
    return {name: say_from_week(words, min(weeks)) for name, weeks in found.items()}


def say_from_week(words: Words, week: int) -> str:
    """Return when something begins."""
    if week == 1:
        return words.say(_("Week 1"))
    return words.say(_("From week %(number)s"), number=week)


def say_shared_side(words: Words, doses: Mapping[Purpose, Dose]) -> str | None:
    """Return the side that all doses are done on, to be said once; None if they differ."""
    sides = {dose.side for dose in doses.values()}
    side = sides.pop() if len(sides) == 1 else None
    return words.say(_SIDES[side]) if side else None


def _say_amount(words: Words, amount: Range, unit: Unit, *, alone: bool) -> str:
    span, number = _say_range(words, amount), _last(amount)
    if unit is Unit.REPS:
        return words.count("%(span)s time", "%(span)s times", number, span=span) if alone else span
    if unit is Unit.SECONDS:
        return words.count("%(span)s second", "%(span)s seconds", number, span=span)
    if unit is Unit.MINUTES:
        return words.count("%(span)s minute", "%(span)s minutes", number, span=span)
    if unit is Unit.METRES:
        yards = " to ".join(str(round(end * 1.09361)) for end in (amount.low, amount.high) if end)
        return words.say(
            _("%(span)s m (%(yards)s yd)"), span=span, yards=yards.replace(" to ", "–")
        )
    return words.count("%(span)s breath", "%(span)s breaths", number, span=span)


def _say_frequency(words: Words, frequency: Frequency) -> str:
    span, number = _say_range(words, frequency.times), _last(frequency.times)
    if frequency.per is Per.DAY:
        return words.count("%(span)s time a day", "%(span)s times a day", number, span=span)
    return words.count("%(span)s time a week", "%(span)s times a week", number, span=span)


def _say_range(words: Words, span: Range) -> str:
    if span.open:
        return words.say(_("at least %(number)s"), number=span.low)
    return str(span)


def _last(span: Range) -> int:
    return span.high or span.low


def _with_both_units(load: str) -> str:
    def add(match: re.Match[str]) -> str:
        number, unit = float(match[1]), match[2]
        if unit == "kg":
            return f"{match[0]} ({round(number * _POUNDS_IN_KILOGRAM)} lb)"
        return f"{match[0]} ({round(number / _POUNDS_IN_KILOGRAM, 1):g} kg)"

    # A trainer who gave both units already needs no second pair.
    return load if "(" in load else _WEIGHT.sub(add, load)


def sentence(text: str) -> str:
    """Return the text with a capital first letter, the rest untouched."""
    return text[:1].upper() + text[1:]


def keep_together(text: str) -> Markup:
    """Return the text with its spans of numbers marked, so that 15–30 stays on one line."""
    return Markup(_SPAN.sub(r'<span class="range">\1</span>', str(escape(text))))  # noqa: S704  escaped


def by_level(rows: Iterable[Precaution]) -> list[tuple[Level, list[Precaution]]]:
    """Return precautions grouped by level, the strictest first, each in the order of the file."""
    every = list(rows)
    groups = [(level, [row for row in every if row.level is level]) for level in _LEVELS]
    return [(level, group) for level, group in groups if group]


def short_address(address: object) -> str:
    """Return a web address as it is printed for a hand to type: no scheme, no last slash."""
    return re.sub(r"^https?://(www\.)?", "", str(address)).rstrip("/")
