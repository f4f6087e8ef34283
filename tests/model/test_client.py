"""An id can name a file on every system; an address is one address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from handouts.model.client import Client, fold_id


def fault(**values: str) -> str:
    with pytest.raises(ValidationError) as error:
        Client.model_validate({"id": "sam", "name": "Sam", "conditions": [], **values})
    return error.value.errors()[0]["type"]


@pytest.mark.parametrize(
    "client_id",
    ["sam", "Sam.Jones-2", "007", "a_b", "Zoë", "李雷", "हिंदी", "console", "com10", "lpt"],
)
def test_an_id_that_can_name_a_file(client_id: str) -> None:
    assert Client(id=client_id, name="Sam", conditions=()).id


@pytest.mark.parametrize(
    "client_id",
    [
        *("con", "CON", "nul.txt", "Com1", "LPT9.a.b", "COM¹", "aux", "prn", "com0", "CONIN$"),
        *("a/b", "a\\b", "..", ".a", "a.", "a..b", "a b", "a:b", "-a", "a-", "a*", "=1+1", "a\tb"),
        *("\u0301a", "a\u200db", "😀", "é" * 64 + "x"),
        "字" * 50,
    ],
)
def test_an_id_that_cannot(client_id: str) -> None:
    assert fault(id=client_id) in {"bad-id", "string_too_long"}


def test_ids_that_a_file_system_could_take_for_one() -> None:
    assert fold_id("SAM") == fold_id("sam")
    assert fold_id("Zoë") == fold_id("zoe\u0308")
    assert fold_id("straße") == fold_id("STRASSE")
    assert fold_id("ﬁ") == fold_id("fi")
    assert fold_id("sam") != fold_id("sam1")


def test_an_id_is_composed() -> None:
    assert Client(id="Zoe\u0308", name="Zoë", conditions=()).id == "Zoë"


@given(st.text(min_size=1, max_size=70))
def test_whatever_is_taken_is_one_name_in_a_folder(text: str) -> None:
    try:
        client_id = Client(id=text, name="Sam", conditions=()).id
    except ValidationError:
        return
    assert not set(client_id) & set('/\\:*?"<>| \x00')
    assert client_id[0] not in ".-"
    assert client_id[-1] != "."
    assert len(client_id.encode()) <= 128


@pytest.mark.parametrize(
    "address", ["a@b.c", "sam+x@mail.example.org", "o'neil@example.co.uk", "e@müller.de"]
)
def test_one_address(address: str) -> None:
    assert Client(id="sam", name="Sam", conditions=(), email=address).email == address


@pytest.mark.parametrize(
    "address",
    [
        *("sam", "a@b", "@b.c", "a@", "a@b.c, evil@x.y", "a@b.c;d@e.f", "Sam <a@b.c>", "a b@c.d"),
        *(
            "a@@b.c",
            "a@b..c",
            ".a@b.c",
            "a.@b.c",
            "a@b.c\nBcc: x@y.z",
            "=?utf-8?q?x?=@b.c",
            "a@-b.c",
        ),
        *("é@b.c", "a@b_c.d", f"a@{'b' * 64}.c", "a@\u200bb.c", "a@b\u202ec.d", f"{'a' * 65}@b.c"),
    ],
)
def test_no_address_or_more_than_one(address: str) -> None:
    assert fault(email=address) == "bad-email"


@pytest.mark.parametrize("name", ["=?utf-8?q?hi=0D=0ABcc=3A_evil=40x.y?=", "Sam ?= Jones"])
def test_a_name_that_is_the_code_of_a_header(name: str) -> None:
    assert fault(name=name) == "bad-name"


def test_conditions_must_be_said() -> None:
    """Nobody is taken for healthy because nobody asked."""
    with pytest.raises(ValidationError, match="conditions"):
        Client.model_validate({"id": "sam", "name": "Sam"})


def test_size_and_paper_in_any_case() -> None:
    client = Client.model_validate(
        {"id": "sam", "name": "Sam", "conditions": [], "size": "Large", "paper": "A4"}
    )
    assert (client.size, client.paper) == ("large", "a4")
