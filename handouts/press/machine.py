"""Turn this machine's code, libraries and fonts into one hash: what all plates depend on."""

from __future__ import annotations

import ctypes
import os
import sys
import zlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handouts import __version__, assets
from handouts.cache import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator

# What reads the HTML, lays it out, writes fonts, pictures and PDF, and reads the PDF back.
_LIBRARIES = (
    *("brotli", "cffi", "cssselect2", "fonttools", "pillow", "pydyf", "pypdfium2", "pyphen"),
    *("tinycss2", "tinyhtml5", "weasyprint", "zopfli"),
)


@lru_cache(maxsize=1)
def describe_press() -> str | None:
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
