"""What all tests share: golden files, and a cache that is nobody's own."""

from __future__ import annotations

import difflib
import os
import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def pytest_configure() -> None:
    """Let commands that tests start hear Ctrl-C: a shell's background job is deaf to it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option by which ``make golden`` writes the golden files anew."""
    parser.addoption(
        "--golden-refresh", action="store_true", help="write golden files instead of comparing"
    )


@pytest.fixture(scope="session", autouse=True)
def session_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep cache and settings of the person who runs the tests out, in subprocesses too."""
    # One for all the processes that share the tests out: what one has laid out, others find.
    shared = tmp_path_factory.getbasetemp()
    folder = (shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared) / "session-cache"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANDOUTS_CACHE_DIR", str(folder))
        patch.setenv("HANDOUTS_CONFIG_DIR", str(folder / "config"))
        patch.setenv("HANDOUTS_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patch.setenv("NO_COLOR", "1")
        patch.delenv("_HANDOUTS_COMPLETE", raising=False)
        # Commands start by the hundred: compiled once, as an installed package is.
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield folder


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Return a function that compares a text with its golden file, line by line."""
    refresh = request.config.getoption("--golden-refresh")

    def compare(file: Path, text: str) -> None:
        if refresh:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
            return
        kept = file.read_text(encoding="utf-8") if file.is_file() else ""
        lines = difflib.unified_diff(
            kept.splitlines(), text.splitlines(), file.name, "now", lineterm="", n=1
        )
        changes = "\n".join(list(lines)[:60])
        assert kept == text, f"{file.name} differs; if that is right: make golden\n{changes}"

    return compare
