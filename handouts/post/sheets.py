"""Turn a PDF into how it is printed: pages, paper, sides and scale, as the file itself says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING, Any

from handouts.problem import HandoutError, Place
from handouts.source.files import read_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from handouts.problem import Report

_MOST_BYTES = 500_000_000
"""The booklets of several hundred clients in one file for a copy shop."""
_PDF = b"%PDF-"
_PAPERS = {"A4": (595.276, 841.890), "Letter": (612.0, 792.0)}
"""Points; 210 × 297 mm, and 8.5 × 11 in."""
_NEAR = 3.0
"""Points by which pages called A4 differ; A4 and Letter are 17 points apart."""


class Sides(StrEnum):
    """Where a page's back is printed, by the names of IPP (RFC 8011, section 5.2.8)."""

    ONE = "one-sided"
    LONG = "two-sided-long-edge"
    SHORT = "two-sided-short-edge"


# ISO 32000-2, table 147.
_DUPLEX = {
    "/Simplex": Sides.ONE,
    "/DuplexFlipLongEdge": Sides.LONG,
    "/DuplexFlipShortEdge": Sides.SHORT,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that should be printed."""

    file: Path
    shown: str
    """The path as the user would type it."""
    size: int | None = None
    """Bytes that a run has written; None for a file that stands for itself."""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A file that can be printed, and how."""

    wanted: Wanted
    pages: int
    sides: Sides
    paper: str
    """``A4``, ``Letter``, or empty for any other or several sizes."""
    full_size: bool
    """Whether the page must not be made smaller: what is cut or folded is measured."""
    stamp: tuple[int, int]
    """The file's size and time when it was looked at."""

    @property
    def sheets(self) -> int:
        """Sheets of paper for one copy."""
        return self.pages if self.sides is Sides.ONE else (self.pages + 1) // 2

    @property
    def way(self) -> str:
        """How it is printed, in words."""
        words = {
            Sides.ONE: "one side",
            Sides.LONG: "both sides, flipped on the long edge",
            Sides.SHORT: "both sides, flipped on the short edge",
        }
        return words[self.sides] + (", full size" if self.full_size else "")

    def check_untouched(self) -> None:
        """Make sure that the file is still the one that was looked at.

        Raises:
            HandoutError: ``file-changed``.
        """
        try:
            same = _stamp(self.wanted.file) == self.stamp
        except OSError:
            same = False
        if not same:
            message = "the file was changed or moved while this command ran"
            place = Place(self.wanted.shown)
            raise HandoutError.of("file-changed", message, place, hint="run it again")


def plan_job(wanted: Wanted, report: Report, *, two_sided: bool | None = None) -> PrintJob | None:
    """Return how a file is printed, or None after noting why it cannot be.

    Args:
        wanted: the file.
        report: gets what is wrong with it.
        two_sided: what the command line says; None for what the file says.
    """
    place = Place(wanted.shown)
    if wanted.size is not None and not _is_there(wanted.file):
        message = "the run has made this file, and it is gone"
        report.add(
            "file-changed", message, place, hint="run the batch again: it makes what is gone"
        )
        return None
    data = read_bytes(wanted.file, wanted.shown, report, _MOST_BYTES)
    if data is None:
        return None
    if wanted.size is not None and _is_other(data, wanted):
        message = "this is not the file that the run has made: it was changed since"
        hint = "run the batch again, or name the file itself to print it as it is"
        report.add("file-changed", message, place, hint=hint)
        return None
    if not data:
        report.add("empty-file", "the file is empty", place, hint="make it again")
        return None
    if not data.startswith(_PDF):
        report.add("not-a-pdf", "this is no PDF", place, hint="only PDFs are printed")
        return None
    return _look_into(data, wanted, report, two_sided=two_sided)


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:  # a name too long
        return False


def _is_other(data: bytes, wanted: Wanted) -> bool:
    return len(data) != wanted.size or hashlib.sha256(data).hexdigest() != wanted.sha256


def _look_into(
    data: bytes, wanted: Wanted, report: Report, *, two_sided: bool | None
) -> PrintJob | None:
    import pikepdf

    place = Place(wanted.shown)
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            if not pdf.allow.print_lowres:
                message = "whoever made this file does not allow that it is printed"
                report.add(
                    "locked-pdf", message, place, hint="ask them for one that may be printed"
                )
                return None
            pages = [_measure(page) for page in pdf.pages]
            told = pdf.Root.get("/ViewerPreferences")
            shown = told if isinstance(told, pikepdf.Dictionary) else pikepdf.Dictionary()
            duplex, scaling = (str(shown.get(key, "")) for key in ("/Duplex", "/PrintScaling"))
    except pikepdf.PasswordError:
        message = "the file is locked: it needs its password to be printed"
        hint = "open it with the password in a PDF viewer and print it there, or make an open one"
        report.add("locked-pdf", message, place, hint=hint)
        return None
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError, RuntimeError):
        pages = []
    if not pages:
        message = "the file begins like a PDF, but has no pages that can be read"
        report.add("not-a-pdf", message, place, hint="it is damaged: make it again")
        return None
    papers = {paper for paper, _ in pages}
    return PrintJob(
        wanted,
        len(pages),
        _choose_sides(duplex, len(pages), two_sided=two_sided, wide=pages[0][1]),
        papers.pop() if len(papers) == 1 else "",
        scaling == "/None",
        _stamp(wanted.file),
    )


def _measure(page: Any) -> tuple[str, bool]:  # noqa: ANN401  pikepdf's
    """Return the paper that a page is for, and whether it is read with the long edge below."""
    try:
        left, bottom, right, top = (float(edge) for edge in page.mediabox)
        unit = float(page.obj.get("/UserUnit", 1))
    except (ValueError, TypeError, AttributeError):  # what has no size can still be printed
        return "", False
    width, height = abs(right - left) * unit, abs(top - bottom) * unit
    short, long = sorted((width, height))
    fits = (
        name
        for name, (narrow, tall) in _PAPERS.items()
        if abs(short - narrow) <= _NEAR and abs(long - tall) <= _NEAR
    )
    return next(fits, ""), (width > height) != bool(page.rotation % 180)


def _choose_sides(duplex: str, pages: int, *, two_sided: bool | None, wide: bool) -> Sides:
    """Return the sides: as asked for, as the file says, else both where there is a second page."""
    said = _DUPLEX.get(duplex)
    if two_sided is False or (two_sided is None and (pages == 1 or said is Sides.ONE)):
        return Sides.ONE
    if said in {Sides.LONG, Sides.SHORT}:
        return Sides(said)
    return Sides.SHORT if wide else Sides.LONG


def _stamp(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_size, found.st_mtime_ns
