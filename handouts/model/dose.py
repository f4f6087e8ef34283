"""Turn what trainers write for "how much" into a value, and the value back into the same text."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    model_serializer,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError

_LONGEST = 200  # characters; no dose is longer, and the patterns below are not linear
EXAMPLES = ("3 × 10", "2–3 × 15–30 s each leg", "5 reps", "10 min")
_HINT = 'write "3 × 10", "3 × 30 s" for a hold, or "2–3 × 15–30 s each leg, rest 60 s"'


class Unit(StrEnum):
    """What a set is counted in."""

    REPS = "reps"
    SECONDS = "s"
    MINUTES = "min"
    METRES = "m"
    BREATHS = "breaths"


class Side(StrEnum):
    """What the dose is done on, when it is done once for each."""

    LEG = "each leg"
    SIDE = "each side"
    ARM = "each arm"
    DIRECTION = "each direction"


class Per(StrEnum):
    """The span that a frequency counts in."""

    DAY = "a day"
    WEEK = "a week"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Range(_Frozen):
    """A number, a span of numbers, or a number and more: 10, 8–10, 5+."""

    low: Annotated[int, Field(ge=1, le=9999)]
    high: Annotated[int, Field(ge=1, le=9999)] | None = None
    """Upper end of a span; None for a single number."""
    open: bool = False
    """True for "at least": 5+."""

    @model_validator(mode="after")
    def _ends_in_order(self) -> Self:
        if self.high is not None and self.high <= self.low:
            raise PydanticCustomError(
                "dose-backwards",
                "{low}–{high} runs backwards",
                {"low": self.low, "high": self.high, "hint": "put the smaller number first"},
            )
        if self.high is not None and self.open:
            raise PydanticCustomError(
                "dose-unknown", "a span cannot be open as well", {"hint": _HINT}
            )
        return self

    def __str__(self) -> str:
        """Return the span as it is written: ``8–10``."""
        if self.high is not None:
            return f"{self.low}–{self.high}"
        return f"{self.low}+" if self.open else str(self.low)


class Frequency(_Frozen):
    """How often: so many times a day or a week."""

    times: Range
    per: Per

    def __str__(self) -> str:
        """Return the frequency as it is written: ``1–2 × a week``."""
        return f"{self.times} × {self.per}"


class Rest(_Frozen):
    """The pause between sets."""

    time: Range
    unit: Literal[Unit.SECONDS, Unit.MINUTES] = Unit.SECONDS

    def __str__(self) -> str:
        """Return the pause as it is written: ``rest 60 s``."""
        return f"rest {self.time} {self.unit}"


class Dose(_Frozen):
    """How much to do: ``sets × amount unit side, tempo …, rest …, with …, … × a week``.

    ``parse_dose(str(dose)) == dose`` for every dose.
    """

    sets: Range | None = None
    amount: Range
    unit: Unit = Unit.REPS
    side: Side | None = None
    tempo: Annotated[str, Field(pattern=r"^[0-9]{1,2}(-[0-9]{1,2}){2,3}$")] | None = None
    """Seconds down, held, up (and held again): 3-1-1."""
    rest: Rest | None = None
    load: Annotated[str, Field(pattern=r"^[^\s,;]+( [^\s,;]+)*$", max_length=60)] | None = None
    """Weight or band, in words: 8 kg, a light band."""
    frequency: Frequency | None = None

    def __str__(self) -> str:
        """Return the dose in its one canonical form."""
        unit = "" if self.unit is Unit.REPS and self.sets else f" {self.unit}"
        main = f"{self.sets} × {self.amount}{unit}" if self.sets else f"{self.amount}{unit}"
        if self.side:
            main = f"{main} {self.side}"
        extras = [
            self.tempo and f"tempo {self.tempo}",
            self.rest and str(self.rest),
            self.load and f"with {self.load}",
            self.frequency and str(self.frequency),
        ]
        return ", ".join([main, *(extra for extra in extras if extra)])

    @model_serializer
    def _as_text(self) -> str:
        return str(self)

    @model_validator(mode="before")
    @classmethod
    def _accept_text(cls, value: Any) -> Any:  # noqa: ANN401  pydantic hands over what was typed
        return _from_text(value) if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe the dose to editors as what it is in a file: a line of text."""
        return {"type": "string", "examples": list(EXAMPLES), "description": _HINT}


_NUMBER = r"\d{1,4}"
_RANGE = rf"{_NUMBER}(?:\s*(?:-|–|—|to)\s*{_NUMBER}|\s*\+)?"
_UNITS = {
    Unit.REPS: r"reps?|repetitions?|times",
    Unit.SECONDS: r"s|secs?|seconds?",
    Unit.MINUTES: r"min|mins|minutes?",
    Unit.METRES: r"m|metres?|meters?",
    Unit.BREATHS: r"breaths?",
}
_ANY_UNIT = "|".join(f"(?P<{unit.name}>{words})" for unit, words in _UNITS.items())
_MAIN = re.compile(
    rf"(?:(?P<sets>{_RANGE})\s*(?:sets?\s*(?:of|[x×])?|[x×])\s*)?"
    rf"(?P<amount>{_RANGE})?\s*(?:{_ANY_UNIT})?"
    r"(?:\s*(?:each|per|a|on each|every)\s+(?P<side>leg|side|arm|direction))?",
    re.IGNORECASE | re.ASCII,
)
_TEMPO = re.compile(r"tempo\s+(?P<tempo>\d{1,2}(?:[-–/]\d{1,2}){2,3})", re.IGNORECASE | re.ASCII)
_REST = re.compile(
    rf"rest\s+(?P<time>{_RANGE})\s*(?:(?P<minutes>{_UNITS[Unit.MINUTES]})|{_UNITS[Unit.SECONDS]})",
    re.IGNORECASE | re.ASCII,
)
_LOAD = re.compile(
    r"(?:with|load)\s+(?P<words>\S.*)|(?P<weight>\d+(?:\.\d+)?)\s*(?P<of>kg|lb|lbs)",
    re.IGNORECASE | re.ASCII,
)
_FREQUENCY = re.compile(
    rf"(?:(?P<word>once|twice)|(?P<times>{_RANGE})\s*(?:[x×]|times|days))\s*"
    r"(?:a|per|each|every)\s*(?P<per>day|week)|(?P<daily>daily|every day)",
    re.IGNORECASE | re.ASCII,
)


def parse_dose(text: str) -> Dose:
    """Return the dose that ``text`` writes.

    Raises:
        PydanticCustomError: ``dose-incomplete``, ``dose-unknown`` or ``dose-backwards``, with a
            hint in its context; or pydantic's own ValidationError for a number out of bounds.
    """
    return Dose.model_validate(text)


def _from_text(text: str) -> dict[str, Any]:
    text = " ".join(text.split())  # word processors put no-break spaces before units
    if len(text) > _LONGEST:
        raise PydanticCustomError(
            "dose-unknown",
            '"{text}…" is too long for a dose',
            {"text": text[:40], "hint": _HINT},
        )
    main, *extras = [part.strip() for part in re.split(r"[,;]", text)]
    fields = _read_main(main)
    for extra in extras:
        key, read = _read_extra(extra)
        if key in fields:
            raise PydanticCustomError(
                "dose-unknown",
                '"{extra}" gives the {key} a second time',
                {"extra": extra, "key": key, "hint": f"keep one {key}"},
            )
        fields[key] = read
    return fields


def _read_main(text: str) -> dict[str, Any]:
    match = _MAIN.fullmatch(text)
    if not match or not text:
        raise PydanticCustomError(
            "dose-unknown", '"{text}" is not a dose', {"text": text, "hint": _HINT}
        )
    if not match["amount"]:
        raise PydanticCustomError(
            "dose-incomplete",
            '"{text}" has no repetitions',
            {"text": text, "hint": 'write "3 × 10", or "3 × 30 s" for a hold'},
        )
    if not match["sets"] and _unit(match) is None:
        raise PydanticCustomError(
            "dose-incomplete",
            '"{text}" does not say what it counts',
            {"text": text, "hint": f'write "{text} reps", "{text} s", or "3 × {text}"'},
        )
    fields: dict[str, Any] = {
        "amount": _range(match["amount"]),
        "unit": _unit(match) or Unit.REPS,
    }
    if match["sets"]:
        fields["sets"] = _range(match["sets"])
    if match["side"]:
        fields["side"] = Side(f"each {match['side'].lower()}")
    return fields


def _read_extra(text: str) -> tuple[str, Any]:
    if match := _TEMPO.fullmatch(text):
        return "tempo", re.sub("[–/]", "-", match["tempo"])
    if match := _REST.fullmatch(text):
        return "rest", {
            "time": _range(match["time"]),
            "unit": Unit.MINUTES if match["minutes"] else Unit.SECONDS,
        }
    if match := _FREQUENCY.fullmatch(text):
        words = {"once": {"low": 1}, "twice": {"low": 2}}
        word = "once" if match["daily"] else (match["word"] or "").lower()
        times = words[word] if word else _range(match["times"])
        per = "day" if match["daily"] else match["per"].lower()
        return "frequency", {"times": times, "per": Per(f"a {per}")}
    if match := _LOAD.fullmatch(text):
        words_or_weight = match["words"] or f"{match['weight']} {match['of'].lower()}"
        return "load", " ".join(words_or_weight.split())
    raise PydanticCustomError(
        "dose-unknown",
        '"{text}" is no tempo, rest, load or frequency',
        {
            "text": text,
            "hint": 'write "tempo 3-1-1", "rest 60 s", "with 8 kg" or "2 × a week"',
        },
    )


def _unit(match: re.Match[str]) -> Unit | None:
    return next((unit for unit in Unit if match[unit.name]), None)


def _range(text: str) -> dict[str, Any]:
    low, *high = re.findall(_NUMBER, text)
    return {
        "low": int(low),
        "high": int(high[0]) if high else None,
        "open": text.rstrip().endswith("+"),
    }
