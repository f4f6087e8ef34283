"""Turn one benchmark's table into its part of the page, and leave the others' parts as they are."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

TARGET_FILE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
PARTS = ("render", "batch")
"""In the order of the page."""
_HEAD = """\
# Benchmarks

Made by `make bench`, which writes each part of this page anew. Do not edit it.
"""
_PART = re.compile(r"<!-- part: (\w+) -->\n(.*?)\n<!-- end: \1 -->", re.DOTALL)


def put_part(page: str, name: str, text: str) -> str:
    """Return the page with a part written anew, and the others as they were.

    Raises:
        ValueError: there is no such part.
    """
    if name not in PARTS:
        raise ValueError(f"the page has no part {name}")
    parts = {match[1]: match[2] for match in _PART.finditer(page)} | {name: text.strip()}
    shown = [
        f"<!-- part: {each} -->\n{parts[each]}\n<!-- end: {each} -->\n"
        for each in PARTS
        if each in parts
    ]
    return "\n".join([_HEAD, *shown])


def write_part(file: Path, name: str, text: str) -> None:
    """Write a part into the page's file."""
    page = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(put_part(page, name, text), encoding="utf-8", newline="\n")


def read_options(description: str | None) -> argparse.Namespace:
    """Return the flags, which all benchmarks share: ``make bench`` passes them on to each."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--repeat", type=int, default=7, help="runs of each command for handouts")
    parser.add_argument("--clients", type=int, default=500, help="size of the batch")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each one in the batch")
    parser.add_argument("--full", action="store_true", help="larger samples of the peers")
    parser.add_argument("--output", default=str(TARGET_FILE), help="file, or - for none")
    options = parser.parse_args()
    if min(options.repeat, options.clients, options.rounds) < 1:
        parser.error("--repeat, --clients and --rounds are 1 or more")
    return options
