"""What the machine has is one hash: other libraries or fonts, another hash."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from handouts.press import machine
from handouts.press.machine import describe_press
from tests.press.conftest import FONT

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_libraries_that_lay_out_are_known() -> None:
    names = {name.partition("-")[0] for name in machine._list_libraries()}  # noqa: SLF001
    assert {"weasyprint", "pydyf", "fonttools", "tinycss2", "pypdfium2", "pyphen"} <= names


def test_fonts_that_come_go_or_change_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fonts, rules = tmp_path / "fonts", tmp_path / "fonts.conf"
    (fonts / "deep").mkdir(parents=True)
    (fonts / "circle").symlink_to(fonts)
    rule = f"<fontconfig><dir>{fonts}</dir><cachedir>{tmp_path / 'fc'}</cachedir>{{}}</fontconfig>"
    rules.write_text(rule.format(""), encoding="utf-8")
    monkeypatch.setenv("FONTCONFIG_FILE", str(rules))
    seen: set[str | None] = set()

    def look() -> int:
        describe_press.cache_clear()
        seen.add(describe_press())
        return len(seen)

    assert (look(), look()) == (1, 1)
    new = fonts / "deep" / "new.ttf"
    new.write_bytes(FONT.read_bytes())
    assert (look(), look()) == (2, 2)
    os.utime(new, (1, 1))
    assert look() == 3
    rules.write_text(rule.format("<!-- another order -->"), encoding="utf-8")
    assert look() == 4
    new.unlink()
    rules.write_text(rule.format(""), encoding="utf-8")
    assert look() == 4  # as it was at first
    assert None not in seen
