"""Turn a client and the title of what they get into the letter that goes with it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from handouts.model.letter import Letter
from handouts.problem import HandoutError
from handouts.theme.environment import fill_template, make_environment
from handouts.theme.words import read_words

if TYPE_CHECKING:
    from handouts.model.client import Client
    from handouts.model.settings import Trainer
    from handouts.theme.chain import Chain
    from handouts.theme.environment import ChainEnvironment
    from handouts.theme.words import Words

LETTER = "letter"
_SUBJECT = re.compile(
    r"\s*Subject:[ \t]*(?P<subject>\S[^\n]*?)[ \t]*\n[ \t]*\n(?P<text>.*)", re.DOTALL
)
_GAP = re.compile(r"\n{3,}")


def write_letter(  # noqa: PLR0913  what a letter is made of
    chain: Chain,
    language: str,
    client: Client,
    trainer: Trainer,
    title: str,
    *,
    subject: str | None = None,
    name: str = LETTER,
) -> Letter:
    """Return the letter to a client, from ``NAME.txt.j2`` and ``NAME.html.j2``.

    Args:
        chain: where the templates and the words are looked up.
        language: BCP 47 tag of the words.
        client: whom it is to.
        trainer: whose signature stands under it.
        title: of the handout or the programme.
        subject: instead of the template's.
        name: of the templates; ``.txt.j2`` or ``.html.j2`` may stand behind it.

    Raises:
        HandoutError: a fault in a template or a catalogue; ``letter-subject``.
    """
    name = re.sub(r"(\.(txt|html))?(\.j2)?$", "", name)
    words = read_words(chain, language)
    environment, plain_environment = _open_environments(chain, words)
    values = {"client": client, "trainer": trainer, "title": title, "words": words}
    plain = fill_template(plain_environment, f"{name}.txt.j2", values)
    found = _SUBJECT.fullmatch(plain)
    if found is None:
        raise HandoutError.of(
            "letter-subject",
            f"{name}.txt.j2 does not begin with its subject",
            hint="let its first line be: Subject: …, and the second one empty",
        )
    subject = subject or found["subject"]
    html = fill_template(environment, f"{name}.html.j2", {**values, "subject": subject})
    text = _GAP.sub("\n\n", found["text"]).strip()
    return Letter(subject, f"{text}\n", html.lstrip(), words.language)


@lru_cache(maxsize=8)
def _open_environments(chain: Chain, words: Words) -> tuple[ChainEnvironment, ChainEnvironment]:
    """Return what fills the HTML and what fills the text, where "&" is no "&amp;"."""
    environment = make_environment(chain, words)
    return environment, environment.overlay(autoescape=False)
