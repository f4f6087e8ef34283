"""An attachment's name can be read, and saved on any system."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts.model.client import Client
from handouts.post.address import check_address, check_header, name_file
from handouts.problem import HandoutError


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Hip strength for beginners", "Hip strength for beginners.pdf"),
        ("Bücher: 1/2", "Bücher 1 2.pdf"),
        ("../../etc/passwd", "etc passwd.pdf"),
        ("..\\..\\boot.ini", "boot.ini.pdf"),
        ("C:\\x", "C x.pdf"),
        ("con", "Handout con.pdf"),
        ("NUL.txt", "Handout NUL.txt.pdf"),
        ("", "Handout.pdf"),
        (". .", "Handout.pdf"),
        ("a\x00b\r\nc", "a b c.pdf"),
        ("invoice\u202efdp.exe", "invoice fdp.exe.pdf"),
        ("=?utf-8?q?x?=", "-utf-8 q x.pdf".removeprefix("-")),
        ("$(rm -rf ~) `x` %PATH%", "(rm -rf ~) x PATH.pdf"),
        ("-rf", "rf.pdf"),
        ("a" * 300, "a" * 80 + ".pdf"),
        ("字" * 300, "字" * 60 + ".pdf"),
    ],
)
def test_a_title_becomes_a_name(title: str, name: str) -> None:
    assert name_file(title) == name


@given(st.text(max_size=300))
def test_any_title_becomes_one_name(title: str) -> None:
    name = name_file(title)
    assert name.endswith(".pdf")
    assert len(name) > len(".pdf")
    assert len(name.encode()) <= 184
    assert not set(name) & set('/\\:*?"<>|\r\n\x00')
    assert name[0] not in " .-~"
    assert check_header("name", name) == name


def test_an_address_is_brought_to_one_form() -> None:
    assert check_address(" Sam@EXAMPLE.org ") == "Sam@example.org"
    assert check_address("sam@münchen.example") == "sam@xn--mnchen-3ya.example"


def test_what_is_wrong_with_an_address_is_said_of_what_it_is() -> None:
    with pytest.raises(HandoutError) as caught:
        check_address("sam", "trainer.email")
    assert str(caught.value) == (
        'error[bad-email] trainer.email: "sam" is not one e-mail address\n'
        "  hint: write it like sam@example.org"
    )


@given(st.text(max_size=60))
def test_an_address_that_a_client_may_have_can_be_mailed(text: str) -> None:
    """What the list of clients lets through, with row and column, never fails later."""
    try:
        client = Client(id="sam", name="Sam", conditions=(), email=f"{text}@example.org")
    except ValueError:
        return
    assert client.email
    assert check_address(client.email).isascii()
