"""A booklet's own pages say the programme: in markup, with every phrase that must be read."""

from __future__ import annotations

import html
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from handouts.model.booklet import make_booklet
from handouts.model.programme import Programme
from handouts.model.settings import PrintSettings, Settings, Trainer
from handouts.theme.advice import Advice
from handouts.theme.booklet import BookletDresser
from handouts.theme.chain import list_themes, make_chain
from handouts.theme.handout import Dresser
from tests.judge import find_lost, squeeze

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.model.exercise import Exercise
    from handouts.model.markup import Markup
    from handouts.source.vocabulary import Vocabulary

    Read = Callable[..., Exercise]
    Dress = Callable[..., BookletDresser]

SLUGS = ("hip-hinge", "single-leg-hip-thrust", "standing-hip-extension-hold")
PLAN: dict[str, Any] = {
    "slug": "plan",
    "title": "Up the hill",
    "goal": "Walk up a hill.",
    "weeks": 3,
    "introduction": "Hello **you**.\n\n### How\n\n- Slowly.",
    "sessions": [
        {
            "name": "Morning",
            "days": ["monday", "friday"],
            "prescriptions": [
                {"exercise": "hip-hinge", "dose": "2 × 11", "note": "Face the mirror."},
                {"exercise": "single-leg-hip-thrust", "side": "left", "dose": "1 × 7"},
                {"exercise": "single-leg-hip-thrust", "side": "right"},
            ],
        },
        {
            "name": "Evening",
            "prescriptions": [
                {
                    "exercise": "hip-hinge",
                    "dose": "3 × 4",
                    "progression": [
                        {"week": 2, "rung": "Add a load", "ready_when": "It is easy."},
                        {"week": 3, "dose": "5 × 6"},
                    ],
                },
                {"exercise": "standing-hip-extension-hold"},
            ],
        },
    ],
    "stop_if": ["Your sight blurs."],
    "closing": "Well **walked**.",
    "version": 4,
    "review_on": "2027-01-18",
}
TRAINER = Trainer(
    name="Ann Example",
    practice="Example Physio",
    credentials="BSc",
    telephone="0123",
    email="ann@example.org",
    emergency="999",
)


@pytest.fixture
def dress(vocabulary: Vocabulary, read: Read) -> Dress:
    """Return a function that gives what dresses the plan, some of it changed."""

    def dress(
        start: date | None = None,
        trainer: Trainer = TRAINER,
        look: dict[str, str] | None = None,
        **changed: Any,  # noqa: ANN401  any key
    ) -> BookletDresser:
        programme = Programme.model_validate({**PLAN, **changed})
        exercises = {slug: read(slug) for slug in programme.exercises()}
        printed = PrintSettings.model_validate(look or {})
        chain = make_chain(printed.theme, None)
        dresser = Dresser(vocabulary, Settings(trainer=trainer, print=printed), chain, {})
        return BookletDresser(dresser, make_booklet(programme, exercises, None, start))

    return dress


def read_text(markup: Markup) -> str:
    """Return the words of a page, squeezed."""
    body = markup.html.partition("<body>")[2]
    return squeeze(html.unescape(re.sub(r"<[^>]*>", "", body)))


def dress_all(pages: BookletDresser) -> dict[str, Markup]:
    """Return each of a booklet's own pages."""
    entries = [("week", "Your week at a glance", 3), ("hip-hinge", "Hip hinge", 5)]
    return {
        "cover": pages.dress_cover(),
        "welcome": pages.dress_welcome(entries, ["Now slower."]),
        "week": pages.dress_week(),
        "safety": pages.dress_safety({"hip-hinge": [Advice("Poor balance", "Hold on.")]}),
        "log": pages.dress_log(),
        "closing": pages.dress_closing(),
        "notes": pages.dress_notes(),
    }


@pytest.mark.parametrize("theme", [theme.name for theme in list_themes(None)])
@pytest.mark.parametrize("size", ["standard", "large"])
def test_every_phrase_that_must_be_read_is_in_the_markup(
    dress: Dress, theme: str, size: str
) -> None:
    made = dress_all(dress(look={"theme": theme, "size": size}))
    for name, markup in made.items():
        texts = [phrase.text for phrase in markup.phrases]
        assert find_lost(texts, read_text(markup)) == [], name
        assert markup.title in texts
        assert markup.problems == ()
    asked = {phrase.text for phrase in made["week"].phrases}
    wanted = {"2 sets of 11", "3 sets of 4", "5 sets of 6", "1 set of 7", "Face the mirror."}
    assert wanted | {"Add a load", "It is easy.", "left side only", "Evening"} <= asked


def test_the_cover_has_a_place_for_the_name_and_for_the_days(dress: Dress) -> None:
    blank = dress().dress_cover()
    assert blank.html.count('id="place-client"') == 1
    assert '<td class="open"></td>' in blank.html
    assert squeeze("18 January 2027") in read_text(blank)
    dated = read_text(dress(start=date(2026, 11, 23)).dress_cover())
    assert squeeze("Begins 23 November 2026 Ends 13 December 2026") in dated
    assert squeeze("Ann Example, BSc 0123 · ann@example.org") in dated


def test_a_trainer_without_a_name_has_a_line_to_write_on(dress: Dress) -> None:
    pages = dress(trainer=Trainer(), review_on=None)
    assert pages.dress_cover().html.count('class="open"') == 3  # begins, next check, trainer


def test_days_are_named_or_chosen(dress: Dress) -> None:
    week = dress().dress_week().html
    morning, evening = week.split('<section class="session">')[1:]
    assert "Monday, Friday" in morning
    assert 'class="box"' not in morning
    assert evening.count('class="box"') == 7


def test_each_row_of_the_week_leads_to_its_exercise(dress: Dress) -> None:
    week = dress().dress_week().html
    leads = re.findall(r'href="plate:([^"]+)"', week)
    assert leads == [SLUGS[0], SLUGS[1], SLUGS[1], SLUGS[0], SLUGS[2]]
    assert week.count('<span class="line"></span>') == 2 * 2 + 2  # time and place; two doses


def test_what_is_heeded_for_two_exercises_is_said_once(dress: Dress) -> None:
    line, other = Advice("Poor balance", "Hold on."), Advice("Low back pain", "Ask first.")
    advice = {SLUGS[0]: [line], SLUGS[2]: [line, other]}
    text = read_text(dress().dress_safety(advice))
    both = "Poor balance. Hold on. This is for: Hip hinge, Standing hip extension hold."
    assert text.count(squeeze("Poor balance")) == 1
    one = "Low back pain. Ask first. This is for: Standing hip extension hold."
    assert find_lost([both, one], text) == []
    assert squeeze("You told us") not in read_text(dress().dress_safety({}))


def test_red_flags_of_all_come_first_and_are_not_said_twice(dress: Dress, read: Read) -> None:
    pages = dress(stop_if=[])
    assert squeeze("It hurts, or you feel dizzy or unwell.") in read_text(pages.dress_safety({}))
    own = [line for slug in SLUGS for line in read(slug).stop_if]
    assert own
    text = read_text(dress(stop_if=own).dress_safety({}))
    assert [text.count(squeeze(line)) for line in own] == [1] * len(own)


def test_whom_to_call_is_printed_or_left_to_fill_in(dress: Dress) -> None:
    text = read_text(dress().dress_safety({}))
    assert find_lost(["Your trainer Ann Example 0123", "In an emergency 999"], text) == []
    assert "@" not in read_text(dress(trainer=Trainer()).dress_safety({}))


def test_the_log_has_a_line_a_week_and_marks_the_days(dress: Dress) -> None:
    log = dress().dress_log().html
    assert log.count("<table>") == 5
    assert log.count('<th scope="row"') == 5 * 3
    assert log.count("planned") == 3 * 3 * 2  # tasks of the morning × weeks × days
    assert "<input" not in log
    assert "<form" not in log


def test_each_box_to_fill_in_has_a_name_and_words_of_its_own(dress: Dress) -> None:
    log = dress().dress_log(fillable=True).html
    names = re.findall(r'<input type="checkbox" name="([^"]+)"', log)
    assert len(names) == len(set(names)) == 5 * 3 * 7
    spoken = re.findall(r'<input[^>]* title="([^"]+)"', log)
    assert len(spoken) == len(names)
    assert len(set(spoken)) == len(spoken)
    assert "Single-leg hip thrust, left side only · Morning, week 2, Friday" in spoken


def test_two_rungs_of_one_exercise_are_told_apart(dress: Dress) -> None:
    rows = [{"exercise": "hip-hinge"}, {"exercise": "hip-hinge", "rung": "Add a load"}]
    log = dress(sessions=[{"name": "A & B", "prescriptions": rows}]).dress_log(fillable=True).html
    assert re.findall("<h2>(.*?)</h2>", log)[:2] == ["Hip hinge", "Hip hinge, Add a load"]
    two = [{"name": name, "prescriptions": rows} for name in ("A & B", "C")]
    log = dress(sessions=two).dress_log(fillable=True).html
    assert "<h2>Hip hinge, Add a load · A &amp; B</h2>" in log
    spoken = re.findall(r'<input[^>]* title="([^"]+)"', log)
    assert len(set(spoken)) == len(spoken) == 4 * 3 * 7
    assert "Hip hinge · A &amp; B, week 1, Monday" in spoken


def test_a_log_of_more_weeks_than_a_page_holds_may_break(dress: Dress) -> None:
    assert 'class="log long"' in dress(weeks=52).dress_log().html
    assert 'class="log long"' not in dress(weeks=12).dress_log().html


def test_headings_skip_no_level(dress: Dress) -> None:
    html = dress().dress_welcome([], []).html
    assert "<h2>How</h2>" in html
    assert "<strong>you</strong>" in html
    both = dress(introduction="## One\n\nA.\n\n### Two\n\nB.").dress_welcome([], []).html
    assert both.index("<h2>One</h2>") < both.index("<h3>Two</h3>")


def test_changes_are_there_only_if_there_are_any(dress: Dress) -> None:
    pages = dress()
    assert "What has changed" not in pages.dress_welcome([], []).html
    assert (
        '<li class="fact">Now &lt;slower&gt;.</li>'
        in pages.dress_welcome([], ["Now <slower>."]).html
    )


def test_a_plan_without_opening_or_last_words_has_pages_all_the_same(dress: Dress) -> None:
    pages = dress(introduction=None, closing=None)
    assert 'class="contents"' in pages.dress_welcome([("log", "Your log", 7)], []).html
    closing = read_text(pages.dress_closing())
    assert find_lost(["Version 4.", "Not yet reviewed by a clinician."], closing) == []


def test_who_reviewed_it_and_where_it_comes_from_is_said(dress: Dress, read: Read) -> None:
    pages = dress(reviewed={"by": "Dr Rao", "on": "2026-11-02"})
    titles = [source.title for slug in SLUGS for source in read(slug).sources]
    assert titles
    reviewed = "Reviewed by Dr Rao on 2 November 2026."
    assert find_lost([*titles, reviewed], read_text(pages.dress_closing())) == []


def test_one_session_is_not_named_beside_each_exercise(dress: Dress) -> None:
    alone = dress(sessions=PLAN["sessions"][:1])
    assert "Morning" not in alone.dress_log().html
    assert "Hip hinge · Morning" in dress().dress_log().html
