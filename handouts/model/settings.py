"""Turn a workspace's ``handouts.toml`` into the trainer's details, the way to print and to mail."""

from __future__ import annotations

from enum import StrEnum

from handouts.model.base import Frozen, Line, Slug
from handouts.model.mail import MailSettings


class Paper(StrEnum):
    """Paper that the pages are laid out for."""

    A4 = "a4"
    LETTER = "letter"


class Size(StrEnum):
    """Size of the type: 12 pt, or 18 pt for weak eyes."""

    STANDARD = "standard"
    LARGE = "large"


class Ink(StrEnum):
    """Ink that the printer has."""

    COLOUR = "colour"
    MONO = "mono"


class Detail(StrEnum):
    """How much of the data is printed: what fits on one sheet, or everything."""

    ESSENTIAL = "essential"
    FULL = "full"


class Trainer(Frozen):
    """Whose name, telephone number and logo are on the page."""

    name: Line | None = None
    credentials: Line | None = None
    practice: Line | None = None
    telephone: Line | None = None
    email: Line | None = None
    web: Line | None = None
    emergency: Line | None = None
    """Whom to call in an emergency: printed in booklets, a line to write on without it."""
    logo: Line | None = None
    """Path inside the workspace: PNG, JPEG, WebP or SVG."""


class PrintSettings(Frozen):
    """How pages are printed when no flag says otherwise."""

    paper: Paper = Paper.A4
    size: Size = Size.STANDARD
    ink: Ink = Ink.COLOUR
    detail: Detail = Detail.ESSENTIAL
    theme: Slug = "clear"


class Settings(Frozen):
    """The whole of ``handouts.toml``."""

    trainer: Trainer = Trainer()
    print: PrintSettings = PrintSettings()
    mail: MailSettings = MailSettings()
