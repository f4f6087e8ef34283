"""A message says what was meant and nothing else, whatever stands in names and subjects."""

from __future__ import annotations

import smtplib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import policy
from email.parser import BytesParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handouts.model.letter import Letter
from handouts.post.address import Person, name_file
from handouts.post.letter import (
    Attachment,
    Meant,
    compose,
    find_changes,
    hash_pdf,
    name_message,
    write_header,
)
from handouts.problem import HandoutError

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 20
MEANT = Meant(
    letter=Letter("Your exercises: hip hinge", "Hello,\n.\nFrom me\n", "<p>Hello</p>\n", "en"),
    sender=Person("Ann Example", "ann@example.org"),
    recipient=Person("Sam Jones", "sam@example.net"),
    attachment=Attachment("Hip hinge.pdf", PDF),
    date=datetime(2026, 11, 20, 14, 2, tzinfo=timezone(timedelta(hours=1))),
    name="0123456789abcdef" * 4,
    reply_to="office@example.org",
)
# What each was found to do to mail programs or to Python's own parser.
HOSTILE = {
    "a second header": "Hi\r\nBcc: evil@example.com",
    "a bare line feed": "Hi\nBcc: evil@example.com",
    "a bare return": "Hi\rBcc: evil@example.com",
    "encoded words (CVE-2024-6923)": "=?utf-8?q?hi=0D=0ABcc=3A_evil=40x.y?=",
    "half of an encoded word": "Sam =?utf-8?q?",
    "the end of one": "Sam ?= Jones",
    "NUL": "Sam\x00Jones",
    "a bell": "Sam\x07",
    "an override of direction": "Sam \u202efdp.exe",
    "an isolate": "Sam \u2066x\u2069",
    "a line separator": "Sam\u2028Bcc: evil@example.com",
    "next line": "Sam\x85Jones",
    "half a surrogate pair": "Sam \ud800",
    "ten thousand letters": "S" * 10_000,
}
BENIGN = [
    "Jones, Sam",
    'Jörg "Jo" Müller (Physio) <x@y.z>',
    "Sam\\Jones; a: b, c@d",
    "محمد علي",
    "שרה כהן",
    "โสภณ วัฒนานุกูลกิจ",
    "李雷",
    "😀 Sam",
    "é" * 200,
    "日本語" * 60,
    "x" * 70 + ", é (long)",
    "a" * 240,
]


def test_the_headers_are_these() -> None:
    head = compose(MEANT).partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
    assert head[:6] == [
        "From: Ann Example <ann@example.org>",
        "To: Sam Jones <sam@example.net>",
        "Reply-To: office@example.org",
        "Subject: Your exercises: hip hinge",
        "Date: Fri, 20 Nov 2026 14:02:00 +0100",
        "Message-ID: <0123456789abcdef0123456789abcdef01234567@example.org>",
    ]
    assert {line.partition(":")[0] for line in head[6:]} == {
        "Content-Language",
        "MIME-Version",
        "Content-Type",
    }


def test_a_mail_program_finds_two_texts_and_the_pdf() -> None:
    message = BytesParser(policy=policy.default).parsebytes(compose(MEANT))
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == ["Hello,", ".", "From me"]
    assert html.get_content().splitlines() == ["<p>Hello</p>"]
    (attached,) = message.iter_attachments()
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_filename() == "Hip hinge.pdf"
    assert attached.get_payload(decode=True) == PDF


def test_a_draft_has_neither_date_nor_name() -> None:
    message = BytesParser(policy=policy.default).parsebytes(compose(replace(MEANT, name="")))
    assert message["X-Unsent"] == "1"
    assert message["Date"] is message["Message-ID"] is None
    assert message["To"] == "Sam Jones <sam@example.net>"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("where", ["sender", "recipient", "subject", "attachment"])
def test_hostile_text_is_refused(text: str, where: str) -> None:
    changed = {
        "sender": replace(MEANT, sender=Person(text, "ann@example.org")),
        "recipient": replace(MEANT, recipient=Person(text, "sam@example.net")),
        "subject": replace(MEANT, letter=replace(MEANT.letter, subject=text)),
        "attachment": replace(MEANT, attachment=Attachment(f"{text}.pdf", PDF)),
    }
    with pytest.raises(HandoutError) as caught:
        compose(changed[where])
    assert [problem.code for problem in caught.value.report] == ["bad-header"]
    assert "evil" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "a@b.c, evil@x.y",
        "a@b.c evil@x.y",
        "a@b.c;evil@x.y",
        "a@b.c\r\nBcc: evil@x.y",
        "Sam <a@b.c>",
        "a@b.c>",
        "<a@b.c",
        '"a b"@b.c',
        "a(evil)@b.c",
        "é@b.c",
        "a@b.c\x00",
        "a\u202e@b.c",
        "=?utf-8?q?a?=@b.c",
        "a" * 10_000 + "@b.c",
        "a@" + "b" * 10_000 + ".c",
        "a@b",
        "",
        "a@[127.0.0.1]",
        "a@xn--.com..",
    ],
)
@pytest.mark.parametrize("where", ["sender", "recipient", "reply_to"])
def test_an_address_that_is_not_one_is_refused(address: str, where: str) -> None:
    person = Person("X", address)
    changed = {
        "sender": replace(MEANT, sender=person),
        "recipient": replace(MEANT, recipient=person),
        "reply_to": replace(MEANT, reply_to=address or " "),
    }
    with pytest.raises(HandoutError) as caught:
        compose(changed[where])
    assert [problem.code for problem in caught.value.report] == ["bad-email"]


def test_a_domain_of_other_letters_goes_as_mail_servers_know_it() -> None:
    data = compose(replace(MEANT, recipient=Person("Sam", "sam@Bücher.example")))
    assert b"To: Sam <sam@xn--bcher-kva.example>\r\n" in data


@pytest.mark.parametrize("text", BENIGN)
def test_names_of_people_go_through(text: str) -> None:
    compose(replace(MEANT, recipient=Person(text, "sam@example.net")))
    compose(replace(MEANT, letter=replace(MEANT.letter, subject=text)))
    compose(replace(MEANT, attachment=Attachment(name_file(text), PDF)))


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=250), st.sampled_from(["name", "subject", "file"]))
def test_any_text_is_refused_or_arrives(text: str, where: str) -> None:
    """The bytes are read again inside; ``mail-changed`` would be a text that does not arrive."""
    meant = {
        "name": replace(MEANT, recipient=Person(text, "sam@example.net")),
        "subject": replace(MEANT, letter=replace(MEANT.letter, subject=text)),
        "file": replace(MEANT, attachment=Attachment(name_file(text), PDF)),
    }[where]
    try:
        data = compose(meant)
    except HandoutError as error:
        assert [problem.code for problem in error.report] == ["bad-header"]  # noqa: PT017
        assert where != "file"
    else:
        assert max(map(len, data.split(b"\r\n"))) <= 998


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.sampled_from(".\r\nab \u00e9\t"), max_size=80))
def test_any_body_arrives(text: str) -> None:
    compose(replace(MEANT, letter=replace(MEANT.letter, text=f"{text}\n")))


SPOILED = [
    (b"Subject: Your", b"Bcc: evil@example.com\r\nSubject: Your", "its headers are"),
    (b"Subject: Your exercises", b"Subject: My exercises", "Subject reads"),
    (b"<sam@example.net>", b"<evil@example.com>", "To reads"),
    (b"<sam@example.net>", b"<sam@example.net>, evil@example.com", "To reads"),
    (b"Sam Jones", b"Tom Jones", "To reads"),
    (b"Reply-To: office@", b"Reply-To: evil@", "Reply-To reads"),
    (b"14:02:00", b"14:03:00", "Date reads"),
    (b"<0123", b"<4123", "Message-ID reads"),
    (b'filename="Hip hinge.pdf"', b'filename="x.exe"', "the attachment is called"),
    (b"application/pdf", b"application/zip", "its parts are"),
    (b"JVBERi0xLjcK", b"JVBERi0xLjgK", "the attachment differs"),
    (b"From me", b"From you", "its text/plain differs"),
    (b"<p>Hello</p>", b"<p>Bye</p>", "its text/html differs"),
    (b"From me\r\n", b"From me\n", "a line does not end"),
    (b"From me\r\n", b"From me\r.\r\n", "a line does not end"),
    (b"From me", b"From m\xe9", "a letter is not encoded"),
    (b"From me", b"From me" + b"e" * 1000, "a line is too long"),
]


@pytest.mark.parametrize(("old", "new", "said"), SPOILED)
def test_every_change_of_the_bytes_is_seen(old: bytes, new: bytes, said: str) -> None:
    data = compose(MEANT)
    assert list(find_changes(data, MEANT)) == []
    assert old in data
    assert any(said in found for found in find_changes(data.replace(old, new, 1), MEANT))


def test_a_library_that_writes_something_else_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Python 3.11.7 did with CVE-2024-6923."""

    def write_evil(name: str, value: object) -> str:
        evil = "Bcc: evil@example.com\r\n" if name == "Subject" else ""
        return write_header(name, value) + evil  # type: ignore[arg-type]

    monkeypatch.setattr("handouts.post.letter.write_header", write_evil)
    with pytest.raises(HandoutError) as caught:
        compose(MEANT)
    assert [problem.code for problem in caught.value.report] == ["mail-changed"]


def test_no_encoded_word_is_longer_than_mail_programs_take() -> None:
    line = write_header("Subject", "日本語" * 60)
    words = line.split()[1:]
    assert len(words) > 5
    assert max(map(len, words)) <= 75  # RFC 2047, section 2
    assert max(map(len, line.split("\r\n"))) <= 78


def test_a_dot_at_the_beginning_of_a_line_is_doubled_on_the_way_only() -> None:
    """What `smtp.py` does with a line of one dot is what smtplib does."""
    data = compose(MEANT)
    assert b"\r\n.\r\n" in data
    assert smtplib._quote_periods(data) != data  # type: ignore[attr-defined]  # noqa: SLF001


def test_a_message_is_named_by_client_pdf_campaign_and_copy() -> None:
    names = {
        name_message("sam", hash_pdf(b"1"), "plan"),
        name_message("sam", hash_pdf(b"2"), "plan"),
        name_message("sam", hash_pdf(b"1"), "plan", 1),
        name_message("sam", hash_pdf(b"1"), "other"),
        name_message("bo", hash_pdf(b"1"), "plan"),
        name_message("sam", hash_pdf(b"1") + "p", "lan"),
    }
    assert len(names) == 6
    assert name_message("SAM", hash_pdf(b"1"), "plan") in names  # some systems fold case
    early = replace(MEANT, date=datetime(2020, 1, 1, tzinfo=UTC))
    assert early.message_id == MEANT.message_id
