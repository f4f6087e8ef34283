"""Turn the layout engine on disk into a loaded module, or into the command that mends it."""

from __future__ import annotations

import contextlib
import io
import os
import platform
import shutil
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from handouts.press.sparing import spare_fonttools, spare_typedefs
from handouts.problem import ExitCode, HandoutError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_REMEDIES = {
    "apt-get": "sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    "dnf": "sudo dnf install pango harfbuzz",
    "pacman": "sudo pacman -S pango harfbuzz",
    "zypper": "sudo zypper install libpango-1_0-0 libharfbuzz-subset0",
    "apk": "sudo apk add pango harfbuzz-subset",
    "brew": "brew install pango",
}


def pango_remedy() -> str:
    """Return the exact command that installs Pango on this machine."""
    if platform.system() == "Windows":
        return "pacman -S mingw-w64-ucrt-x86_64-pango  (in the MSYS2 terminal from msys2.org)"
    if platform.system() == "Darwin":
        return _REMEDIES["brew"]
    found = [command for manager, command in _REMEDIES.items() if shutil.which(manager)]
    return found[0] if found else _REMEDIES["apt-get"]


@lru_cache(maxsize=1)
def load_engine() -> ModuleType:
    """Return the ``weasyprint`` module.

    Raises:
        HandoutError: ``engine-missing`` with the command that installs Pango.
    """
    # WeasyPrint greets a missing Pango with a banner on stdout, where our results go.
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            with spare_fonttools():
                engine = _import_quickly()
        except OSError as error:
            raise HandoutError.of(
                "engine-missing",
                f"the layout engine's library Pango is not installed ({error})",
                hint=f"run: {pango_remedy()}",
                exit_code=ExitCode.ENGINE,
            ) from None
    spare_typedefs(getattr(sys.modules.get("weasyprint.text.ffi"), "ffi", None))
    return engine


def _import_quickly() -> ModuleType:
    """Import WeasyPrint without the 16 runs of gcc and ldconfig that look for its libraries.

    Measured: 424 → 260 ms. Its list of names ends with the exact file of each library, which the
    loader finds by itself; where that fails, the slow search is given its chance.
    """
    if sys.platform == "darwin":
        # Homebrew's folders are not searched by a Python from elsewhere.
        folders = "/opt/homebrew/lib:/usr/local/lib:/usr/lib"
        os.environ.setdefault("DYLD_FALLBACK_LIBRARY_PATH", folders)
    if not sys.platform.startswith("linux"):
        import weasyprint

        return weasyprint  # type: ignore[no-any-return]
    try:
        with _no_library_search():
            import weasyprint
    except OSError:
        for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
            del sys.modules[name]
        import weasyprint
    return weasyprint  # type: ignore[no-any-return]


def _find_nothing(name: str) -> None:
    del name


@contextlib.contextmanager
def _no_library_search() -> Iterator[None]:
    import ctypes.util

    search: Any = ctypes.util.find_library
    ctypes.util.find_library = _find_nothing
    try:
        yield
    finally:
        ctypes.util.find_library = search
