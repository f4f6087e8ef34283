"""Turn YAML text into poses: a file of a trainer's own, and the gallery with its snippets."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handouts.assets import LIBRARY
from handouts.model.gallery import Gallery, PoseFile
from handouts.model.pose import Pose
from handouts.problem import Report
from handouts.source.checked import check_model
from handouts.source.files import read_bytes
from handouts.source.library import check_poses
from handouts.source.positioned import read_yaml
from handouts.source.workspace import show_path

if TYPE_CHECKING:
    from pathlib import Path

    from handouts.model.gallery import GallerySection
    from handouts.source.positioned import Positioned
    from handouts.source.vocabulary import Vocabulary

_FIGURES = "figures"


def read_poses(file: Path, vocabulary: Vocabulary, report: Report) -> dict[str, Pose] | None:
    """Return the poses of a file by name, or None after noting everything wrong with them.

    Args:
        file: one pose, which is then named as the file is, or ``figures:`` with several.
        vocabulary: the muscles that a pose may name.
        report: gets every problem found.
    """
    shown_as = show_path(file)
    data = read_bytes(file, shown_as, report)
    return None if data is None else parse_poses(data, file.stem, shown_as, vocabulary, report)


def parse_poses(
    data: bytes, name: str, shown_as: str, vocabulary: Vocabulary, report: Report
) -> dict[str, Pose] | None:
    """Return the poses that the bytes hold, or None after noting everything wrong with them."""
    before = len(report.errors)
    source = read_yaml(data, shown_as, report)
    if source is None:
        return None
    poses: dict[str, Pose] = {}
    if _FIGURES in source.data:
        several = check_model(PoseFile, source.data, source, report)
        poses = dict(several.figures) if several else {}
        check_poses((_FIGURES,), poses, vocabulary, source, report)
    elif pose := check_model(Pose, source.data, source, report):
        poses = {name: pose}
        check_poses((), poses, vocabulary, source, report)
    return poses if len(report.errors) == before else None


@dataclass(frozen=True, slots=True)
class Snippet:
    """A pose of the gallery, and the lines that make it."""

    name: str
    pose: Pose
    start: Pose | None
    lines: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The gallery with the text of each pose."""

    title: str
    about: str
    sections: tuple[tuple[GallerySection, tuple[Snippet, ...]], ...]


def read_gallery(file: Path = LIBRARY / "figures" / "gallery.yaml") -> Shown:
    """Return the gallery's poses with the lines that make them.

    Raises:
        HandoutError: with every problem of the file.
    """
    report = Report()
    data = read_bytes(file, show_path(file), report) or b""
    source = read_yaml(data, show_path(file), report)
    gallery = check_model(Gallery, source.data, source, report) if source else None
    report.raise_errors()
    assert source  # noqa: S101  the report would have said so
    assert gallery  # noqa: S101
    texts = _cut(data.decode("utf-8"), source)
    return Shown(
        gallery.title,
        gallery.about,
        tuple(
            (section, tuple(_list_snippets(section, texts[number])))
            for number, section in enumerate(gallery.sections)
        ),
    )


def _list_snippets(section: GallerySection, texts: dict[str, str]) -> list[Snippet]:
    starts = {pose.start for pose in section.figures.values()}
    snippets = []
    for name, pose in section.figures.items():
        lines, start = texts[name], None
        if pose.start:
            start = section.figures[pose.start]
            both = "".join(_under(key, texts[key]) for key in (pose.start, name))
            lines = _under(_FIGURES, both)
        if name not in starts:
            snippets.append(Snippet(name, pose, start, lines))
    return snippets


def _under(key: str, lines: str) -> str:
    return f"{key}:\n{textwrap.indent(lines, '  ')}"


def _cut(text: str, source: Positioned) -> list[dict[str, str]]:
    """Return, section by section, the lines below each figure's name."""
    lines = text.splitlines(keepends=True)
    ends = sorted({place.line for path, place in source.places.items() if len(path) in {2, 4}})
    sections: list[dict[str, str]] = []
    for number, section in enumerate(_list(source.data["sections"])):
        texts = {}
        for name in section[_FIGURES]:
            line = source.places["sections", number, _FIGURES, name].line
            end = next((other for other in ends if other > line), len(lines) + 1)
            texts[name] = textwrap.dedent("".join(lines[line : end - 1]))
        sections.append(texts)
    return sections


def _list(value: Any) -> list[Any]:  # noqa: ANN401  YAML, checked by the model before
    return list(value)
