"""Turn a language's tag into the words that templates print, from a gettext catalogue."""

from __future__ import annotations

import gettext
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from handouts.problem import HandoutError, Place, Report
from handouts.source.workspace import show_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from handouts.theme.chain import Chain

RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})
"""Languages written from right to left (CLDR 48, ``characterOrder``)."""

_VALUE = re.compile(r"%\((\w+)\)s")


class _Catalogue(gettext.NullTranslations):
    """A gettext catalogue that was read from its text, not from a compiled file."""

    def __init__(self, messages: dict[str, tuple[str, ...]], plural: Callable[[int], int]) -> None:
        super().__init__()
        self._messages = messages
        self._plural = plural

    def gettext(self, message: str) -> str:
        return self._messages.get(message, (message,))[0] or message

    def ngettext(self, one: str, many: str, number: int) -> str:
        forms = self._messages.get(one)
        if not forms:
            return one if number == 1 else many
        return forms[min(self._plural(number), len(forms) - 1)] or many


@dataclass(frozen=True, eq=False)
class Words:
    """The printed words of one language."""

    language: str
    direction: str
    """``ltr`` or ``rtl``."""
    catalogue: gettext.NullTranslations
    report: Report
    """Words that the catalogue does not have yet."""

    def say(self, message: str, **values: object) -> str:
        """Return the message in this language, with its values put in."""
        return self.catalogue.gettext(message) % values

    def count(self, one: str, many: str, number: int, **values: object) -> str:
        """Return the form of the message for a number."""
        return self.catalogue.ngettext(one, many, number) % values

    def day(self, day: date) -> str:
        """Return a date as this language writes it: 20 November 2026."""
        from babel.dates import format_date

        # The house writes British English; CLDR's plain "en" is the American order.
        tag = "en_GB" if self.language == "en" else _known_locale(self.language)
        return format_date(day, "long", locale=tag) if tag else day.isoformat()


def read_words(chain: Chain, language: str) -> Words:
    """Return the words of ``language`` from ``words/LANGUAGE.po``, nearest file first.

    ``de-AT`` falls back to ``de``.

    Raises:
        HandoutError: ``no-words`` if no catalogue answers, ``bad-words`` if it cannot be read.
    """
    tags = [language, language.partition("-")[0]]
    for tag in dict.fromkeys(tags):
        for _, file in chain.templates(f"words/{tag}.po"):
            return _read_catalogue(file, language, file.stat().st_mtime_ns)
    raise HandoutError.of(
        "no-words",
        f'there are no words for the language "{language}"',
        hint=f"copy words/en.po to templates/words/{language}.po in your workspace, and translate",
    )


def _known_locale(language: str) -> str | None:
    """Return what Babel calls the language or, without its region, the nearest that it knows."""
    from babel.core import Locale, UnknownLocaleError

    for tag in (language, language.partition("-")[0]):
        try:
            return str(Locale.parse(tag, sep="-"))
        except (UnknownLocaleError, ValueError):
            continue
    return None


def _check_forms(ids: list[str], forms: tuple[str, ...], place: Place) -> None:
    """Put samples into a translation: it must name the same values as the English words."""
    sample = dict.fromkeys(_VALUE.findall("".join(ids)), "")
    for form in forms:
        try:
            form % sample
        except (KeyError, ValueError, TypeError):
            raise HandoutError.of(
                "bad-words",
                f'"{form}" does not have the same values as "{ids[0]}"',
                place,
                hint="keep each %(name)s as it stands, and write a percent sign as %%",
            ) from None


@lru_cache(maxsize=8)
def _read_catalogue(file: Path, language: str, _changed: int) -> Words:
    from babel.messages.pofile import PoFileError, read_po

    try:
        with file.open("rb") as stream:
            found = read_po(stream, locale=_known_locale(language), abort_invalid=True)
        rule = gettext.c2py(found.plural_expr)
    except (PoFileError, ValueError, OSError, LookupError) as error:
        raise HandoutError.of(
            "bad-words", f"this catalogue cannot be read: {error}", Place(show_path(file))
        ) from None
    messages: dict[str, tuple[str, ...]] = {}
    missing = []
    for message in found:
        # A message with a plural has tuples here; babel types both as everything at once.
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        said = [message.string] if isinstance(message.string, str) else list(message.string or [])
        forms = tuple(form or "" for form in said)
        if not ids[0]:
            continue
        if all(forms) and not message.fuzzy:
            _check_forms(ids, forms, Place(show_path(file), message.lineno or 0))
            messages[ids[0]] = forms
        else:
            missing.append(ids[0])
    report = Report()
    if missing and not language.startswith("en"):
        report.warn(
            "words-missing",
            f"{len(missing)} of {len(found)} words are not translated, such as "
            f'"{missing[0]}": they are printed in English',
            Place(show_path(file)),
        )
    direction = "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"
    return Words(language, direction, _Catalogue(messages, rule), report)
