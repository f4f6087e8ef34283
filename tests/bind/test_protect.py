"""A document for sensitive mail: nobody reads it without the password, a screen reader with it."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
import pytest

from handouts.bind.protect import protect_pdf


def test_only_the_password_opens_it(plate: bytes) -> None:
    pdf = protect_pdf(plate, "correct horse")
    for wrong in ("", "correct", "Correct horse"):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(io.BytesIO(pdf), password=wrong)
    with pikepdf.open(io.BytesIO(pdf), password="correct horse") as document:  # noqa: S106
        assert document.user_password_matched
        assert not document.owner_password_matched
        assert len(document.pages) == 2
    opened = pypdfium2.PdfDocument(pdf, password="correct horse")  # noqa: S106
    assert "Hip hinge" in opened[0].get_textpage().get_text_bounded()
    opened.close()


def test_nothing_of_it_is_read_without(plate: bytes) -> None:
    with pikepdf.open(io.BytesIO(plate)) as document:
        title = str(document.docinfo.Title).encode()
        target = io.BytesIO()
        document.save(target, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert title in target.getvalue()
    pdf = protect_pdf(target.getvalue(), "x")
    assert title not in pdf
    assert b"rdf:RDF" not in pdf


def test_it_is_aes_256_and_a_screen_reader_may_read(plate: bytes) -> None:
    with pikepdf.open(io.BytesIO(protect_pdf(plate, "x")), password="x") as document:  # noqa: S106
        assert document.encryption.R == 6
        assert document.encryption.bits == 256
        assert document.encryption.stream_method == pikepdf.models.EncryptionMethod.aesv3
        assert document.allow == pikepdf.Permissions(
            accessibility=True,
            extract=True,
            print_lowres=True,
            print_highres=True,
            modify_form=True,
            modify_annotation=True,
            modify_assembly=False,
            modify_other=False,
        )


def test_tags_are_as_before(plate: bytes) -> None:
    with pikepdf.open(io.BytesIO(protect_pdf(plate, "x")), password="x") as document:  # noqa: S106
        assert "/StructTreeRoot" in document.Root
        assert b"pdfuaid" in document.Root.Metadata.read_bytes()
        assert bool(document.Root.MarkInfo.Marked)


@pytest.mark.parametrize(
    ("typed", "known"), [("Zoe\u0308", "Zoë"), ("a\u00a0b", "a b"), ("日本", "日本"), ("Ⅳ", "IV")]
)
def test_keyboards_that_send_other_characters_open_it(plate: bytes, typed: str, known: str) -> None:
    with pikepdf.open(io.BytesIO(protect_pdf(plate, typed)), password=known) as document:
        assert document.user_password_matched


@pytest.mark.parametrize("password", ["", "x" * 128, "é" * 64, "a\nb", "a\0", "\ud800"])
def test_passwords_that_would_not_open_it_are_refused(plate: bytes, password: str) -> None:
    with pytest.raises(ValueError, match="a password has"):
        protect_pdf(plate, password)


def test_the_longest_password_counts_to_its_end(plate: bytes) -> None:
    pdf = protect_pdf(plate, "x" * 126 + "y")
    with pikepdf.open(io.BytesIO(pdf), password="x" * 126 + "y") as document:
        assert len(document.pages) == 2
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(pdf), password="x" * 127)


def test_chance_makes_each_one_different(plate: bytes) -> None:
    assert protect_pdf(plate, "x") != protect_pdf(plate, "x")
