"""Turn an exercise or a programme into warnings where a client could stumble: jargon, long words.

The rules are those of PEMAT-P and of plain-language guides: reading grade 6, 20 words a sentence,
the active voice, one action a line, everyday words. They read English; other languages have only
their missing sections named.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from handouts.assets import LIBRARY
from handouts.model.passage import PROSE, list_passages, write_key_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from handouts.model.exercise import Exercise
    from handouts.model.passage import KeyPath, Passage
    from handouts.model.programme import Programme
    from handouts.problem import Place, Report

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
    if not _is_english(exercise.language):
        return
    passages = list(list_passages(exercise))
    _check_passages(passages, 1, locate, report)
    for passage in passages:
        if passage.path[0] == "steps" and "do" in passage.path:
            _check_actions(passage, locate, report)


def check_programme_literacy(
    programme: Programme, locate: Callable[[KeyPath], Place], report: Report
) -> None:
    """Warn of everything in a programme's own words that a client may find hard to read.

    Args:
        programme: what to read; its exercises are read for themselves.
        locate: gives the place of a part of the programme's file; ``(introduction, 3)`` is the
            fourth line of that text.
        report: gets the warnings.
    """
    if _is_english(programme.language):
        # Each prescription is graded by itself: sessions.1.prescriptions.2.
        _check_passages(list(list_passages(programme)), 4, locate, report)


def _is_english(language: str) -> bool:
    return language.split("-", maxsplit=1)[0].lower() == "en"


def _check_passages(
    passages: list[Passage], depth: int, locate: Callable[[KeyPath], Place], report: Report
) -> None:
    """Judge each passage, and the grade of those together that share so many steps of the path."""
    sections: dict[KeyPath, list[Passage]] = {}
    for passage in passages:
        path = passage.path[:1] if passage.path[0] in PROSE else passage.path[:depth]
        sections.setdefault(path, []).append(passage)
    for path, own in sections.items():
        _check_grade(path, own, locate, report)
    for passage in passages:
        _check_jargon(passage, locate, report)
        if not passage.is_label:
            _check_sentences(passage, locate, report)


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
    section: KeyPath, passages: list[Passage], locate: Callable[[KeyPath], Place], report: Report
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
        f"{write_key_path(section)}: reading grade {grade:.1f}, above {HIGHEST_GRADE:g}",
        locate(section),
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
