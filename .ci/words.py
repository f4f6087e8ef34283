"""Turn the words that templates and code print into up-to-date templates/words/*.po files."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.pofile import read_po, write_po

# What marks a word: gettext's _() in both, and the two methods of Words.
KEYWORDS = ("_", "count:1,2", "say")
CATALOGUES = Path("templates/words")


def extract_words(folder: Path) -> Path:
    """Return a template catalogue of every word that the mappings in pyproject.toml find."""
    target = folder / "words.pot"
    options = [f"--keywords={keyword}" for keyword in KEYWORDS]
    babel = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract"]
    command = [*babel, "--mapping=pyproject.toml", "--no-location", *options]
    subprocess.run([*command, f"--output={target}", "."], check=True)  # noqa: S603  our own words
    return target


def update_catalogue(file: Path, template: Path) -> None:
    """Add new words, drop those that are gone, keep translations and the header as it stands."""
    # The tool would write the time of the run into the header.
    header, _, _ = file.read_text(encoding="utf-8").partition("\n\n")
    with template.open("rb") as stream:
        wanted = read_po(stream)
    with file.open("rb") as stream:
        catalogue = read_po(stream, locale=file.stem.replace("-", "_"))
    catalogue.update(wanted, no_fuzzy_matching=True)
    body = io.BytesIO()
    write_po(body, catalogue, width=0, omit_header=True, sort_output=True, ignore_obsolete=True)
    text = f"{header}\n\n{body.getvalue().decode('utf-8').strip()}\n"
    file.write_text(text, encoding="utf-8", newline="\n")


def main() -> None:
    """Update every catalogue."""
    with tempfile.TemporaryDirectory() as folder:
        template = extract_words(Path(folder))
        for file in sorted(CATALOGUES.glob("*.po")):
            update_catalogue(file, template)


if __name__ == "__main__":
    main()
