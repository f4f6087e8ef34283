"""Doses, terms and addresses in the words that a client reads."""

from __future__ import annotations

import pytest

from handouts.model.dose import parse_dose
from handouts.model.exercise import Basis, Direction, Level, Position, Precaution, Purpose
from handouts.theme.chain import make_chain
from handouts.theme.phrasing import (
    by_level,
    keep_together,
    say_dose,
    say_term,
    sentence,
    short_address,
)
from handouts.theme.words import Words, read_words


@pytest.fixture(scope="module")
def english() -> Words:
    """Return the shipped words."""
    return read_words(make_chain("clear", None), "en")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("3 × 10", "3 sets of 10"),
        ("1 × 10", "1 set of 10"),
        ("5 reps", "5 times"),
        ("1 reps", "1 time"),
        ("8–10 reps each leg", "8–10 times, each leg"),
        ("2-3 x 15-30 s each leg", "2–3 sets of 15–30 seconds, each leg"),
        ("1 s", "1 second"),
        ("10 min", "10 minutes"),
        ("1 min", "1 minute"),
        ("3 breaths", "3 breaths"),
        ("5+ reps", "at least 5 times"),
        ("3 × 20 m", "3 sets of 20 m (22 yd)"),
        ("20–40 m", "20–40 m (22–44 yd)"),
        ("3 × 10 each side, rest 60 s", "3 sets of 10, each side, rest 60 seconds between sets"),
        ("3 × 10, rest 1–2 min", "3 sets of 10, rest 1–2 minutes between sets"),
        ("3 × 10, tempo 3-1-1", "3 sets of 10, tempo 3-1-1 seconds"),
        ("3 × 10, with a light band", "3 sets of 10, with a light band"),
        ("3 × 10, 8 kg", "3 sets of 10, with 8 kg (18 lb)"),
        ("3 × 10, with 10 lb", "3 sets of 10, with 10 lb (4.5 kg)"),
        ("3 × 10, with 8 kg (18 lb)", "3 sets of 10, with 8 kg (18 lb)"),
        ("3 × 10, daily", "3 sets of 10, 1 time a day"),
        ("3 × 10, 2–3 × a week", "3 sets of 10, 2–3 times a week"),
    ],
)
def test_a_dose_is_said_in_words(english: Words, typed: str, said: str) -> None:
    assert say_dose(english, parse_dose(typed)) == said


def test_every_term_has_its_word(english: Words) -> None:
    every = [*Position, *Direction, *Level, *Purpose]
    said = {say_term(english, term) for term in every}
    assert len(said) == len(every)
    assert not said & {str(term) for term in every}


def test_spans_of_numbers_stay_on_one_line_and_the_rest_is_escaped() -> None:
    assert keep_together("2–3 sets <b>") == '<span class="range">2–3</span> sets &lt;b&gt;'
    assert keep_together("well–known") == "well–known"


def test_a_sentence_begins_with_a_capital_and_keeps_the_rest() -> None:
    assert [sentence(text) for text in ("", "back pain", "éA B")] == ["", "Back pain", "ÉA B"]


def test_precautions_are_grouped_the_strictest_first() -> None:
    rows = [
        Precaution(condition=name, level=level, why="Because.", basis=Basis.SOURCE)
        for name, level in [("a", Level.ADAPT), ("b", Level.AVOID), ("c", Level.ADAPT)]
    ]
    grouped = [(level, [row.condition for row in group]) for level, group in by_level(rows)]
    assert grouped == [(Level.AVOID, ["b"]), (Level.ADAPT, ["a", "c"])]
    assert by_level([]) == []


@pytest.mark.parametrize(
    ("address", "printed"),
    [
        ("https://www.example.org/", "example.org"),
        ("http://example.org/a/b/?x=1", "example.org/a/b/?x=1"),
        ("https://example.org/www.x", "example.org/www.x"),
    ],
)
def test_an_address_is_printed_for_a_hand_to_type(address: str, printed: str) -> None:
    assert short_address(address) == printed
