"""Turn the gallery of poses, dressed in a theme, into the markup of its contact sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup as Safe

from handouts import __version__
from handouts.figure.draw import draw_pose
from handouts.figure.words import describe_pose
from handouts.model.gallery import list_limits
from handouts.model.markup import Markup, Phrase
from handouts.model.settings import Ink
from handouts.theme.environment import fill_template, make_environment
from handouts.theme.handout import make_imprint_style
from handouts.theme.styles import make_stylesheet
from handouts.theme.words import read_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handouts.model.settings import Settings
    from handouts.source.poses import Shown, Snippet
    from handouts.theme.chain import Chain

_BODY = 36.0
"""Millimetres that a standing body is high: the widest pose fills half a column."""
_LANGUAGE = "en"


def dress_gallery(gallery: Shown, settings: Settings, chain: Chain) -> Markup:
    """Return the markup of the contact sheet: every pose beside the lines that make it.

    Raises:
        HandoutError: a fault in a template, a style sheet or a catalogue.
    """
    words = read_words(chain, _LANGUAGE)
    mono = settings.print.ink is Ink.MONO
    values = {
        "title": gallery.title,
        "about": gallery.about,
        "sections": [
            {"title": section.title, "about": section.about, "cards": _cards(snippets, mono=mono)}
            for section, snippets in gallery.sections
        ],
        "limits": list_limits(),
        "trainer": settings.trainer,
        "look": settings.print,
        "words": words,
        "version": __version__,
    }
    return Markup(
        title=gallery.title,
        html=fill_template(make_environment(chain, words), "gallery.html.j2", values),
        css=make_stylesheet(chain, settings.print, "gallery.css"),
        phrases=tuple(_find_phrases(gallery)),
        imprint=make_imprint_style(chain, settings, words),
        problems=tuple(words.report),
    )


def _cards(snippets: tuple[Snippet, ...], *, mono: bool) -> list[dict[str, Any]]:
    return [
        {
            "name": snippet.name.replace("-", " ").capitalize(),
            "lines": snippet.lines.rstrip(),
            "picture": Safe(  # noqa: S704  our own drawing; its words are escaped there
                draw_pose(snippet.pose, snippet.start).as_svg(
                    describe_pose(snippet.pose), _BODY, mono=mono
                )
            ),
        }
        for snippet in snippets
    ]


def _find_phrases(gallery: Shown) -> Iterator[Phrase]:
    for number, (section, snippets) in enumerate(gallery.sections):
        yield Phrase(f"sections[{number}].title", section.title)
        yield Phrase(f"sections[{number}].about", section.about)
        for snippet in snippets:
            yield Phrase(f"sections[{number}].figures.{snippet.name}", snippet.lines)
