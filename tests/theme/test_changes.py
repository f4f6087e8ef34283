"""Each change is a short sentence to the client, and each kind of change has one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from handouts.literacy import HIGHEST_GRADE, reading_grade
from handouts.model.change import (
    KINDS,
    About,
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
from handouts.model.dose import parse_dose
from handouts.model.programme import BodySide, Override, Weekday
from handouts.theme.chain import make_chain
from handouts.theme.changes import say_changes
from handouts.theme.words import read_words

if TYPE_CHECKING:
    from pathlib import Path

    from handouts.model.change import Change

SQUAT = About("squat", "Squat")
TWIN = About("squat", "Squat", BodySide.LEFT, "Mornings", "Hand on a wall")
TWO, THREE = parse_dose("2 × 8 each leg"), parse_dose("3 × 8 each leg")
LEAVE = Override(
    client="ann",
    exercise="squat",
    condition="slipped-disc",
    cleared_by="Dr A. Rao, GP",
    on=date(2026, 11, 20),
    why="The pain is gone.",
)
SAID: list[tuple[Change, str]] = [
    (LeftOut(SQUAT), "Left out: Squat."),
    (Added(SQUAT), "New: Squat."),
    (Added(TWIN), "New: Squat (left side, Mornings, Hand on a wall)."),
    (
        OverrideGiven(SQUAT, LEAVE),
        "Squat: Dr A. Rao, GP cleared this for you on 20 November 2026.",
    ),
    (
        OverrideWithdrawn(SQUAT, LEAVE),
        "Squat: what Dr A. Rao, GP cleared for you no longer counts.",
    ),
    (
        DoseChanged(SQUAT, 1, TWO, THREE),
        "Squat: now 3 sets of 8, each leg (before: 2 sets of 8, each leg).",
    ),
    (DoseChanged(SQUAT, 1, None, THREE), "Squat: now 3 sets of 8, each leg."),
    (
        DoseChanged(SQUAT, 1, TWO, None),
        "Squat: now agree with your trainer how much (before: 2 sets of 8, each leg).",
    ),
    (
        DoseChanged(SQUAT, 3, TWO, THREE),
        "Squat: from week 3, 3 sets of 8, each leg (old plan: 2 sets of 8, each leg).",
    ),
    (DoseChanged(SQUAT, 3, TWO, TWO), "Squat: from week 3, 2 sets of 8, each leg."),
    (
        DoseChanged(SQUAT, 5, None, TWO, is_new_week=True),
        "Squat: from week 5, 2 sets of 8, each leg.",
    ),
    (
        RungChanged(SQUAT, 1, None, "On a chair"),
        "Squat: now “On a chair” (before: the move itself).",
    ),
    (
        RungChanged(SQUAT, 3, "On a chair", None),
        "Squat: from week 3, the move itself (old plan: “On a chair”).",
    ),
    (RungChanged(SQUAT, 5, None, "Jump", is_new_week=True), "Squat: from week 5, “Jump”."),
    (
        SideChanged(About("squat", "Squat", BodySide.LEFT), None, BodySide.LEFT),
        "Squat: now left side (before: both sides).",
    ),
    (NoteChanged(SQUAT, None, "Sit tall"), "New note for Squat: Sit tall."),
    (NoteChanged(SQUAT, "A.", "Sit\n  tall!"), "New note for Squat: Sit tall!"),
    (NoteChanged(SQUAT, "Sit tall.", None), "This note for Squat no longer counts: Sit tall."),
    (ReadyChanged(SQUAT, 3, None, "You sit tall."), "Squat: move on to week 3 when: You sit tall."),
    (ReadyChanged(SQUAT, 3, "You sit.", None), "Squat: you need no sign to move on to week 3."),
    (Moved(SQUAT, "Mornings", "Gym"), "Squat: now in “Gym” (before: in “Mornings”)."),
    (SessionRemoved("Gym"), "Left out: the session “Gym”."),
    (SessionAdded("Gym"), "New session: “Gym”."),
    (SessionRenamed("Mornings", "Gym"), "The session “Mornings” is now called “Gym”."),
    (
        DaysChanged("Gym", (Weekday.FRIDAY,), (Weekday.THURSDAY, Weekday.MONDAY)),
        "“Gym”: now on Monday, Thursday (before: Friday).",
    ),
    (DaysChanged("Gym", (), (Weekday.MONDAY,)), "“Gym”: now on Monday."),
    (
        DaysChanged("Gym", (Weekday.MONDAY,), ()),
        "“Gym”: choose the days yourself (before: Monday).",
    ),
    (WeeksChanged(4, 6), "The plan is now for 6 weeks (before: 4)."),
    (WeeksChanged(4, 1), "The plan is now for 1 week (before: 4)."),
    (GoalChanged("Go.", "Walk to the\nshop"), "Your goal now: Walk to the shop."),
]


@pytest.mark.parametrize(("change", "line"), SAID)
def test_a_change_is_one_sentence(change: Change, line: str) -> None:
    words = read_words(make_chain("clear", None), "en")
    assert say_changes([change], words, "ann") == [line]


def test_every_kind_of_change_has_its_sentence() -> None:
    assert {type(change) for change, _ in SAID} == set(KINDS)


def test_the_lines_keep_their_order_and_are_easy_to_read() -> None:
    words = read_words(make_chain("clear", None), "en")
    lines = say_changes([change for change, _ in SAID], words, "ann")
    assert lines == [line for _, line in SAID]
    assert reading_grade(lines) < HIGHEST_GRADE - 2


@pytest.mark.parametrize("client", [None, "bo", "Ann"])
def test_what_was_cleared_for_one_client_is_told_to_no_other(client: str | None) -> None:
    words = read_words(make_chain("clear", None), "en")
    changes: list[Change] = [OverrideGiven(SQUAT, LEAVE), OverrideWithdrawn(SQUAT, LEAVE)]
    assert say_changes([*changes, Added(SQUAT)], words, client) == ["New: Squat."]


def test_another_language_says_it_in_its_own_words(tmp_path: Path) -> None:
    catalogue = tmp_path / "templates" / "words" / "de.po"
    catalogue.parent.mkdir(parents=True)
    text = 'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
    for english, german in (
        ("New: %(exercise)s.", "Neu: %(exercise)s."),
        ("“%(name)s”", "„%(name)s“"),
        ("New session: %(session)s.", "Neue Einheit: %(session)s."),
        ("Monday", "Montag"),
        ("%(session)s: now on %(days)s.", "%(session)s: jetzt am %(days)s."),
    ):
        text += f'\nmsgid "{english}"\nmsgstr "{german}"\n'
    catalogue.write_text(text, encoding="utf-8")
    words = read_words(make_chain("clear", tmp_path), "de")
    changes: list[Change] = [
        Added(About("squat", "Kniebeuge")),
        SessionAdded("Morgens"),
        DaysChanged("Morgens", (), (Weekday.MONDAY,)),
    ]
    assert say_changes(changes, words) == [
        "Neu: Kniebeuge.",
        "Neue Einheit: „Morgens“.",
        "„Morgens“: jetzt am Montag.",
    ]
