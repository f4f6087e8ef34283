"""Turn ``handouts.toml`` into settings, with the place of everything that is wrong in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from handouts.model.mail import MailSettings
from handouts.model.settings import PrintSettings, Settings, Trainer
from handouts.problem import Place
from handouts.source.characters import describe_character, find_bad_characters, line_and_column
from handouts.source.checked import check_model
from handouts.source.composer import write_path
from handouts.source.files import read_bytes
from handouts.source.layers import OTHER_VARIABLES, PREFIX, list_variables, user_settings_file
from handouts.source.positioned import Positioned, decode
from handouts.source.suggest import nearest_word
from handouts.source.workspace import SETTINGS_FILE, show_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handouts.problem import Report
    from handouts.source.composer import KeyPath
    from handouts.source.workspace import Workspace

_MOST_BYTES = 64_000
_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_DOTTED = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_TABLE = re.compile(rf"^[ \t]*\[{{1,2}}[ \t]*({_DOTTED})[ \t]*\]")
_ENTRY = re.compile(rf"^[ \t]*({_DOTTED})[ \t]*=")
_WHERE = re.compile(r" \((?:at line (\d+), column (\d+)|at end of document)\)$")


# What a variable sets: HANDOUTS_PAPER, HANDOUTS_TRAINER_NAME. A logo lies in a workspace.
_VARIABLES: dict[str, tuple[str, str]] = {
    **{f"{PREFIX}{key.upper()}": ("print", key) for key in PrintSettings.model_fields},
    **{
        f"{PREFIX}TRAINER_{key.upper()}": ("trainer", key)
        for key in Trainer.model_fields
        if key != "logo"
    },
    **{f"{PREFIX}MAIL_{key.upper()}": ("mail", key) for key in MailSettings.model_fields},
}
# What a folder that somebody passed on must not decide: which program runs, which file is read.
_NOT_IN_WORKSPACE = ("token_command", "password_file")


def gather_settings(workspace: Workspace, report: Report) -> Settings | None:
    """Return what the user's folder, the workspace and the environment say, the last one first.

    Each key is taken from the layer that wins. None after noting what is wrong in any of them.
    """
    layers = [
        _read_user_settings(report),
        read_settings(workspace, report),
        read_variables(list_variables(), report),
    ]
    merged: dict[str, dict[str, Any]] = {}
    for layer in layers:
        if layer is None:
            return None
        for table, values in layer.model_dump(exclude_unset=True).items():
            merged.setdefault(table, {}).update(values)
    return Settings.model_validate(merged)


def _read_user_settings(report: Report) -> Settings | None:
    file = user_settings_file()
    try:
        if not file.is_file():
            return Settings()
    except (OSError, ValueError):  # a folder that may not be entered, a NUL byte
        return Settings()
    shown = show_path(file)
    data = read_bytes(file, shown, report, _MOST_BYTES)
    settings = None if data is None else parse_settings(data, shown, report)
    if settings is not None and settings.trainer.logo:
        message = "trainer.logo: a logo lies in a workspace, and this file in none"
        hint = f"name it in the workspace's {SETTINGS_FILE}"
        report.add("picture-outside", message, Place(shown), hint=hint)
        return None
    return settings


def read_variables(environment: Mapping[str, str], report: Report) -> Settings | None:
    """Return what the variables ``HANDOUTS_…`` say; an empty one says nothing."""
    values: dict[str, dict[str, str]] = {}
    places: dict[KeyPath, Place] = {(): Place("HANDOUTS_*")}
    for name, value in environment.items():
        path = _VARIABLES.get(name)
        if path is not None and value.strip():
            values.setdefault(path[0], {})[path[1]] = value
            places[path] = Place(name)
        elif path is None and name.startswith(PREFIX) and name not in OTHER_VARIABLES:
            known = {word.removeprefix(PREFIX): word for word in (*_VARIABLES, *OTHER_VARIABLES)}
            if nearest := nearest_word(name.removeprefix(PREFIX), known):
                message, hint = "there is no variable of this name", f'did you mean "{nearest}"?'
                report.warn("unknown-variable", message, Place(name), hint=hint)
    source = Positioned("HANDOUTS_*", values, places, places, set())
    _check_characters(source, report)
    settings = check_model(Settings, values, source, report)
    return None if source.faulty else settings


def read_settings(workspace: Workspace, report: Report) -> Settings | None:
    """Return the workspace's settings (the defaults without a file), or None after noting why."""
    file = workspace.settings_file
    if file is None:
        return Settings()
    shown = show_path(file)
    data = read_bytes(file, shown, report, _MOST_BYTES)
    if data is None:
        return None
    is_own = file.absolute() == user_settings_file()
    return parse_settings(data, shown, report, is_own=is_own)


def parse_settings(
    data: bytes, file: str, report: Report, *, is_own: bool = True
) -> Settings | None:
    """Return the bytes of a ``handouts.toml`` as settings, or None after noting what is wrong.

    Args:
        data: the file's bytes.
        file: the path that the problems name.
        report: gets every problem found.
        is_own: whether it is the user's own file; a workspace's may not say everything.
    """
    text = decode(data, file, report)
    values = None if text is None else _parse_toml(text, file, report)
    if text is None or values is None:
        return None
    places = _locate_keys(text, file)
    source = Positioned(file, values, places, places, set())
    _check_characters(source, report)
    settings = check_model(Settings, values, source, report)
    if settings is not None and not is_own:
        _refuse_own_settings(settings, source, report)
    return None if source.faulty else settings


def _refuse_own_settings(settings: Settings, source: Positioned, report: Report) -> None:
    for key in _NOT_IN_WORKSPACE:
        if getattr(settings.mail, key) is not None:
            path = ("mail", key)
            message = f"mail.{key}: this cannot stand in a workspace, which others may have written"
            hint = f"write it into your own settings: {show_path(user_settings_file())}"
            report.add("own-settings", message, source.place(path), hint=hint)
            source.faulty.add(path)


def _parse_toml(text: str, file: str, report: Report) -> dict[str, Any] | None:
    import tomllib

    hint = "compare the line with one that works; text stands in quotes"
    try:
        return tomllib.loads(text)
    except RecursionError:
        report.add("too-deep", "too many brackets stand inside one another", Place(file))
    except ValueError as error:  # TOMLDecodeError, and int's limit of 4,300 digits
        # Until Python 3.14 the place stands only in the message.
        said = str(error)
        where = _WHERE.search(said)
        line, column = line_and_column(text, len(text.rstrip()))
        if where and where[1]:
            line, column = int(where[1]), int(where[2])
        message = said[: where.start()] if where else "a value is too long"
        report.add("toml-syntax", message, Place(file, line, column), hint=hint)
    return None


def _locate_keys(text: str, file: str) -> dict[KeyPath, Place]:
    """Return where each table and key begins, by a reading that looks at the lines' beginnings."""
    places: dict[KeyPath, Place] = {(): Place(file, 1, 1)}
    table: KeyPath = ()
    inside_text = False  # of a text between three quotes
    for number, line in enumerate(text.split("\n"), start=1):
        begins_inside = inside_text
        if (line.count('"""') + line.count("'''")) % 2:
            inside_text = not inside_text
        if begins_inside:
            continue
        if header := _TABLE.match(line):
            table = _split(header[1])
            places.setdefault(table, Place(file, number, header.start(1) + 1))
        elif entry := _ENTRY.match(line):
            keys = _split(entry[1])
            for length in range(1, len(keys) + 1):
                place = Place(file, number, entry.start(1) + 1)
                places.setdefault((*table, *keys[:length]), place)
    return places


def _split(dotted: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in re.findall(_KEY, dotted))


def _check_characters(source: Positioned, report: Report) -> None:
    """Note what an escape smuggled in; the raw text was checked before."""
    waiting: list[tuple[KeyPath, Any]] = [((), source.data)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*path, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, index), inner) for index, inner in enumerate(value)]
        elif isinstance(value, str) and (bad := next(find_bad_characters(value), None)):
            message = f"{write_path(path)}: {describe_character(value[bad[0]])} in the text"
            report.add("bad-character", message, source.place(path), hint="delete it")
            source.faulty.add(path)
