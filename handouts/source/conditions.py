"""Turn what people type for a condition into the slugs that it means."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from handouts.source.suggest import nearest_word

if TYPE_CHECKING:
    from handouts.source.vocabulary import Vocabulary

_HARD_ENDS = re.compile(r"[;|\n\r]+")
_NOTHING = frozenset(("", "none", "no", "nil", "n a", "na", "nothing", "no known conditions"))


@dataclass(frozen=True)
class ConditionWords:
    """Every word for every condition, without regard to case, hyphens and apostrophes."""

    vocabulary: Vocabulary

    @cached_property
    def _slugs(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = {}
        for slug, condition in self.vocabulary.conditions.items():
            for word in (slug, condition.name, condition.medical, *condition.synonyms):
                found.setdefault(_fold(word), {})[slug] = None
        return {word: tuple(slugs) for word, slugs in found.items()}

    def find(self, word: str) -> tuple[str, ...]:
        """Return what the word means: nothing where it is unknown, all where it is two things."""
        return self._slugs.get(_fold(word), ())

    def split(self, cell: str) -> list[str]:
        """Return the words of a cell that holds several, or none.

        They are parted by ``;``, ``|``, a line's end or a comma; a comma that belongs to a known
        word ("new pain, swelling or numbness …") does not part it.
        """
        words: list[str] = []
        for part in _HARD_ENDS.split(cell):
            words += self._split_commas([piece.strip() for piece in part.split(",")])
        if len(words) == 1 and _fold(words[0]) in _NOTHING:
            return []
        return words

    def _split_commas(self, pieces: list[str]) -> list[str]:
        words: list[str] = []
        begin = 0
        while begin < len(pieces):
            ends = range(min(len(pieces), begin + 4), begin + 1, -1)
            runs = (", ".join(pieces[begin:end]) for end in ends)
            known = next((run for run in runs if self.find(run)), pieces[begin])
            begin += known.count(",") + 1
            words += [known] if known else []
        return words

    def suggest(self, word: str) -> str:
        """Return ``did you mean "low back pain"?``, or where to look."""
        names = {name: self.vocabulary.conditions[slug].name for name, slug in self._flat()}
        nearest = nearest_word(word, names)
        return f'did you mean "{nearest}"?' if nearest else "conditions.yaml lists them all"

    def _flat(self) -> list[tuple[str, str]]:
        return [(word, slugs[0]) for word, slugs in self._slugs.items()]


def _fold(word: str) -> str:
    plain = unicodedata.normalize("NFKC", word).casefold().replace("’", "'")
    return " ".join(re.sub(r"[-_‐‑–/.]", " ", plain).replace("'", "").split())
