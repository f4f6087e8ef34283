"""Turn what has changed in a programme into the short sentences that its client reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handouts.model.change import (
    Added,
    DaysChanged,
    DoseChanged,
    GoalChanged,
    LeftOut,
    Moved,
    NoteChanged,
    OverrideGiven,
    OverrideWithdrawn,
    ReadyChanged,
    RungChanged,
    SessionAdded,
    SessionRemoved,
    SessionRenamed,
    SideChanged,
    WeeksChanged,
)
from handouts.model.programme import BodySide, Weekday
from handouts.theme.phrasing import say_dose, say_weekday

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from handouts.model.change import About, Change
    from handouts.theme.words import Words


def _(message: str) -> str:
    """Mark a message for extraction; it is translated where it is printed."""
    return message


_SIDES = {
    BodySide.LEFT: _("left side"),
    BodySide.RIGHT: _("right side"),
    None: _("both sides"),
}
_ENDS = ".!?…:。！？؟۔।"


def say_changes(changes: Iterable[Change], words: Words, client: str | None = None) -> list[str]:
    """Return the printed lines, one fact each, in the order of the changes.

    Args:
        changes: what :func:`handouts.revision.compare_programmes` found.
        words: the language of the page.
        client: the id of the client whose page it is. What was cleared for other clients is theirs
            alone: without an id, nothing of it is said.
    """
    return [
        line
        for change in changes
        if not isinstance(change, OverrideGiven | OverrideWithdrawn)
        or change.override.client == client
        for line in _say_change(change, words)
    ]


def _say_change(change: Change, words: Words) -> Iterator[str]:
    match change:
        case LeftOut(about):
            yield words.say(_("Left out: %(exercise)s."), exercise=_say_about(about, words))
        case Added(about):
            yield words.say(_("New: %(exercise)s."), exercise=_say_about(about, words))
        case OverrideGiven() | OverrideWithdrawn():
            yield _say_override(change, words)
        case DoseChanged():
            yield _say_dose_change(change, words)
        case RungChanged():
            yield _say_rung_change(change, words)
        case SideChanged() | NoteChanged() | ReadyChanged() | Moved():
            yield _say_detail(change, words)
        case SessionAdded() | SessionRemoved() | SessionRenamed() | DaysChanged():
            yield _say_session_change(change, words)
        case WeeksChanged(before, after):
            yield words.count(
                "The plan is now for %(weeks)s week (before: %(old)s).",
                "The plan is now for %(weeks)s weeks (before: %(old)s).",
                after,
                weeks=after,
                old=before,
            )
        case GoalChanged(_old, goal):
            yield words.say(_("Your goal now: %(goal)s"), goal=_end(goal))


def _say_about(about: About, words: Words, *, side: bool = True) -> str:
    """Return the exercise's name, and in brackets what tells it from its twins."""
    which = [words.say(_SIDES[about.side])] if side and about.side else []
    which += [part for part in (about.session, about.rung) if part]
    if not which:
        return about.name
    return words.say(_("%(exercise)s (%(which)s)"), exercise=about.name, which=", ".join(which))


def _say_override(change: OverrideGiven | OverrideWithdrawn, words: Words) -> str:
    name, leave = change.about.name, change.override
    if isinstance(change, OverrideWithdrawn):
        message = _("%(exercise)s: what %(name)s cleared for you no longer counts.")
        return words.say(message, exercise=name, name=leave.cleared_by)
    message = _("%(exercise)s: %(name)s cleared this for you on %(date)s.")
    return words.say(message, exercise=name, name=leave.cleared_by, date=words.day(leave.on))


def _say_dose_change(change: DoseChanged, words: Words) -> str:
    old = say_dose(words, change.before) if change.before else ""
    if change.after is None:
        dose = words.say(_("agree with your trainer how much"))
    else:
        dose = say_dose(words, change.after)
    return _say_step(change, dose, "" if change.before == change.after else old, words)


def _say_rung_change(change: RungChanged, words: Words) -> str:
    old = "" if change.is_new_week else _say_rung(change.before, words)
    rung = _say_rung(change.after, words)
    return _say_step(change, rung, "" if old == rung else old, words)


def _say_rung(name: str | None, words: Words) -> str:
    return _quote(name, words) if name else words.say(_("the move itself"))


def _say_step(change: DoseChanged | RungChanged, now: str, old: str, words: Words) -> str:
    """Return the new value with the old one beside it, which is empty where none is worth saying.

    In a later week "before" could mean the weeks before it, so the old plan is named.
    """
    values = {"exercise": _say_about(change.about, words), "now": now, "old": old}
    if change.week == 1:
        message = (
            _("%(exercise)s: now %(now)s (before: %(old)s).")
            if old
            else _("%(exercise)s: now %(now)s.")
        )
        return words.say(message, **values)
    if old:
        message = _("%(exercise)s: from week %(number)s, %(now)s (old plan: %(old)s).")
    else:
        message = _("%(exercise)s: from week %(number)s, %(now)s.")
    return words.say(message, number=change.week, **values)


def _say_detail(change: SideChanged | NoteChanged | ReadyChanged | Moved, words: Words) -> str:
    name = _say_about(change.about, words, side=not isinstance(change, SideChanged))
    match change:
        case SideChanged(_about, before, after):
            message = _("%(exercise)s: now %(now)s (before: %(old)s).")
            old, now = words.say(_SIDES[before]), words.say(_SIDES[after])
            return words.say(message, exercise=name, now=now, old=old)
        case NoteChanged(_about, before, after):
            if after:
                message = _("New note for %(exercise)s: %(note)s")
            else:
                message = _("This note for %(exercise)s no longer counts: %(note)s")
            return words.say(message, exercise=name, note=_end(after or before or ""))
        case ReadyChanged(_about, week, _before, after):
            if not after:
                message = _("%(exercise)s: you need no sign to move on to week %(number)s.")
                return words.say(message, exercise=name, number=week)
            message = _("%(exercise)s: move on to week %(number)s when: %(sign)s")
            return words.say(message, exercise=name, number=week, sign=_end(after))
        case Moved(_about, before, after):
            message = _("%(exercise)s: now in %(now)s (before: in %(old)s).")
            old, now = _quote(before, words), _quote(after, words)
            return words.say(message, exercise=name, now=now, old=old)


def _say_session_change(
    change: SessionAdded | SessionRemoved | SessionRenamed | DaysChanged, words: Words
) -> str:
    match change:
        case SessionAdded(name):
            return words.say(_("New session: %(session)s."), session=_quote(name, words))
        case SessionRemoved(name):
            return words.say(_("Left out: the session %(session)s."), session=_quote(name, words))
        case SessionRenamed(before, after):
            message = _("The session %(old)s is now called %(session)s.")
            old, now = _quote(before, words), _quote(after, words)
            return words.say(message, old=old, session=now)
        case DaysChanged(name, before, after):
            if not after:
                message = _("%(session)s: choose the days yourself (before: %(old)s).")
            elif before:
                message = _("%(session)s: now on %(days)s (before: %(old)s).")
            else:
                message = _("%(session)s: now on %(days)s.")
            old, now = _say_days(before, words), _say_days(after, words)
            return words.say(message, session=_quote(name, words), old=old, days=now)


def _say_days(days: Iterable[Weekday], words: Words) -> str:
    chosen = set(days)
    return ", ".join(say_weekday(words, day) for day in Weekday if day in chosen)


def _quote(name: str, words: Words) -> str:
    return words.say(_("“%(name)s”"), name=" ".join(name.split()))


def _end(text: str) -> str:
    """Return the text in one line, with a full stop where it has no end of its own."""
    line = " ".join(text.split())
    return line if line[-1:] in _ENDS else f"{line}."
