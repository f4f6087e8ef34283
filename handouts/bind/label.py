"""Turn a document's title, author and language into its labels: XMP, Info and viewer's title."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from handouts import __version__

if TYPE_CHECKING:
    import pikepdf

_CREATOR = f"handouts {__version__}"
# What XML 1.0 (2.2) cannot hold, and lone surrogates, which UTF-8 cannot.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_XMP = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" \
xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:format>application/pdf</dc:format>
{parts}
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""
_TITLE = '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:title>'
_PARTS = {
    "title": _TITLE,
    "author": "<dc:creator><rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq></dc:creator>",
    "language": "<dc:language><rdf:Bag><rdf:li>{}</rdf:li></rdf:Bag></dc:language>",
    "producer": "<pdf:Producer>{}</pdf:Producer>",
    "creator": "<xmp:CreatorTool>{}</xmp:CreatorTool>",
    "part": "<pdfuaid:part>{}</pdfuaid:part>",
}


def label_document(  # noqa: PLR0913  what a label says
    document: pikepdf.Pdf,
    title: str,
    language: str,
    *,
    author: str = "",
    producer: str = "",
    tagged: bool = True,
) -> None:
    """Write who made the document and what it is called, the same in XMP and Info.

    A tagged document claims PDF/UA-1 (ISO 14289-1, 5) and shows its title in the window (7.1).
    No dates: equal input is to give equal bytes.
    """
    import pikepdf

    said = {"title": title, "author": author, "producer": producer, "creator": _CREATOR}
    said = {key: clean for key, text in said.items() if (clean := _NOT_XML.sub("", text))}
    for key, text in said.items():
        document.docinfo[f"/{key.capitalize()}"] = pikepdf.String(text)
    said["language"] = language
    if tagged:
        said["part"] = "1"
    parts = "\n".join(_PARTS[key].format(escape(text, quote=False)) for key, text in said.items())
    metadata = document.make_stream(_XMP.format(parts=parts).encode("utf-8"))
    metadata.Type, metadata.Subtype = pikepdf.Name.Metadata, pikepdf.Name.XML
    root = document.Root
    root.Metadata = metadata
    root.Lang = pikepdf.String(language)
    root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    if tagged:
        root.MarkInfo = pikepdf.Dictionary(Marked=True)


def retitle(metadata: bytes, before: str, after: str) -> bytes:
    """Return the metadata of a labelled document with another title."""
    old, new = (
        _TITLE.format(escape(_NOT_XML.sub("", title), quote=False)).encode("utf-8")
        for title in (before, after)
    )
    return metadata.replace(old, new, 1)
