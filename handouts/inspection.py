"""Turn files of any kind into every problem that they have, without laying out a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.model.passage import PROSE
from handouts.problem import HandoutError, Place, Report
from handouts.source.workspace import ROSTERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from handouts.source.composer import KeyPath
    from handouts.source.positioned import Positioned
    from handouts.source.vocabulary import Vocabulary
    from handouts.source.workspace import Workspace

_VOCABULARY = frozenset({"conditions.yaml", "muscles.yaml", "precautions.yaml"})
_DATA = (".yaml", ".yml")
_TABLES = (".csv", ".tsv", ".xlsx")


@dataclass(slots=True)
class Inspected:
    """What was looked at, and what was found."""

    report: Report = field(default_factory=Report)
    sound: dict[Path, str] = field(default_factory=dict)
    """The files of exercises that have no error, with their slugs."""
    exercises: int = 0
    programmes: int = 0
    others: int = 0

    def __str__(self) -> str:
        """Return what was looked at: ``5 exercises, 3 programmes and 9 other files``."""
        said = [f"{self.exercises} exercise{'s' * (self.exercises != 1)}"]
        if self.programmes:
            said.append(f"{self.programmes} programme{'s' * (self.programmes != 1)}")
        if self.others:
            said.append(f"{self.others} other file{'s' * (self.others != 1)}")
        return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)


def inspect_workspace(workspace: Workspace) -> Inspected:
    """Return every problem of a workspace's own files; of what is shipped where there is none."""
    from handouts.assets import LIBRARY, TEMPLATES

    root = workspace.root
    inspected = Inspected()
    listed = workspace.exercise_files(inspected.report)
    plans = workspace.programme_files(inspected.report)
    own = [
        file
        for file in (*listed.values(), *plans.values())
        if root is None or file.is_relative_to(root)
    ]
    own += [root / name for name in ROSTERS] if root else []
    files = [(root or LIBRARY) / name for name in sorted(_VOCABULARY)]
    files += [workspace.settings_file] if workspace.settings_file else []
    files += own
    templates = root / "templates" if root else TEMPLATES
    files += _list_files(templates, (".j2",))
    _inspect(workspace, [file for file in files if file.is_file()], inspected)
    _inspect_themes(workspace, inspected)
    return inspected


def inspect_paths(workspace: Workspace, names: Iterable[str]) -> Inspected:
    """Return every problem of the files, folders and slugs that were named.

    A folder stands for the data files and templates in it, and in its ``exercises``.
    """
    inspected = Inspected()
    files: dict[Path, None] = {}
    for name in names:
        try:
            files.update(dict.fromkeys(_find_files(workspace, name)))
        except HandoutError as error:
            inspected.report.extend(error.report)
    _inspect(workspace, list(files), inspected)
    return inspected


def _find_files(workspace: Workspace, typed: str) -> list[Path]:
    path = Path(typed)
    try:
        if path.is_file():
            return [path]
        is_folder = path.is_dir()
    except (OSError, ValueError):  # a NUL byte, a name too long
        is_folder = False
    if is_folder:
        found = [*_list_files(path, (*_DATA, ".j2"), deep=False)]
        for name in ("exercises", "programmes"):
            found += _list_files(path / name, _DATA, deep=False)
        found += [path / name for name in ROSTERS[1:] if (path / name).is_file()]
        settings = path / "handouts.toml"
        found += [settings] if settings.is_file() else []
        if not found:
            raise HandoutError.of(
                "nothing-to-check",
                "this folder holds no exercise, template or handouts.toml",
                Place(typed),
                hint="name a file, or a folder of .yaml files",
            )
        return found
    if "/" in typed or "." in typed or "\\" in typed:
        raise HandoutError.of(
            "unreadable",
            "there is no such file or folder",
            Place(typed[:200]),
            hint="check the path",
        )
    known = (workspace.exercise_files(), workspace.programme_files())
    return [files[typed] for files in known if typed in files] or [workspace.exercise_file(typed)]


def _list_files(folder: Path, suffixes: tuple[str, ...], *, deep: bool = True) -> list[Path]:
    found = folder.rglob("*") if deep else folder.glob("*")
    return sorted(
        file
        for file in found
        if file.name.endswith(suffixes) and not file.name.startswith(".") and file.is_file()
    )


def _inspect(workspace: Workspace, files: list[Path], inspected: Inspected) -> None:
    from handouts.source.library import read_vocabulary
    from handouts.source.roster import read_roster

    report = inspected.report
    vocabulary = read_vocabulary(workspace, report)
    for file in files:
        if file.name in _VOCABULARY:
            inspected.others += 1
            _inspect_vocabulary(workspace, file, report)
        elif file.suffix in _TABLES or file.name in ROSTERS:
            inspected.others += 1
            read_roster(file, _shown(file), workspace, vocabulary, report)
        elif file.suffix in _DATA and file.absolute().parent.name == "programmes":
            inspected.programmes += 1
            _inspect_programme(workspace, file, vocabulary, report)
        elif file.suffix in _DATA:
            inspected.exercises += 1
            _inspect_exercise(file, vocabulary, inspected)
        elif file.suffix == ".j2":
            inspected.others += 1
            _inspect_template(workspace, file, report)
        elif file.suffix == ".toml":
            inspected.others += 1
            _inspect_settings(file, report)
        else:
            hint = "data is .yaml, clients .csv or .xlsx, templates .j2, settings handouts.toml"
            place = Place(_shown(file))
            report.add("unknown-kind", "it cannot be told what this file is", place, hint=hint)


def _shown(file: Path) -> str:
    from handouts.source.workspace import show_path

    return show_path(file)


def _inspect_vocabulary(workspace: Workspace, file: Path, report: Report) -> None:
    """Note what is wrong with a file that is not among the workspace's own or the shipped ones."""
    from handouts.assets import LIBRARY
    from handouts.source.library import read_vocabulary
    from handouts.source.workspace import Workspace

    folder = file.absolute().parent
    if folder not in {LIBRARY, workspace.root}:
        read_vocabulary(Workspace(folder), report)


def _inspect_exercise(file: Path, vocabulary: Vocabulary, inspected: Inspected) -> None:
    from handouts.literacy import check_literacy
    from handouts.source.files import read_bytes
    from handouts.source.library import check_exercise
    from handouts.source.positioned import read_yaml
    from handouts.source.workspace import is_slug, note_bad_name

    shown, found = _shown(file), Report()
    if not is_slug(file.stem):
        note_bad_name(file, inspected.report)
        return
    data = read_bytes(file, shown, found)
    source = None if data is None else read_yaml(data, shown, found)
    exercise = None if source is None else check_exercise(source, file.stem, vocabulary, found)
    if exercise and source and not found.errors:
        check_literacy(exercise, source.place, found)
        inspected.sound[file] = file.stem
    inspected.report.extend(found)


def _inspect_programme(
    workspace: Workspace, file: Path, vocabulary: Vocabulary, report: Report
) -> None:
    """Note what is wrong with a programme; its exercises are looked at for themselves."""
    from handouts.literacy import check_programme_literacy
    from handouts.source.files import read_bytes
    from handouts.source.positioned import read_yaml
    from handouts.source.programme import parse_programme
    from handouts.source.workspace import is_slug, note_bad_name

    if not is_slug(file.stem):
        note_bad_name(file, report)
        return
    shown = _shown(file)
    data = read_bytes(file, shown, report)
    planned = data and parse_programme(data, shown, workspace, vocabulary, report)
    # Sound, so that reading it for its places finds nothing new.
    source = read_yaml(data, shown, Report()) if data and planned else None
    if data and planned and source:
        lines = data.decode("utf-8-sig").split("\n")
        check_programme_literacy(planned.programme, partial(_find_line, source, lines), report)


def _find_line(source: Positioned, lines: list[str], path: KeyPath) -> Place:
    """Return the place of a part; of a line of Markdown, where the file keeps its lines (``|``)."""
    place = source.place(path)
    text, begin = source.data.get(str(path[0])), source.values.get(path[:1])
    if len(path) == 1 or path[0] not in PROSE or not isinstance(text, str) or begin is None:
        return place
    if not begin.line or not begin.column:
        return place
    if not lines[begin.line - 1][begin.column - 1 :].startswith("|"):
        return place
    # The model drops empty lines at the beginning, the file has them.
    dropped = text[: len(text) - len(text.lstrip())].count("\n")
    number = begin.line + 1 + dropped + int(path[1])
    line = lines[number - 1]
    return Place(source.file, number, len(line) - len(line.lstrip()) + 1)


def _inspect_settings(file: Path, report: Report) -> None:
    from handouts.source.settings import read_settings
    from handouts.source.workspace import Workspace

    read_settings(Workspace(file.parent, file), report)


def _inspect_template(workspace: Workspace, file: Path, report: Report) -> None:
    from jinja2 import TemplateSyntaxError

    from handouts.order import Order
    from handouts.theme.environment import make_environment
    from handouts.theme.words import read_words

    chain = Order(workspace, {}).chain
    environment = make_environment(chain, read_words(chain, "en"))
    shown = _shown(file)
    try:
        environment.parse(file.read_text(encoding="utf-8"), file.name, shown)
    except TemplateSyntaxError as error:
        report.add("template-syntax", str(error.message), Place(shown, error.lineno))
    except (OSError, ValueError) as error:
        report.add("unreadable", f"the template cannot be read: {error}", Place(shown))


def _inspect_themes(workspace: Workspace, inspected: Inspected) -> None:
    """Note a fault in any theme's ``theme.toml``, style sheets or templates."""
    from handouts.model.settings import PrintSettings
    from handouts.theme.chain import list_themes, make_chain
    from handouts.theme.styles import make_stylesheet

    report = inspected.report
    try:
        themes = [
            theme
            for theme in list_themes(workspace.root)
            if theme.from_workspace or not workspace.root
        ]
    except HandoutError as error:
        report.extend(error.report)
        return
    for theme in themes:
        inspected.others += 1
        try:
            make_stylesheet(make_chain(theme.name, workspace.root), PrintSettings())
        except HandoutError as error:
            report.extend(error.report)
        for file in _list_files(theme.folder / "templates", (".j2",)):
            inspected.others += 1
            _inspect_template(workspace, file, report)
