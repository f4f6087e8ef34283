"""The letter is a pair of templates in the chain, in the client's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from handouts.model.client import Client
from handouts.model.settings import Trainer
from handouts.problem import HandoutError
from handouts.theme.chain import make_chain
from handouts.theme.letter import write_letter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from handouts.model.letter import Letter

CLIENT = Client(id="sam", name='Sam <b> & "Co"', conditions=())
TRAINER = Trainer(name="Ann & Bob", telephone="+44 20 7946 0000")


@pytest.fixture
def letter(tmp_path: Path) -> Callable[..., Letter]:
    """Return a function that writes a letter in a workspace."""

    def letter(language: str = "en", **asked: Any) -> Letter:  # noqa: ANN401  any argument
        chain = make_chain("clear", tmp_path)
        return write_letter(chain, language, CLIENT, TRAINER, "Hips & knees", **asked)

    return letter


def fault(letter: Callable[..., Letter], **asked: str) -> str:
    with pytest.raises(HandoutError) as caught:
        letter(**asked)
    return str(caught.value)


def test_text_is_text_and_html_is_html(letter: Callable[..., Letter]) -> None:
    written = letter()
    assert (written.subject, written.language) == ("Your exercises: Hips & knees", "en")
    assert written.text.startswith('Hello Sam <b> & "Co",\n\nYour exercises are attached: Hips & ')
    assert written.text.endswith("\n\nAnn & Bob\n+44 20 7946 0000\n")
    assert "\n\n\n" not in written.text
    assert written.html.startswith("<!DOCTYPE html>\n")
    assert "Hello Sam &lt;b&gt; &amp; &#34;Co&#34;," in written.html
    assert "Ann &amp; Bob<br>" in written.html


def test_both_say_the_same(letter: Callable[..., Letter]) -> None:
    import re
    from html import unescape

    written = letter()
    body = written.html.partition("<body")[2].partition(">")[2]
    assert unescape(re.sub("<[^>]+>", "", body)).split() == written.text.split()


def test_a_subject_can_be_given(letter: Callable[..., Letter]) -> None:
    written = letter(subject="Week 2")
    assert written.subject == "Week 2"
    assert "<title>Week 2</title>" in written.html


def test_a_trainer_changes_a_part(
    letter: Callable[..., Letter], write: Callable[[str, str], Path]
) -> None:
    write(
        "templates/letter.txt.j2",
        '{% extends "base/letter.txt.j2" %}{% block closing %}See you on Monday.{% endblock %}',
    )
    assert "\n\nSee you on Monday.\nAnn" in letter().text
    assert letter().subject == "Your exercises: Hips & knees"


@pytest.mark.parametrize("name", ["reminder", "reminder.txt.j2", "reminder.html.j2", "reminder.j2"])
def test_another_letter_by_its_name(
    letter: Callable[..., Letter], write: Callable[[str, str], Path], name: str
) -> None:
    write("templates/reminder.txt.j2", "Subject: Still there?\n\nHello {{ client.name }}\n")
    write("templates/reminder.html.j2", "<p>{{ subject }}</p>")
    written = letter(name=name)
    assert (written.subject, written.html) == ("Still there?", "<p>Still there?</p>")


def test_a_letter_in_another_language(
    letter: Callable[..., Letter], write: Callable[[str, str], Path]
) -> None:
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    write("templates/words/de.po", head + 'msgid "Hello %(name)s,"\nmsgstr "Hallo %(name)s,"\n')
    written = letter("de")
    assert written.text.startswith("Hallo Sam")
    assert '<html lang="de" dir="ltr">' in written.html


@pytest.mark.parametrize(
    "text", ["Hello\n", "Subject:\n\nHello", "Subject: Hi\nHello\n", "", "Subject: Hi"]
)
def test_a_letter_without_a_subject(
    letter: Callable[..., Letter], write: Callable[[str, str], Path], text: str
) -> None:
    write("templates/letter.txt.j2", text)
    assert fault(letter) == (
        "error[letter-subject] letter.txt.j2 does not begin with its subject\n"
        "  hint: let its first line be: Subject: …, and the second one empty"
    )


def test_a_template_that_is_not_there_or_wrong(
    letter: Callable[..., Letter], write: Callable[[str, str], Path]
) -> None:
    assert "template-missing" in fault(letter, name="remnder")
    write("templates/letter.txt.j2", "Subject: {{ clint.name }}\n\nx")
    assert "template-undefined" in fault(letter)
