"""Turn libyaml's words for a syntax error into what a trainer can act on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from handouts.problem import Place, Problem

if TYPE_CHECKING:
    import yaml

_COLON = (
    "yaml-colon",
    "a colon followed by a space inside unquoted text",
    'put the text in quotes: name: "Squat: the deep one"',
)
_INDENT = (
    "yaml-indent",
    "this line is not indented like its neighbours",
    "begin it under the first letter of the line above it that it belongs with; use spaces",
)
_TAB = ("yaml-tab", "a tab stands where YAML wants spaces", "indent with two spaces a level")
_QUOTE = (
    "yaml-quote",
    "the quote that opens here is never closed",
    "close it with the same sign; inside \"…\" write \\\" for a quote, inside '…' write ''",
)
_AFTER_QUOTE = (
    "yaml-quote",
    "text stands after the closing quote",
    "put the whole text in quotes, or none of it",
)
_BRACKET = (
    "yaml-bracket",
    "the bracket that opens here is not closed, or a comma is missing",
    "write [one, two], and put a text with a comma, colon or bracket in quotes",
)
_NO_COLON = (
    "yaml-colon",
    "this line is neither a key nor a list item",
    'write "key: value", or begin it with "- "; text over two lines is indented further',
)
_ESCAPE = (
    "yaml-escape",
    'a backslash inside "…" begins a code that YAML does not know',
    "write it in single quotes: 'C:\\drawings'",
)
_ALIAS = (
    "yaml-alias",
    "text that begins with * or & means something else to YAML",
    'put the text in quotes; a list item begins with "- "',
)
_START = ("yaml-quote", "unquoted text cannot begin with this sign", "put the text in quotes")
_BLOCK = (
    "yaml-quote",
    "text stands after | or >",
    "begin it in the next line, indented, or put it in quotes",
)
_TAG = ("yaml-tag", "text that begins with ! is a tag to YAML", "put the text in quotes")

# libyaml's and PyYAML's own sentences, the same since 2006 (scanner.c, parser.c); the first one
# that occurs in "context; problem" decides. The flag: the place is where the construct began.
_WORDS: tuple[tuple[str, tuple[str, str, str], bool], ...] = (
    ("tab character", _TAB, False),
    ("contains tabs", _TAB, False),
    ("quoted scalar; found unexpected", _QUOTE, True),
    ("escape", _ESCAPE, False),
    ("hexdecimal", _ESCAPE, False),
    ("an alias", _ALIAS, False),
    ("an anchor", _ALIAS, False),
    (" tag", _TAG, False),
    ("block scalar", _BLOCK, False),
    ("node content", _START, False),
    ("flow sequence", _BRACKET, True),
    ("flow mapping", _BRACKET, True),
    ("flow node", _BRACKET, False),
    ("could not find expected ':'", _NO_COLON, True),
    ("cannot start any token", _START, False),
    ("mapping values are not allowed", _COLON, False),
    ("block sequence entries are not allowed", _INDENT, False),
    ("mapping keys are not allowed", _INDENT, False),
    ("block mapping", _INDENT, False),
    ("block collection", _INDENT, False),
    ("block sequence", _INDENT, False),
    ("document start", _INDENT, False),
)


def explain_syntax(error: yaml.YAMLError, text: str, file: str) -> Problem:
    """Return the problem that teaches what to write instead."""
    context = getattr(error, "context", None) or ""
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    said = f"{context}; {problem}"
    mark = getattr(error, "problem_mark", None)
    chosen, at_start = _choose(said)
    if at_start:
        mark = getattr(error, "context_mark", None) or mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    typed = _line(text, line)
    code, message, hint = _look_closer(chosen, typed, column) or (
        "yaml-syntax",
        str(problem),
        "compare the line with one that works",
    )
    return Problem(code, message, Place(file, line, column), hint)


def _choose(said: str) -> tuple[tuple[str, str, str] | None, bool]:
    return next(
        ((words, at_start) for part, words, at_start in _WORDS if part in said), (None, False)
    )


def _look_closer(
    chosen: tuple[str, str, str] | None, typed: str, column: int
) -> tuple[str, str, str] | None:
    """Correct libyaml's guess by what stands in the line."""
    before = typed[: column - 1]
    if chosen in (_START, _INDENT) and ("\t" in before or typed[column - 1 : column] == "\t"):
        return _TAB
    if chosen is _COLON and not re.search(r":\s", before):
        return _INDENT
    if chosen is _INDENT and re.search(r"""[:-]\s+(".*"|'.*')\s*$""", before):
        return _AFTER_QUOTE
    if chosen is _NO_COLON and "\t" in typed[: len(typed) - len(typed.lstrip())]:
        return _TAB
    return chosen


def _line(text: str, number: int) -> str:
    lines = re.split(r"\r\n|\r|\n", text)
    return lines[number - 1] if number <= len(lines) else ""
