"""Turn an exercise into warnings where a client could stumble: long words, long sentences, jargon.

The rules are those of PEMAT-P and of plain-language guides: reading grade 6, 20 words a sentence,
the active voice, one action a line, everyday words. They read English; other languages have only
their missing sections named.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import BaseModel

from handouts.assets import LIBRARY
from handouts.model.exercise import Basis, Precaution

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from handouts.model.exercise import Exercise
    from handouts.problem import Place, Report

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys and list positions (from 0) from the root of the exercise's file to one of its parts."""

HIGHEST_GRADE = 6.0
MOST_WORDS = 20
# The grade of two or three short phrases says more about chance than about the writer.
_FEWEST_WORDS_GRADED = 10
_SECTIONS = (
    ("errors", "what often goes wrong, how it looks and how to mend it"),
    ("progressions", "one way to make it easier and one to make it harder"),
    (
        "avoid",
        "who should avoid it; {condition: low-back-pain, basis: general} takes the shared words",
    ),
)
# Terms, slugs and addresses are not read as sentences; aliases and sources are said as they are.
_NOT_READ = {"slug", "language", "aliases", "position", "muscle", "direction", "condition", "level"}
_NOT_READ |= {"basis", "dose", "figure", "figures", "video", "sources", "version", "reviewed"}
_LABELS = {"name", "title", "who", "when", "needed", "optional"}


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that the client reads, and where it stands."""

    path: KeyPath
    text: str
    is_label: bool
    """A name or title: no sentence."""

    @property
    def where(self) -> str:
        """The path as people count: ``steps.2.do.1``."""
        return ".".join(str(part + 1 if isinstance(part, int) else part) for part in self.path)


@dataclass(frozen=True)
class _Lists:
    """The words that the rules look for."""

    jargon: dict[str, str]
    passive: tuple[str, ...]
    actions: frozenset[str]

    @cached_property
    def jargon_pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.jargon, key=len, reverse=True)
        terms = "|".join(re.escape(term) for term in longest_first)
        return re.compile(rf"\b({terms})(?:e?s)?\b", re.IGNORECASE)

    @cached_property
    def passive_pattern(self) -> re.Pattern[str]:
        """A form of "be" and a participle that is hardly ever an adjective, or one with "by"."""
        return re.compile(
            r"\b(?:is|are|was|were|be|been|being|gets?)\s+(?:(?:not|never|also|then|now|\w+ly)\s+)*"
            rf"(?:(?:{'|'.join(self.passive)})\b(?!\s+to\b)|\w+(?:ed|en)\s+by\s+(?!\w+ing\b))",
            re.IGNORECASE,
        )


def check_literacy(exercise: Exercise, locate: Callable[[KeyPath], Place], report: Report) -> None:
    """Warn of everything in an exercise that a client may find hard to read.

    Args:
        exercise: what to read; only its own words, not those of the shared precautions.
        locate: gives the place of a part of the exercise's file.
        report: gets the warnings.
    """
    _check_sections(exercise, locate, report)
    if exercise.language.split("-")[0].lower() != "en":
        return
    passages = list(list_passages(exercise))
    for section in dict.fromkeys(passage.path[0] for passage in passages):
        own = [passage for passage in passages if passage.path[0] == section]
        _check_grade(str(section), own, locate, report)
    for passage in passages:
        _check_jargon(passage, locate, report)
        if not passage.is_label:
            _check_sentences(passage, locate, report)
        if passage.path[0] == "steps" and "do" in passage.path:
            _check_actions(passage, locate, report)


def list_passages(exercise: Exercise) -> Iterator[Passage]:
    """Yield every text of an exercise that the client reads, in the order of the model."""
    yield from _walk((), exercise, is_label=False)


def _walk(path: KeyPath, value: object, *, is_label: bool) -> Iterator[Passage]:
    if isinstance(value, Precaution) and value.basis is Basis.GENERAL:
        return
    if isinstance(value, str):
        yield Passage(path, value, is_label)
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _walk((*path, number), item, is_label=is_label)
    elif isinstance(value, BaseModel):
        for key in type(value).model_fields:
            if key not in _NOT_READ:
                yield from _walk((*path, key), getattr(value, key), is_label=key in _LABELS)


def reading_grade(texts: Iterable[str]) -> float:
    """Return the Flesch-Kincaid grade of texts: the school year that reads them with ease.

    0.39 × words a sentence + 11.8 × syllables a word - 15.59 (Kincaid et al. 1975, p. 14). A text
    without a full stop counts as a sentence.
    """
    sentences = [sentence for text in texts for sentence in _split_sentences(text)]
    words = [word for sentence in sentences for word in _split_words(sentence)]
    if not words:
        return 0.0
    syllables = sum(count_syllables(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def count_syllables(word: str) -> int:
    """Return the number of syllables: places to hyphenate, or groups of vowels if those are more.

    A hyphenation dictionary leaves out the breaks that look bad in print ("bo-dy", "on-ly"), so
    that alone it would find every text too easy.
    """
    return max(len(_hyphens().positions(word.lower())) + 1, _count_vowel_groups(word.lower()))


_SILENT = re.compile(r"'(?:s|re|ve|ll|d|t|m)$|(?<=[^aeiouy])(?:e|es|ed)$")
# Endings whose e is spoken: ta-ble, arch-es, lift-ed.
_SPOKEN = re.compile(r"[^aeiouy]les?$|(?:[sxzcg]|ch|sh)es$|[td]ed$")


def _count_vowel_groups(word: str) -> int:
    stem = word if _SPOKEN.search(word) else _SILENT.sub("", word.replace("’", "'"))
    return max(1, len(re.findall("[aeiouy]+", stem)))


@cache
def _hyphens() -> Any:  # noqa: ANN401  untyped library
    import pyphen

    return pyphen.Pyphen(lang="en_GB")


@cache
def _lists() -> _Lists:
    data = tomllib.loads((LIBRARY / "literacy.toml").read_text(encoding="utf-8"))
    return _Lists(data["jargon"], tuple(data["passive"]), frozenset(data["actions"]))


def _split_sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?])\s+|\n\s*\n", text.strip()) if part]


def _split_words(sentence: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", sentence)


def _quote(text: str, width: int = 50) -> str:
    line = " ".join(text.split())
    return f'"{line}"' if len(line) <= width else f'"{line[:width].rsplit(" ", 1)[0]} …"'


def _check_sections(exercise: Exercise, locate: Callable[[KeyPath], Place], report: Report) -> None:
    for key, what in _SECTIONS:
        if not getattr(exercise, key):
            report.warn(
                "section-missing", f"{key}: nothing is written", locate((key,)), hint=f"say {what}"
            )


def _check_grade(
    section: str, passages: list[Passage], locate: Callable[[KeyPath], Place], report: Report
) -> None:
    prose = [passage for passage in passages if not passage.is_label]
    words = sum(len(_split_words(passage.text)) for passage in prose)
    grade = round(reading_grade(passage.text for passage in prose), 1)
    if words < _FEWEST_WORDS_GRADED or grade <= HIGHEST_GRADE:
        return
    hardest = max(
        (sentence for passage in prose for sentence in _split_sentences(passage.text)),
        key=lambda sentence: reading_grade([sentence]),
    )
    report.warn(
        "reading-grade",
        f"{section}: reading grade {grade:.1f}, above {HIGHEST_GRADE:g}",
        locate((section,)),
        hint=f"shorter words and sentences; the hardest is {_quote(hardest)}",
    )


def _check_sentences(passage: Passage, locate: Callable[[KeyPath], Place], report: Report) -> None:
    for sentence in _split_sentences(passage.text):
        words = len(_split_words(sentence))
        if words > MOST_WORDS:
            report.warn(
                "long-sentence",
                f"{passage.where}: a sentence of {words} words: {_quote(sentence)}",
                locate(passage.path),
                hint=f"make two of it: {MOST_WORDS} words are the most",
            )
        for match in _lists().passive_pattern.finditer(sentence):
            report.warn(
                "passive-voice",
                f"{passage.where}: passive voice: {_quote(match[0])}",
                locate(passage.path),
                hint='say who does what: "Lift your leg", not "Your leg is lifted"',
            )


def _check_jargon(passage: Passage, locate: Callable[[KeyPath], Place], report: Report) -> None:
    jargon = _lists().jargon
    seen: set[str] = set()
    for match in _lists().jargon_pattern.finditer(passage.text):
        term, plain = match[0], jargon[match[1].lower()]
        if term.lower() in seen or _is_explained(passage.text, match, plain):
            continue
        seen.add(term.lower())
        report.warn(
            "jargon",
            f'{passage.where}: "{term}" without its plain word',
            locate(passage.path),
            hint=f'say "{plain}", or "{plain} ({term})"',
        )


def _is_explained(text: str, match: re.Match[str], plain: str) -> bool:
    """A plain word stands with it: in the same text, or one of the two in brackets."""
    before, after = text[: match.start()], text[match.end() :]
    in_brackets = before.rfind("(") > before.rfind(")")
    return in_brackets or after.lstrip().startswith("(") or plain.lower() in text.lower()


# Where a further action can begin. "Or" is a choice, not a second action.
_JOINT = re.compile(r"(?<=[.!?;])\s+|,\s+(?:and\s+)?(?:then\s+)?|\s+and\s+(?:then\s+)?|\s+then\s+")
_LEAD_IN = re.compile(r"(?:(?:now|then|next|also|again|and|\w+ly)\s+)*(\w+)\b(?=\s+\w|[.!]?$)")


def _check_actions(passage: Passage, locate: Callable[[KeyPath], Place], report: Report) -> None:
    verbs = [verb for clause in _JOINT.split(passage.text) if (verb := _find_action(clause))]
    if len(verbs) > 1:
        said = ", ".join(f'"{verb}"' for verb in verbs)
        report.warn(
            "several-actions",
            f"{passage.where}: {len(verbs)} actions in one line: {said}",
            locate(passage.path),
            hint="give each action a line of its own",
        )


def _find_action(clause: str) -> str | None:
    lead_in = _LEAD_IN.match(clause.strip().lower())
    return lead_in[1] if lead_in and lead_in[1] in _lists().actions else None
