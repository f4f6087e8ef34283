"""A small part of Markdown becomes blocks; the rest is refused, not printed half-made."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from handouts.model.prose import Block, BlockKind, Span, parse_prose

TEXT = """\
Do **less** well, and
[ask](https://example.org/a).

## How to begin
- One
- Two goes on
  here

1. First
2. 5 * 3 \\*not bold\\* snake_case_name
### Last
End
"""


def fault(text: str) -> tuple[str, str]:
    with pytest.raises(PydanticCustomError) as error:
        parse_prose(text)
    return error.value.type, error.value.message()


def test_each_kind_of_block_and_span() -> None:
    assert parse_prose(TEXT) == (
        Block(
            BlockKind.PARAGRAPH,
            (
                (
                    Span("Do "),
                    Span("less", bold=True),
                    Span(" well, and "),
                    Span("ask", address="https://example.org/a"),
                    Span("."),
                ),
            ),
        ),
        Block(BlockKind.HEADING, ((Span("How to begin"),),)),
        Block(BlockKind.BULLETS, ((Span("One"),), (Span("Two goes on here"),))),
        Block(
            BlockKind.NUMBERS,
            ((Span("First"),), (Span("5 * 3 *not bold* snake_case_name"),)),
        ),
        Block(BlockKind.SUBHEADING, ((Span("Last"),),)),
        Block(BlockKind.PARAGRAPH, ((Span("End"),),)),
    )


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("a\n\n<b>b</b>", "raw-html", "raw HTML in line 3 of the text"),
        ("<!-- x -->", "raw-html", "raw HTML in line 1 of the text"),
        ("</p", "raw-html", "raw HTML in line 1 of the text"),
        ("<https://example.org>", "raw-html", "raw HTML in line 1 of the text"),
        ("a &lt;b", "raw-html", "an HTML entity in line 1 of the text"),
        ("a &#60;b", "raw-html", "an HTML entity in line 1 of the text"),
        ("![x](https://e.org/x.png)", "markdown-unknown", "a picture in line 1 of the text"),
        ("# Top", "markdown-unknown", "a heading of this level in line 1 of the text"),
        ("#### Low", "markdown-unknown", "a heading of this level in line 1 of the text"),
        ("> said", "markdown-unknown", "a quotation in line 1 of the text"),
        ("a\n---", "markdown-unknown", "a rule in line 2 of the text"),
        ("a\n==", "markdown-unknown", "a rule in line 2 of the text"),
        ("| a | b |", "markdown-unknown", "a table in line 1 of the text"),
        ("an *italic* word", "markdown-unknown", "italics in line 1 of the text"),
        ("an _italic_ word", "markdown-unknown", "italics in line 1 of the text"),
        ("***both***", "markdown-unknown", "bold italics in line 1 of the text"),
        ("`code`", "markdown-unknown", "code in line 1 of the text"),
        ("a\n\n    code", "markdown-unknown", "an indented line in line 3 of the text"),
        ("[x]: https://e.org", "markdown-unknown", "a reference in line 1 of the text"),
        ("[x](javascript:a)", "markdown-link", 'the link "javascript:a" leads nowhere safe'),
        ("[x](file:///etc)", "markdown-link", 'the link "file:///etc" leads nowhere safe'),
        ("[x]()", "markdown-link", 'the link "" leads nowhere safe'),
    ],
)
def test_what_is_refused(text: str, code: str, message: str) -> None:
    assert fault(text) == (code, message)


@pytest.mark.parametrize("text", ["5 < 6 & 7", "AT&T", "hold < 5 s", "\\<b> \\`x", "a ** b", "[x"])
def test_plain_text_stays_plain(text: str) -> None:
    (block,) = parse_prose(text)
    assert "".join(span.text for span in block.lines[0]) == text.replace("\\", "")


@given(st.text(max_size=200))
def test_no_text_does_more_than_raise_its_own_fault(text: str) -> None:
    with suppress(PydanticCustomError):
        blocks = parse_prose(text)
        assert all(span.text for block in blocks for line in block.lines for span in line)


@given(st.lists(st.sampled_from("<b>*_[]()#-1. \n\\&;!`ahttps:/"), max_size=60))
def test_no_tag_comes_through(parts: list[str]) -> None:
    """What stands in a span is text; a tag can only be there if its "<" was escaped."""
    text = "".join(parts)
    try:
        blocks = parse_prose(text)
    except PydanticCustomError:
        return
    addresses = [s.address for b in blocks for line in b.lines for s in line if s.address]
    assert all(address.startswith(("https://", "http://")) for address in addresses)
    assert "<b" not in text.replace("\\<", "")
