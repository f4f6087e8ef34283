"""Turn a bound PDF/UA-1 document into one for an archive: PDF/A-2a and PDF/UA-1 in one file."""

from __future__ import annotations

import io
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zlib import compress

if TYPE_CHECKING:
    import pikepdf

# ISO 32000-1, 8.6.8: the operators that choose a colour in ink.
_INK = re.compile(rb"/DeviceCMYK|\s[kK]\s")
_RDF_END = b"</rdf:RDF>"
_PRINT = 4
"""The flag of an annotation that is printed (ISO 32000-1, 12.5.3)."""
# ISO 19005-2, 6.6.2.3: what XMP's own schemas do not know is described in the file; PDF/UA's mark
# is such a one.
_CLAIM = b"""\
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part>
<pdfaid:conformance>A</pdfaid:conformance>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" \
xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


def archive_pdf(pdf: bytes) -> bytes:
    """Return the document as PDF/A-2a, still PDF/UA-1; equal input, equal bytes.

    Raises:
        ValueError: the document has form fields, whose looks the viewer makes as it runs, or
            colours in CMYK, which only a printer's profile tells.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        root = document.Root
        if "/AcroForm" in root:
            raise ValueError("a form to fill in is not for an archive")
        claim = root.Metadata.read_bytes() if "/Metadata" in root else b""
        if _RDF_END not in claim:
            raise ValueError("the document does not say what it is")
        root.Metadata.write(claim.replace(_RDF_END, _CLAIM + _RDF_END))
        root.OutputIntents = pikepdf.Array([_make_output_intent(document)])
        _refuse_ink(document)
        for value in document.objects:
            if isinstance(value, pikepdf.Stream) and value.get("/Subtype") == "/Image":
                # ISO 19005-2, 6.2.8: a viewer is not to invent pixels.
                value.Interpolate = False
        for page in document.pages:
            for annotation in page.obj.get("/Annots", []):
                annotation.F = int(annotation.get("/F", 0)) | _PRINT
        return _save_with_clear_ends(document)


def _refuse_ink(document: pikepdf.Pdf) -> None:
    """Look for colours in ink, which a picture may have and ``device-cmyk()`` in a style sheet."""
    from pikepdf import Stream

    drawn: list[Any] = [page.obj.get("/Contents", []) for page in document.pages]
    streams = [
        part for value in drawn for part in ([value] if isinstance(value, Stream) else value)
    ]
    for value in document.objects:
        if isinstance(value, Stream) and value.get("/Subtype") == "/Form":
            streams.append(value)
        elif isinstance(value, Stream) and value.get("/ColorSpace") == "/DeviceCMYK":
            raise ValueError("a picture in printers' colours (CMYK) is not for an archive")
    if any(_INK.search(stream.read_bytes()) for stream in streams):
        raise ValueError("a style sheet's printers' colours (CMYK) are not for an archive")


def _save_with_clear_ends(document: pikepdf.Pdf) -> bytes:
    """Save so that no stream's last byte can be taken for a part of the line end behind it.

    ISO 19005-2, 6.1.7.1: the length counts the bytes before the line end. Of streams that end by
    chance with a carriage return, one in 256, that is not clear. What is compressed already ends
    with one byte more, which is behind its end; what is compressed in saving is grouped otherwise.
    """
    import pikepdf

    for value in document.objects:
        if isinstance(value, pikepdf.Stream) and value.get("/Type") != "/Metadata":
            _end_clearly(value)
    group, apart = pikepdf.ObjectStreamMode.generate, pikepdf.ObjectStreamMode.disable
    for mode, linearize in ((group, False), (group, True), (apart, False)):
        target = io.BytesIO()
        document.save(
            target,
            deterministic_id=True,
            object_stream_mode=mode,
            linearize=linearize,
        )
        if b"\r\nendstream" not in (saved := target.getvalue()):
            break
    return saved


def _end_clearly(stream: Any) -> None:  # noqa: ANN401
    from pikepdf import Name

    raw, filters = stream.read_raw_bytes(), stream.get("/Filter")
    parameters = stream.get("/DecodeParms")
    if filters is None:
        # Else it would be compressed in saving, when its end can be seen no more.
        raw, filters = compress(raw), Name.FlateDecode
    elif not raw.endswith(b"\r"):
        return
    ending = b"\n" if raw.endswith(b"\r") else b""
    stream.write(raw + ending, filter=filters, decode_parms=parameters)


def _make_output_intent(document: pikepdf.Pdf) -> Any:  # noqa: ANN401
    """Return what the colours of the pages mean (ISO 19005-2, 6.2.3)."""
    from pikepdf import Dictionary, Name, String

    profile = document.make_stream(
        compress(_profile_screen()), N=3, Alternate=Name.DeviceRGB, Filter=Name.FlateDecode
    )
    return document.make_indirect(
        Dictionary(
            Type=Name.OutputIntent,
            S=Name.GTS_PDFA1,
            OutputConditionIdentifier=String("sRGB IEC61966-2.1"),
            Info=String("sRGB IEC61966-2.1"),
            DestOutputProfile=profile,
        )
    )


@lru_cache(maxsize=1)
def _profile_screen() -> bytes:
    """Return an ICC profile of sRGB, the same at any time."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # PDF 1.7 knows ICC profiles up to 4.2; newer ones differ in nothing that is in this.
    profile[8:12] = b"\x04\x20\0\0"
    # ICC.1, 7.2.8: bytes 24 to 35 are the moment of its making; we date it 2000-01-01.
    profile[24:36] = b"\x07\xd0\0\x01\0\x01\0\0\0\0\0\0"
    return bytes(profile)
