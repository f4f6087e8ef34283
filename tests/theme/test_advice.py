"""What screening finds is said to the client in one line each, and never for what is forbidden."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts.model.exercise import Level, Precaution, Progression
from handouts.model.programme import Override
from handouts.model.vocabulary import Condition
from handouts.screening import Finding, Relation
from handouts.theme.advice import Advice, say_advice
from handouts.theme.chain import make_chain
from handouts.theme.words import Words, read_words

if TYPE_CHECKING:
    from collections.abc import Sequence

CONDITIONS = {
    "back": Condition(name="back problem", medical="x"),
    "disc": Condition(name="slipped disc", medical="y", parents=("back",)),
}
EASIER = Progression.model_validate({"name": "Hold on", "direction": "easier", "how": "Hold on."})
LEAVE = Override(
    client="sam",
    exercise="squat",
    condition="disc",
    cleared_by="Dr Rao",
    on=date(2026, 11, 2),
    why="The scan was clear.",
)
ASK = "Ask your doctor or physio before you do this."
SUIT = "Do it in a way that suits you."


@pytest.fixture(scope="module")
def words() -> Words:
    """Return the English words."""
    return read_words(make_chain("clear", None), "en")


def find(  # noqa: PLR0913  what a finding says
    level: Level,
    has: str = "disc",
    relation: Relation = Relation.SAME,
    *,
    stated: Level | None = None,
    instead: str | None = None,
    easier: Progression | None = None,
    override: Override | None = None,
) -> Finding:
    """Return a finding, its precaution for the condition that the relation means."""
    condition = {Relation.SAME: has, Relation.CASE_OF: "back", Relation.MAY_BE: "disc"}[relation]
    precaution = Precaution.model_validate(
        {"condition": condition, "level": stated or level, "why": "It hurts.", "instead": instead}
    )
    return Finding(has, precaution, relation, level, easier, override)


def say(words: Words, *findings: Finding) -> list[tuple[str, str]]:
    """Return what is said, as pairs."""
    return [(line.about, line.text) for line in say_advice(findings, CONDITIONS, words)]


def test_what_is_to_be_asked_or_adapted(words: Words) -> None:
    assert say(words, find(Level.ASK_FIRST)) == [("Slipped disc", ASK)]
    assert say(words, find(Level.ADAPT)) == [("Slipped disc", SUIT)]


def test_the_alternative_that_the_data_names_comes_before_an_easier_rung(words: Words) -> None:
    own = find(Level.ADAPT, instead="Use a chair.", easier=EASIER)
    assert say(words, own) == [("Slipped disc", f"{SUIT} Use a chair.")]
    rung = find(Level.ASK_FIRST, easier=EASIER)
    assert say(words, rung) == [("Slipped disc", f"{ASK} Easier: Hold on.")]


def test_a_precaution_for_a_wider_condition_names_both(words: Words) -> None:
    [(about, text)] = say(words, find(Level.ASK_FIRST, relation=Relation.CASE_OF))
    assert (about, text) == ("Slipped disc (back problem)", ASK)


def test_who_may_have_what_the_precaution_is_for_is_told_so(words: Words) -> None:
    may = find(Level.ASK_FIRST, "back", Relation.MAY_BE)
    assert say(words, may) == [("Back problem", f"It may be slipped disc. {ASK}")]
    grave = find(Level.ASK_FIRST, "back", Relation.MAY_BE, stated=Level.AVOID)
    told = f"If it is slipped disc, do not do this. {ASK}"
    assert say(words, grave) == [("Back problem", told)]


def test_what_was_cleared_says_by_whom_when_and_why(words: Words) -> None:
    cleared = find(Level.AVOID, instead="Wait.", override=LEAVE)
    told = "Dr Rao cleared this for you on 2 November 2026: The scan was clear."
    assert say(words, cleared) == [("Slipped disc", told)]


def test_the_same_line_is_said_once_and_the_order_is_kept(words: Words) -> None:
    ask, adapt = find(Level.ASK_FIRST), find(Level.ADAPT)
    assert say(words, ask, ask, adapt) == [("Slipped disc", ASK), ("Slipped disc", SUIT)]
    assert say(words) == []


def test_nothing_is_said_of_what_must_be_avoided(words: Words) -> None:
    with pytest.raises(ValueError, match="disc: this exercise must be avoided"):
        say_advice([find(Level.ADAPT), find(Level.AVOID)], CONDITIONS, words)


FINDINGS = st.builds(
    find,
    st.sampled_from(Level),
    st.just("back"),
    st.sampled_from([Relation.SAME, Relation.MAY_BE]),
    stated=st.sampled_from([None, *Level]),
    instead=st.sampled_from([None, "Use a chair."]),
    easier=st.sampled_from([None, EASIER]),
    override=st.sampled_from([None, LEAVE]),
) | st.builds(find, st.sampled_from(Level), relation=st.sampled_from(Relation))


@given(st.lists(FINDINGS, max_size=5))
def test_each_finding_stops_or_is_said(findings: Sequence[Finding]) -> None:
    words = read_words(make_chain("clear", None), "en")
    if any(finding.blocks for finding in findings):
        with pytest.raises(ValueError, match="must be avoided"):
            say_advice(findings, CONDITIONS, words)
        return
    lines = say_advice(findings, CONDITIONS, words)
    assert bool(lines) == bool(findings)
    assert len(set(lines)) == len(lines)
    for finding in findings:
        [line] = say_advice([finding], CONDITIONS, words)
        assert line in lines
        assert line.about.casefold().startswith(CONDITIONS[finding.has].name)
        assert any(said in line.text for said in (ASK, SUIT, "Dr Rao cleared this for you"))


def test_lines_are_compared_by_what_they_say() -> None:
    assert Advice("A", "b") == Advice("A", "b")
    assert len({Advice("A", "b"), Advice("A", "b"), Advice("A", "c")}) == 2
