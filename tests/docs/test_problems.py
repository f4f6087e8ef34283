"""Every problem code of the package has its paragraph in docs/problems.md, and no other has one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from handouts.assets import PACKAGE

PAGE = Path(__file__).parents[2] / "docs" / "problems.md"
ENTRY = re.compile(r"^### `(?P<code>[^`]+)`\n\n(?P<text>.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"[a-z]{2,}(-[a-z0-9]+)+|[a-z]{3,}")
# In a table of codes, one has two words or more.
TABLED = re.compile(r"[a-z]+(-[a-z]+)+")
OTHER_CALLS = {"PydanticCustomError": {0}}


def find_parameters(trees: list[ast.Module]) -> dict[str, set[int]]:
    """Return at which position the functions and classes of the package take a ``code``."""
    positions: dict[str, set[int]] = {name: set(found) for name, found in OTHER_CALLS.items()}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.FunctionDef):
            taken = [part for part in node.args.args if part.arg not in {"self", "cls"}]
            # A mail server's code is a number.
            names = ["" if _is_number(part) else part.arg for part in taken]
        elif isinstance(node, ast.ClassDef):
            names = _list_arguments(node)
        else:
            continue
        if "code" in names:
            positions.setdefault(node.name, set()).add(names.index("code"))
    return positions


def _is_number(argument: ast.arg) -> bool:
    return isinstance(argument.annotation, ast.Name) and argument.annotation.id == "int"


def _list_arguments(node: ast.ClassDef) -> list[str]:
    """Return what a class is called with: what ``__init__`` takes, or its fields."""
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and part.name == "__init__":
            return [argument.arg for argument in part.args.args[1:]]
    fields = [part.target for part in node.body if isinstance(part, ast.AnnAssign)]
    return [target.id for target in fields if isinstance(target, ast.Name)]


def find_codes(sources: list[str]) -> set[str]:
    """Return every code in the texts; ``unknown-*`` where the end is filled in as it runs.

    Codes stand where a code is asked for; where one is passed on by name, they stand in tables of
    the same module.
    """
    trees = [ast.parse(source) for source in sources]
    positions = find_parameters(trees)
    codes: set[str] = set()
    for tree in trees:
        given = [value for node in ast.walk(tree) for value in _list_given(node, positions)]
        codes.update(code for value in given for code in _read_code(value))
        if any(_is_passed_on(value) for value in given):
            codes.update(
                str(node.value)
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant) and TABLED.fullmatch(str(node.value))
            )
    return codes


def _list_given(node: ast.AST, positions: dict[str, set[int]]) -> list[ast.expr]:
    """Return what a call gives as a code, or what a function takes for one if none is given."""
    if isinstance(node, ast.FunctionDef):
        arguments = node.args.args[len(node.args.args) - len(node.args.defaults) :]
        pairs = zip(arguments, node.args.defaults, strict=True)
        return [default for argument, default in pairs if argument.arg == "code"]
    if not isinstance(node, ast.Call):
        return []
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    by_place = [node.args[at] for at in positions.get(name, ()) if at < len(node.args)]
    return by_place + [word.value for word in node.keywords if word.arg == "code"]


def _is_passed_on(value: ast.expr) -> bool:
    return getattr(value, "attr", getattr(value, "id", "")) == "code"


def _read_code(value: ast.expr) -> list[str]:
    if isinstance(value, ast.IfExp):
        return _read_code(value.body) + _read_code(value.orelse)
    if isinstance(value, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "*" for part in value.values]
        return ["".join(str(part) for part in parts)]
    # A set takes texts by .add() too: "id".
    is_code = isinstance(value, ast.Constant) and CODE.fullmatch(str(value.value))
    return [str(value.value)] if is_code and isinstance(value, ast.Constant) else []


def compare(codes: set[str], documented: set[str]) -> tuple[set[str], set[str]]:
    """Return the codes without a paragraph, and the paragraphs without a code."""
    patterns = {code: re.escape(code).replace(r"\*", r"[a-z-]+") for code in codes}
    missing = {
        code
        for code, pattern in patterns.items()
        if not any(re.fullmatch(pattern, name) for name in documented)
    }
    spare = {
        name
        for name in documented
        if not any(re.fullmatch(pattern, name) for pattern in patterns.values())
    }
    return missing, spare


def read_entries() -> dict[str, str]:
    """Return the paragraph of each code of the page."""
    entries = ENTRY.finditer(PAGE.read_text(encoding="utf-8"))
    return {match["code"]: " ".join(match["text"].split()) for match in entries}


def test_every_code_has_its_paragraph_and_every_paragraph_its_code() -> None:
    sources = [file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py")]
    missing, spare = compare(find_codes(sources), set(read_entries()))
    assert (sorted(missing), sorted(spare)) == ([], [])


def test_every_paragraph_has_an_example_and_what_mends_it() -> None:
    poor = [
        code
        for code, text in read_entries().items()
        if "Example: " not in text or "Mend: " not in text or text.index("Example: ") < 20
    ]
    assert poor == []


def test_no_code_stands_twice() -> None:
    codes = [match["code"] for match in ENTRY.finditer(PAGE.read_text(encoding="utf-8"))]
    assert len(codes) == len(set(codes))


def test_a_code_without_a_paragraph_and_one_without_a_code_are_found() -> None:
    source = """
def note(self, place, code): ...
def answer(code: int, text): ...
class Fault:
    code: str
    def __init__(self, why, code="too-odd"): ...
answer("title", 1)
note(1, "single" if place else "another-one")
report.of(code="named")
Fault("why", f"unknown-{kind}")
table = {"x": ("in-a-table", "hint")}
note(1, code)
"""
    codes = find_codes([source, "data = ('not-in-a-table', 'of-codes')"])
    assert codes == {"single", "another-one", "named", "too-odd", "unknown-*", "in-a-table"}
    documented = {"single", "another-one", "unknown-thing", "gone"}
    assert compare(codes, documented) == ({"named", "too-odd", "in-a-table"}, {"gone"})
