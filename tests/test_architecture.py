"""The house stands as designed: floors, lengths, names, first lines, and tests beside modules."""

from __future__ import annotations

import ast
from pathlib import Path

from handouts.assets import PACKAGE

TESTS = Path(__file__).parent
# A module imports only from lower floors or from its own folder.
FLOORS = [
    {"handouts", "problem", "assets", "cache"},
    {"model"},
    {"source", "screening", "revision", "figure", "literacy"},
    {"theme", "press"},
    {"bind", "post"},
    {"order", "crew", "parcels"},
    {"pipeline", "inspection", "gallery", "consultation", "delivery"},
    {"booklet"},
    {"batch", "diagnosis"},
    {"runs"},
    {"cli"},
    {"__main__"},
]
# Floors allow these, the design does not: a plate is all that binding knows of layout.
SIDEWAYS = {"bind": {"handouts.press.plate"}, "post": set[str]()}
MOST_LINES = 300
MOST_STATEMENT_LINES = 40
# Longer than that, with the reason why.
LONG: dict[str, str] = {}
FORBIDDEN = ("util", "helper", "manager", "misc", "common_", "process_")
# Folders of tests that have no folder in the package: they are about the repository.
OTHER_TESTS = {"bench", "docs"}
MODULES = {
    ".".join(["handouts", *file.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(
        ".__init__"
    ): file.read_text(encoding="utf-8")
    for file in sorted(PACKAGE.rglob("*.py"))
}


def room_of(module: str) -> str:
    """Return the folder or top module under ``handouts`` that a module belongs to."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


def floor_of(room: str) -> int | None:
    """Return the number of a room's floor, None if the table above has none."""
    return next((number for number, rooms in enumerate(FLOORS) if room in rooms), None)


def read_imports(source: str) -> set[str]:
    """Return every module of this package that is imported anywhere in the text.

    Imports inside functions and under ``TYPE_CHECKING`` count too: they bind a reader as well.
    """
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative imports hide where they lead"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in MODULES else str(node.module))
    return {name for name in found if name.split(".")[0] == "handouts"}


def find_wrong_imports(module: str, source: str) -> list[str]:
    """Return the imports that lead upwards or sideways."""
    room = room_of(module)
    floor = floor_of(room)
    if floor is None:
        return [f"{module} stands on no floor: give {room} one in FLOORS"]
    wrong = []
    for name in sorted(read_imports(source)):
        other = room_of(name)
        below = floor_of(other)
        sideways = room in SIDEWAYS and below == floor_of("press") and name not in SIDEWAYS[room]
        if other != room and (below is None or below > floor or (below == floor and floor > 0)):
            wrong.append(f"{module} imports {name}, which is not below it")
        elif sideways:
            wrong.append(f"{module} imports {name} sideways")
    return wrong


def find_long(module: str, source: str) -> list[str]:
    """Return the module, and each of its functions, that has more lines than it should."""
    long = [module] if source.count("\n") > MOST_LINES else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            if body and (node.end_lineno or 0) - body[0].lineno + 1 > MOST_STATEMENT_LINES:
                long.append(f"{module}.{node.name}")
    return [name for name in long if name not in LONG]


def find_poor_first_line(module: str, source: str) -> list[str]:
    """Return the module if its first line does not say in a sentence what it turns into what."""
    first = (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]
    return (
        []
        if first.startswith("Turn ") and first.endswith((".", "``"))
        else [f"{module}: {first!r}"]
    )


def find_forbidden_names(module: str, source: str) -> list[str]:
    """Return the names of modules, classes and functions that say nothing of what they are."""
    definitions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    names = [node.name for node in ast.walk(ast.parse(source)) if isinstance(node, definitions)]
    return [
        f"{module}: {name}"
        for name in [*module.split("."), *names]
        if name.lower().lstrip("_").startswith(FORBIDDEN) or name.lower().endswith(FORBIDDEN)
    ]


def find_unmirrored(folders: set[str], package: set[str]) -> set[str]:
    """Return the folders of tests that stand for no folder of the package."""
    return folders - package - OTHER_TESTS


def test_modules_import_only_from_below() -> None:
    assert [line for name, text in MODULES.items() for line in find_wrong_imports(name, text)] == []


def test_an_upward_or_sideways_import_is_found() -> None:
    assert find_wrong_imports("handouts.model.dose", "from handouts.cli import main")
    assert find_wrong_imports("handouts.source.x", "def f():\n    import handouts.theme.chain")
    hidden = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from handouts import pipeline"
    )
    assert find_wrong_imports("handouts.press.plate", hidden)
    assert find_wrong_imports("handouts.press.plate", "from handouts.theme import words")
    assert find_wrong_imports("handouts.bind.imprint", "from handouts.theme.chain import Chain")
    assert find_wrong_imports("handouts.bind.imprint", "import handouts.press.log")
    assert find_wrong_imports("handouts.extras", "")
    assert find_wrong_imports("handouts.bind.join", "from handouts.press.plate import Plate") == []
    assert find_wrong_imports("handouts.bind.join", "from handouts.bind.imprint import x") == []


def test_modules_and_functions_are_short_or_say_why() -> None:
    assert [line for name, text in MODULES.items() for line in find_long(name, text)] == []


def test_a_long_module_and_a_long_function_are_found() -> None:
    assert find_long("long", "\n" * (MOST_LINES + 1)) == ["long"]
    body = "    x = 1\n" * (MOST_STATEMENT_LINES + 1)
    assert find_long("m", f'def f():\n    """Say."""\n{body}') == ["m.f"]
    assert find_long("m", f'def f():\n    """Say."""\n{body}'.removesuffix("    x = 1\n")) == []


def test_no_reason_outlives_what_it_excuses() -> None:
    excuses = dict(LONG)
    LONG.clear()
    try:
        long = {line for name, text in MODULES.items() for line in find_long(name, text)}
    finally:
        LONG.update(excuses)
    assert set(excuses) <= long


def test_each_module_begins_with_the_transformation_that_it_makes() -> None:
    assert [
        line for name, text in MODULES.items() for line in find_poor_first_line(name, text)
    ] == []


def test_a_module_without_such_a_line_is_found() -> None:
    assert find_poor_first_line("m", "import os")
    assert find_poor_first_line("m", '"""Things for rendering"""')


def test_no_name_says_nothing() -> None:
    assert [
        line for name, text in MODULES.items() for line in find_forbidden_names(name, text)
    ] == []


def test_a_name_that_says_nothing_is_found() -> None:
    assert find_forbidden_names("handouts.utils", "")
    assert find_forbidden_names("handouts.m", "def process_exercise(): ...")
    assert find_forbidden_names("handouts.m", "class PlateManager: ...")


def test_the_folders_of_tests_are_those_of_the_package() -> None:
    folders = {file.parent.name for file in TESTS.glob("*/test_*.py")}
    package = {file.parent.name for file in PACKAGE.glob("*/__init__.py")}
    assert find_unmirrored(folders, package) == set()
    assert find_unmirrored({"model", "extras"}, package) == {"extras"}
