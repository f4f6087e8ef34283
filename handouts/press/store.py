"""Turn a markup into the plate that an earlier run made of it, or into nothing if it has changed.

A plate depends on its markup, on the code and the libraries that lay it out, and on the fonts that
the system has: a letter that the page's own fonts lack comes from one of those, and a font that is
installed tomorrow may come before the one that serves today. All of it is in the key, so nothing is
ever outdated.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import zlib
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handouts import __version__, assets
from handouts.cache import fingerprint, read_cached, write_cached
from handouts.press.plate import Plate
from handouts.problem import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from handouts.model.markup import Markup
    from handouts.problem import Place

_FORMAT = "plate 1"
# What reads the HTML, lays it out, writes fonts, pictures and PDF, and reads the PDF back.
_LIBRARIES = (
    *("brotli", "cffi", "cssselect2", "fonttools", "pillow", "pydyf", "pypdfium2", "pyphen"),
    *("tinycss2", "tinyhtml5", "weasyprint", "zopfli"),
)
# Without a language in the text, the system's decides between fonts; the clock is in emoji fonts.
_VARIABLES = ("FC_LANG", "LC_ALL", "LC_CTYPE", "LANG", "PANGO_LANGUAGE", "SOURCE_DATE_EPOCH")
# What the proof finds follows from the PDF alone. Other errors are told anew, with hints for the
# machine as it is then.
_MISFITS = frozenset({"avoid-not-on-front", "avoid-split", "text-lost"})


def find_plate(
    markup: Markup, place: Place | None, most_pages: int | None = None
) -> tuple[Plate | None, list[Problem]] | None:
    """Return the plate that was made of the markup, and what was found while it was made.

    Of a markup that did not fit, only what was found is there, and no plate. Nothing is there if
    none was kept, or if it is damaged.

    Args:
        markup: what the plate would be made from.
        place: where problems are now.
        most_pages: of more, their number is enough.
    """
    key = _find_key(markup, place)
    data = read_cached(_name(key)) if key else None
    if key is None or data is None:
        return None
    head, _, rest = data.partition(b"\n")
    if head.decode("ascii", "replace") != f"{_FORMAT} {sha256(rest).hexdigest()}":
        return None
    label_text, _, pdf = rest.partition(b"\n")
    try:
        label = json.loads(label_text)
        if label["key"] != key:
            return None
        problems = [_read_problem(problem, place) for problem in label["problems"]]
        spots = {str(name): (int(page), *box) for name, (page, *box) in label["spots"].items()}
        plate = Plate(markup.title, pdf, int(label["pages"]), spots)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if pdf or any(problem.severity is Severity.ERROR for problem in problems):
        return plate if pdf else None, problems
    # Pages that were only counted.
    return (plate, problems) if most_pages is not None and plate.pages > most_pages else None


def keep_plate(
    markup: Markup, place: Place | None, plate: Plate, problems: Sequence[Problem]
) -> None:
    """Keep a plate without errors for the next run; of one that does not fit, only that.

    So it is with one whose pages were only counted.
    """
    errors = {problem.code for problem in problems if problem.severity is Severity.ERROR}
    key = None if errors - _MISFITS else _find_key(markup, place)
    if key is None:
        return
    label = {
        "key": key,
        "pages": plate.pages,
        "spots": plate.spots,
        "problems": [_write_problem(problem) for problem in problems],
    }
    text = json.dumps(label).encode("ascii")
    rest = b"%b\n%b" % (text, b"" if errors else plate.pdf)
    write_cached(_name(key), f"{_FORMAT} {sha256(rest).hexdigest()}\n".encode("ascii") + rest)


def _name(key: str) -> str:
    return f"plates/{key}.plate"


def _write_problem(problem: Problem) -> dict[str, object]:
    return {**problem.as_dict(), "place": problem.place is not None}


def _read_problem(data: dict[str, object], place: Place | None) -> Problem:
    here = place if data["place"] else None
    return Problem.from_dict(
        {**data, "place": {"file": here.file, "line": here.line, "column": here.column}}
        if here
        else {**data, "place": None}
    )


def _find_key(markup: Markup, place: Place | None) -> str | None:
    """Return a hash of all that a plate depends on; None where that cannot be known."""
    press = _describe_press()
    if press is None:
        return None
    return fingerprint(
        [
            press,
            *(os.environ.get(name, "") for name in _VARIABLES),
            # What is said of a style sheet has no place; of a page without one, nothing has.
            "placed" if place else "",
            markup.title,
            markup.html,
            _hash_style(markup.css),
            *(text for phrase in markup.phrases for text in (phrase.where, phrase.text)),
        ]
    )


@lru_cache(maxsize=8)
def _hash_style(css: str) -> str:
    return fingerprint([css])


@lru_cache(maxsize=1)
def _describe_press() -> str | None:
    """Return a hash of the code, libraries and fonts; None where the system cannot be asked.

    Without loading the engine, which takes 260 ms: this takes 10.
    """
    try:
        fonts = [*_describe_fonts(), *_describe_system_libraries()]
    except (OSError, AttributeError):
        return None
    code = [*sorted((assets.PACKAGE / "press").glob("*.py")), assets.PACKAGE / "model/markup.py"]
    return fingerprint(
        [
            __version__,
            sys.version,
            zlib.ZLIB_RUNTIME_VERSION,
            # A checkout changes without its version.
            *(_read(file) for file in code),
            *_list_libraries(),
            "fonts",
            *fonts,
        ]
    )


def _list_libraries() -> list[str]:
    """Return the versions of what the engine is made of, by the folders that stand beside it."""
    engine = find_spec("weasyprint")
    if engine is None or engine.origin is None:
        return []
    folders = Path(engine.origin).parent.parent.glob("*.dist-info")
    names = sorted(folder.name.lower() for folder in folders)
    return [name for name in names if name.partition("-")[0] in _LIBRARIES]


def _describe_system_libraries() -> list[str]:
    """Return the versions of what shapes letters and breaks lines.

    Raises:
        OSError: one of them cannot be loaded under its name.
    """
    shaper = _load("harfbuzz", 0)
    shaper.hb_version_string.restype = ctypes.c_char_p
    return [str(_load("pango-1.0", 0).pango_version()), shaper.hb_version_string().decode()]


def _describe_fonts() -> Iterator[str]:
    """Yield what fontconfig chooses fonts by: its rules, and each file in the folders of fonts.

    Raises:
        OSError: fontconfig is not there.
    """
    library = _load("fontconfig", 1)
    library.FcInitLoadConfig.restype = ctypes.c_void_p
    library.FcStrListNext.restype = ctypes.c_char_p
    yield str(library.FcGetVersion())
    configuration = ctypes.c_void_p(library.FcInitLoadConfig())
    for rules in _list_strings(library, "FcConfigGetConfigFiles", configuration):
        yield rules
        yield fingerprint([_read(Path(rules))])
    seen: set[tuple[int, int]] = set()
    for folder in _list_strings(library, "FcConfigGetFontDirs", configuration):
        yield from _describe_folder(folder, seen)
    library.FcConfigDestroy(configuration)


def _list_strings(library: Any, question: str, configuration: ctypes.c_void_p) -> list[str]:  # noqa: ANN401
    """Return the paths with which fontconfig answers a question."""
    ask = getattr(library, question)
    ask.restype = ctypes.c_void_p
    answer = ctypes.c_void_p(ask(configuration))
    strings = []
    while (string := library.FcStrListNext(answer)) is not None:
        strings.append(os.fsdecode(string))
    library.FcStrListDone(answer)
    return strings


def _describe_folder(folder: str, seen: set[tuple[int, int]]) -> Iterator[str]:
    try:
        status = Path(folder).stat()
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    if (status.st_dev, status.st_ino) in seen:  # links may lead in a circle
        return
    seen.add((status.st_dev, status.st_ino))
    for entry in entries:
        if entry.is_dir():
            yield from _describe_folder(entry.path, seen)
            continue
        try:
            found = entry.stat()
        except OSError:
            continue
        yield f"{entry.path} {found.st_size} {found.st_mtime_ns}"


def _load(name: str, version: int) -> Any:  # noqa: ANN401  any library
    """Return a library of the system that the engine uses as well.

    Raises:
        OSError: it is not there.
    """
    if sys.platform.startswith("linux"):
        return ctypes.CDLL(f"lib{name}.so.{version}")
    from ctypes.util import find_library

    found = find_library(name) or find_library(f"{name}-{version}")
    return ctypes.CDLL(found or f"lib{name}-{version}.dll")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
