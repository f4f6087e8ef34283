"""Turn a finished document into one that opens with a password: AES-256, for sensitive mail."""

from __future__ import annotations

import io
import secrets
from unicodedata import category, normalize

_LONGEST = 127
"""Bytes of a password that count (ISO 32000-2, 7.6.4.3.3)."""


def protect_pdf(pdf: bytes, password: str) -> bytes:
    """Return the document encrypted with AES-256 (revision 6): who has the password may read it.

    A reader may print, fill in, annotate and copy, and a screen reader may read aloud; nobody may
    change the pages. Encryption needs chance, so no two runs give equal bytes.

    Raises:
        ValueError: the password is empty, longer than 127 bytes, or cannot be typed.
    """
    import pikepdf

    # RFC 4013: whichever way a keyboard sends é, and whichever space, it is the same password.
    known = normalize("NFKC", password)
    if not known or len(known.encode("utf-8", "surrogatepass")) > _LONGEST:
        raise ValueError(f"a password has 1 to {_LONGEST} bytes")
    if any(category(letter) in {"Cc", "Cs", "Cn", "Co"} for letter in known):
        raise ValueError("a password has no control characters")
    allowed = pikepdf.Permissions(
        accessibility=True,
        extract=True,
        print_lowres=True,
        print_highres=True,
        modify_form=True,
        modify_annotation=True,
        modify_assembly=False,
        modify_other=False,
    )
    with pikepdf.open(io.BytesIO(pdf)) as document:
        target = io.BytesIO()
        document.save(
            target,
            # The owner's password lifts the limits: nobody's, and forgotten here.
            encryption=pikepdf.Encryption(
                owner=secrets.token_urlsafe(32), user=known, R=6, allow=allowed
            ),
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return target.getvalue()
