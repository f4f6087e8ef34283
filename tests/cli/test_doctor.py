"""The doctor finds what a handout needs, and for each fault what mends it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from handouts import diagnosis
from handouts.assets import FONTS, TEMPLATES

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    Run = Callable[..., subprocess.CompletedProcess[str]]

NAMES = ["Python", "WeasyPrint", "Pango", "HarfBuzz subset"]


def test_a_machine_that_has_all_is_well(nowhere: Path, handouts: Run) -> None:
    ran = handouts("doctor")
    lines = ran.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines[:4]] == [f"ok     {name}" for name in NAMES]
    assert lines[-1].startswith("ok     test page: 2 pages, ")
    assert (ran.returncode, ran.stderr) == (0, "All is well.\n")
    assert list(nowhere.iterdir()) == []  # looking leaves nothing behind


def test_json_holds_the_findings(nowhere: Path, handouts: Run) -> None:
    assert nowhere
    rows = json.loads(handouts("doctor", "--json").stdout)
    assert [row["name"] for row in rows[:4]] == NAMES
    assert {"font for en", "output folder", "cache folder", "test page"} <= {
        row["name"] for row in rows
    }
    assert all(row["ok"] and row["remedy"] == "" for row in rows)


def test_a_language_whose_letters_the_font_lacks_is_a_fault(workspace: Path, handouts: Run) -> None:
    words = workspace / "templates" / "words"
    words.mkdir(parents=True)
    text = (TEMPLATES / "words" / "en.po").read_text(encoding="utf-8")
    text = text.replace('msgid "Works"\nmsgstr ""', 'msgid "Works"\nmsgstr "働く"')
    (words / "ja.po").write_text(text, encoding="utf-8")
    ran = handouts("doctor")
    assert ran.returncode == 3
    assert "FAULT  font for ja: AtkinsonHyperlegibleNext-Regular.ttf lacks 2 letters: く 働\n" in (
        ran.stdout
    )
    assert "       run: handouts theme new NAME" in ran.stdout
    assert ran.stderr == "1 fault\n"


def test_an_output_that_is_a_file_is_a_fault(workspace: Path, handouts: Run) -> None:
    (workspace / "output").write_bytes(b"")
    ran = handouts("doctor")
    assert ran.returncode == 3
    assert "FAULT  output folder: output cannot be written to (" in ran.stdout


def test_broken_settings_are_a_fault_of_the_test_page(workspace: Path, handouts: Run) -> None:
    (workspace / "handouts.toml").write_text('[print]\ntheme = "gone"\n', encoding="utf-8")
    ran = handouts("doctor")
    assert ran.returncode == 3
    assert 'FAULT  theme: there is no theme "gone"' in ran.stdout
    assert "Traceback" not in ran.stderr


def test_an_old_python_is_a_fault(handouts: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "_OLDEST_PYTHON", (99, 0))
    ran = handouts("doctor")
    assert ran.returncode == 3
    assert ran.stdout.startswith("FAULT  Python: ")


def test_every_shipped_font_is_one_that_can_be_read() -> None:
    for font in FONTS.rglob("*.ttf"):
        assert set("ABCabc") <= diagnosis._read_letters(font)  # noqa: SLF001
    assert diagnosis._read_letters(TEMPLATES / "words" / "en.po") == set()  # noqa: SLF001
