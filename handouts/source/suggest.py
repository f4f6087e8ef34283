"""Turn a mistyped word into the one that was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LONGEST = 80  # difflib is quadratic; no word of ours is longer


def did_you_mean(typed: str, words: Iterable[str]) -> str:
    """Return ``did you mean "steps"?`` for the nearest word, or an empty string."""
    nearest = nearest_word(typed, {word: word for word in words})
    return f'did you mean "{nearest}"?' if nearest else ""


def nearest_word(typed: str, words: Mapping[str, str]) -> str | None:
    """Return the value of the key that is nearest to what was typed, or None if none is near."""
    import difflib

    folded = {_fold(word): target for word, target in words.items()}
    wanted = _fold(typed)
    if not wanted or len(wanted) > _LONGEST:
        return None
    matches = difflib.get_close_matches(wanted, folded, n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None


def shorten(text: object, width: int = 60) -> str:
    """Return what was typed on one line, cut to the width, fit to be quoted in a message."""
    line = " ".join(str(text)[: width * 4].split())
    return line if len(line) <= width else f"{line[: width - 1]}…"


def _fold(text: str) -> str:
    return "-".join(text[: _LONGEST * 2].casefold().replace("_", " ").replace("-", " ").split())
