"""Turn this machine into findings: what handouts needs, whether it is there, and what mends it."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.problem import ExitCode, HandoutError, Report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handouts.source.workspace import Workspace
    from handouts.theme.chain import Chain

_OLDEST_PYTHON = (3, 11)
_TEST_EXERCISE = "hip-hinge"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    is_sound: bool
    said: str
    remedy: str = ""
    """The command that mends it."""
    exit_code: ExitCode = ExitCode.DATA
    """What a fault in it means to a script."""


def diagnose(workspace: Workspace) -> Iterator[Finding]:
    """Yield a finding for everything that a handout needs, the most basic first."""
    from handouts.cache import cache_folder
    from handouts.order import Order

    yield _look_at_python()
    yield from _look_at_engine()
    order = Order(workspace, {})
    try:
        chain = order.chain
    except HandoutError as error:
        yield _fault("theme", error)
    else:
        yield from _look_at_fonts(chain)
    yield _look_at_folder("output", (workspace.root or Path()) / "output", "--output DIR")
    yield _look_at_folder("cache", cache_folder(), "export HANDOUTS_CACHE_DIR=DIR")
    yield _look_at_page(workspace)


def diagnose_mail(workspace: Workspace, *, plain_loopback: bool = False) -> Iterator[Finding]:
    """Yield a finding for every step on the way to a mail server, and send nothing."""
    from handouts.post.presets import find_server
    from handouts.post.secrets import find_secret
    from handouts.post.smtp import open_connection

    step = "mail settings"
    try:
        mail, trainer = workspace.settings.mail, workspace.settings.trainer
        server = find_server(mail, trainer, plain_loopback=plain_loopback)
        name = f"{server.label}, " if server.label else ""
        said = f"{name}{server} as {server.user}, from {server.sender}"
        yield Finding(step, is_sound=True, said=said)
        step = "mail password" if server.login == "password" else "mail token"
        secret = find_secret(server)
        if secret:
            yield Finding(step, is_sound=True, said="found")
        step = "mail server"
        connection = open_connection(server, secret)
    except HandoutError as error:
        yield _fault(step, error)
        return
    most = connection.most_bytes
    tls = connection.tls_version
    said = f"{tls}, certificate verified" if tls else "not encrypted, on this machine"
    size = f"; takes up to {most / 1e6:.0f} MB a message" if most else ""
    connection.close()
    yield Finding(step, is_sound=True, said=f"{said}; you are let in{size}")


def _fault(name: str, error: HandoutError) -> Finding:
    """Return the first problem of an error as a finding."""
    problem = error.report.problems[0]
    where = f"{problem.place}: " if problem.place else ""
    remedy = problem.hint.removeprefix("run: ") or "handouts check"
    return Finding(name, False, f"{where}{problem.message}", remedy, error.exit_code)  # noqa: FBT003


def _look_at_python() -> Finding:
    return Finding(
        "Python",
        sys.version_info >= _OLDEST_PYTHON,
        f"{platform.python_version()} ({sys.executable})",
        "install Python 3.11 or newer from python.org",
    )


def _look_at_engine() -> Iterator[Finding]:
    from handouts.press.engine import load_engine, pango_remedy

    try:
        engine = load_engine()
    except HandoutError as error:
        yield _fault("Pango", error)
        return
    from weasyprint.text import ffi

    number = ffi.pango.pango_version()  # 1.50.12 is 15012
    pango = f"{number // 10_000}.{number // 100 % 100}.{number % 100}"
    yield Finding("WeasyPrint", is_sound=True, said=engine.__version__)
    yield Finding("Pango", is_sound=True, said=pango)
    # Without it WeasyPrint embeds whole fonts: pages work, but each file is large.
    subset = ffi.harfbuzz_subset is not None
    said = "fonts are cut to the letters used" if subset else "missing: whole fonts are embedded"
    yield Finding("HarfBuzz subset", subset, said, pango_remedy())


def _look_at_fonts(chain: Chain) -> Iterator[Finding]:
    """Compare each language's words with the letters of the theme's font."""
    fonts = chain.styles(chain.theme.font)
    if not fonts:
        said = f"there is no {chain.theme.font}"
        yield Finding("font", is_sound=False, said=said, remedy="handouts theme list")
        return
    file = fonts[0][1]
    letters = _read_letters(file)
    catalogues = {
        found.stem: found
        for layer in reversed(chain.layers)
        for found in sorted((layer.templates / "words").glob("*.po"))
    }
    for language, catalogue in sorted(catalogues.items()):
        missing = sorted(_used_letters(catalogue, language) - letters)
        shown = " ".join(missing[:10])
        yield Finding(
            f"font for {language}",
            not missing,
            f"{file.name} lacks {len(missing)} letters: {shown}" if missing else file.name,
            "handouts theme new NAME, put a font with these letters beside its theme.toml, "
            'and name it there: font = "FILE.ttf"',
        )


def _read_letters(font: Path) -> set[str]:
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with font.open("rb") as stream, TTFont(stream, lazy=True) as opened:
            return {chr(code) for code in opened.getBestCmap() or {}}
    except (TTLibError, OSError):
        return set()


def _used_letters(catalogue: Path, language: str) -> set[str]:
    """Return every character that the catalogue can print; no spaces, controls or marks of it."""
    from babel.messages.pofile import PoFileError, read_po

    try:
        with catalogue.open("rb") as stream:
            messages = list(read_po(stream, locale=language.replace("-", "_")))
    except (PoFileError, OSError, ValueError, LookupError):
        return set()
    texts: list[str] = []
    for message in messages:
        if message.id:
            forms = _as_forms(message.string)
            texts += forms if any(forms) else _as_forms(message.id)  # untranslated: in English
    return {letter for text in texts for letter in text if letter.isprintable() and letter != " "}


def _as_forms(text: object) -> list[str]:
    """Return the singular and the plurals of a catalogue's text."""
    forms = text if isinstance(text, (tuple, list)) else (text,)
    return [form for form in forms if isinstance(form, str)]


def _look_at_folder(name: str, folder: Path, instead: str) -> Finding:
    """Write a file into the folder, or where the folder would be made."""
    from handouts.source.workspace import show_path

    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    shown = show_path(folder)
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        said = f"{shown} cannot be written to ({error.strerror or error})"
        mend = f'chmod u+w "{show_path(existing)}"' if os.name == "posix" else "choose another"
        return Finding(f"{name} folder", False, said, f"{mend}  (or: {instead})")  # noqa: FBT003
    return Finding(f"{name} folder", is_sound=True, said=shown)


def _look_at_page(workspace: Workspace) -> Finding:
    """Make one handout from what is shipped, in the workspace's theme, without the shelf."""
    from handouts.assets import LIBRARY
    from handouts.order import Order
    from handouts.pipeline import make_handout, open_desk

    file = LIBRARY / "exercises" / f"{_TEST_EXERCISE}.yaml"
    order = Order(workspace, {_TEST_EXERCISE: file})
    try:
        handout = make_handout(open_desk(order, [_TEST_EXERCISE], Report()), _TEST_EXERCISE)
    except HandoutError as error:
        return _fault("test page", error)
    said = f"{handout.pages} pages, {len(handout.pdf) // 1000} kB"
    return Finding("test page", is_sound=True, said=said)
