"""Turn what the layout engine writes into its log into Problems that name the exercise."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from handouts.press.missing import describe_missing
from handouts.problem import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handouts.problem import Place

# The engine's own message templates, not their filled-in text: code, hint.
_ERRORS = {
    "Failed to load image": ("image-failed", "name a picture inside the workspace"),
    "Failed to render SVG image": ("image-failed", "open the drawing and save it again"),
    "No anchor #": ("dead-link", "link to an id that is on the page"),
    "Relative URI reference without a base URI": (
        "image-failed",
        "put the file inside: use the picture filter",
    ),
    "Font-face": ("font-failed", "name a TrueType or OpenType file that can be read"),
    "Failed to load stylesheet": ("style-failed", "put the style sheet into the workspace"),
}
_MISSING = ".notdef glyph"
"""Said once for each glyph that no font has, with the character and its number as arguments."""
_LONGEST = 200
# Only what is wrong in a style sheet has a line and a column; selectors have not even that.
_IGNORED = ("at %d:%d", "Invalid or unsupported selector")


@contextmanager
def collect_log(place: Place | None) -> Iterator[list[Problem]]:
    """Collect the engine's warnings and errors as Problems while the block runs."""
    problems: list[Problem] = []
    handler = _Collector(problems, place)
    logger = logging.getLogger("weasyprint")
    propagate, level = logger.propagate, logger.level
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    try:
        yield problems
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate
        logger.setLevel(level)


class _Collector(logging.Handler):
    def __init__(self, problems: list[Problem], place: Place | None) -> None:
        super().__init__(logging.WARNING)
        self._problems = problems
        self._place = place
        self._missing: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith(_MISSING) and isinstance(record.args, tuple):
            self._note_missing(str(record.args[0]))
            return
        problem = _as_problem(record, self._place)
        if problem not in self._problems:
            self._problems.append(problem)

    def _note_missing(self, character: str) -> None:
        """Keep one problem for all the characters that no font has."""
        earlier = describe_missing(self._missing, self._place) if self._missing else None
        self._missing = sorted({*self._missing, character})
        problem = describe_missing(self._missing, self._place)
        if earlier is None:
            self._problems.append(problem)
        else:
            self._problems[self._problems.index(earlier)] = problem


def _as_problem(record: logging.LogRecord, place: Place | None) -> Problem:
    template = str(record.msg)
    message = record.getMessage()
    for start, (code, hint) in _ERRORS.items():
        if template.startswith(start):
            return Problem(code, _shorten(message), place, hint)
    if any(mark in template for mark in _IGNORED):
        hint = "mend or delete this rule: it has no effect on paper"
        return Problem("css-ignored", _shorten(message), place, hint, Severity.WARNING)
    severity = Severity.ERROR if record.levelno >= logging.ERROR else Severity.WARNING
    return Problem("engine-said", _shorten(message), place, "", severity)


def _shorten(message: str) -> str:
    # A data: address of a whole font would fill the screen.
    return message if len(message) <= _LONGEST else f"{message[:140]} … {message[-40:]}"
