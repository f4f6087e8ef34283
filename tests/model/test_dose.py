"""A dose is read from what trainers write, and writes itself so that it reads the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from handouts.model.dose import Dose, Frequency, Per, Range, Rest, Side, Unit, parse_dose

NUMBERS = st.integers(1, 9999)
RANGES = st.one_of(
    st.builds(Range, low=NUMBERS, open=st.booleans()),
    st.tuples(st.integers(1, 9998), st.integers(1, 9999))
    .filter(lambda ends: ends[0] < ends[1])
    .map(lambda ends: Range(low=ends[0], high=ends[1])),
)
RESTS = st.builds(Rest, time=RANGES, unit=st.sampled_from([Unit.SECONDS, Unit.MINUTES]))
TEMPOS = st.lists(st.integers(0, 99).map(str), min_size=3, max_size=4).map("-".join)
# Words as files can hold them: no separators of the dose itself, no spaces but single ones.
WORDS = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zs", "Zl", "Zp"], exclude_characters=",;"),
    min_size=1,
    max_size=12,
)
LOADS = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
DOSES = st.builds(
    Dose,
    sets=st.none() | RANGES,
    amount=RANGES,
    unit=st.sampled_from(Unit),
    side=st.none() | st.sampled_from(Side),
    tempo=st.none() | TEMPOS,
    rest=st.none() | RESTS,
    load=st.none() | LOADS,
    frequency=st.none() | st.builds(Frequency, times=RANGES, per=st.sampled_from(Per)),
)


@given(DOSES)
def test_a_dose_reads_as_it_is_written(dose: Dose) -> None:
    assert parse_dose(str(dose)) == dose
    assert Dose.model_validate(dose.model_dump()) == dose


@given(st.text(max_size=300))
def test_any_text_is_a_dose_or_a_validation_error(text: str) -> None:
    try:
        dose = parse_dose(text)
    except ValidationError as error:
        assert error.errors()  # noqa: PT017  either outcome is right
    else:
        assert parse_dose(str(dose)) == dose


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("3 × 10", "3 × 10"),
        ("3x10", "3 × 10"),
        ("3 sets of 10 reps", "3 × 10"),
        ("3 sets x 8 to 12 repetitions", "3 × 8–12"),
        ("2-3 × 15—30 sec each leg", "2–3 × 15–30 s each leg"),
        ("10\u00a0min", "10 min"),
        ("5+ reps per side", "5+ reps each side"),
        ("3 × 30 s, rest 1 minute, daily", "3 × 30 s, rest 1 min, 1 × a day"),
        ("3 × 10; tempo 3/1/1; 8KG; twice a week", "3 × 10, tempo 3-1-1, with 8 kg, 2 × a week"),
    ],
)
def test_ways_of_writing_a_dose(typed: str, canonical: str) -> None:
    assert str(parse_dose(typed)) == canonical


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "dose-unknown"),
        ("lots", "dose-unknown"),
        ("3 ×", "dose-incomplete"),
        ("10", "dose-incomplete"),
        ("15–10 reps", "dose-backwards"),
        ("10–10 reps", "dose-backwards"),
        ("3 × 10, gently", "dose-unknown"),
        ("3 × 10, rest 3 s, rest 4 s", "dose-unknown"),
        ("3 × 10 each ſide", "dose-unknown"),
        ("3" + " " * 100_000 + "!", "dose-unknown"),
        ("3 × " * 60, "dose-unknown"),
    ],
)
def test_what_is_no_dose_says_why_and_what_to_write(typed: str, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        parse_dose(typed)
    details = caught.value.errors()
    assert details[0]["type"] == code
    assert details[0]["ctx"]["hint"]


def test_a_span_cannot_be_open() -> None:
    with pytest.raises(ValidationError):
        Range(low=1, high=2, open=True)
