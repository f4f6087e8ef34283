"""YAML is read as typed, every part has its place, and nothing surprises or exhausts."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from handouts.problem import Place, Report
from handouts.source import composer, positioned
from handouts.source.positioned import Positioned, read_yaml

KEYS = st.text("abcdefg-", min_size=1, max_size=5).filter(lambda key: key.strip("-"))
TEXTS = st.text("abc xyz019:#'\"é×–😀\n", min_size=1, max_size=20)
TREES: st.SearchStrategy[Any] = st.recursive(
    TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


def read(text: str | bytes) -> tuple[Positioned | None, list[str]]:
    report = Report()
    data = text.encode() if isinstance(text, str) else text
    found = read_yaml(data, "a.yaml", report)
    return found, [f"{problem.place}: {problem.code}" for problem in report]


@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=4))
def test_what_yaml_writes_is_read_back(tree: dict[str, Any]) -> None:
    text = yaml.dump(tree, default_style='"', allow_unicode=True)
    found, problems = read(text.replace('"\\uFEFF', '"'))
    assert problems == []
    assert found is not None
    assert found.data == tree


@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=4))
def test_a_place_is_where_the_key_or_item_begins(tree: dict[str, Any]) -> None:
    text = yaml.dump(tree, default_style='"', allow_unicode=True, width=10_000)
    found, _ = read(text)
    assert found is not None
    lines = text.split("\n")
    for path, place in found.places.items():
        rest = lines[place.line - 1][place.column - 1 :]
        if path and isinstance(path[-1], str):
            assert rest.startswith((f'"{path[-1]}"', f'? "{path[-1]}"'))


def test_scalars_stay_what_was_typed() -> None:
    typed = ["no", "3:01", "012", "1e3", "0x1F", ".nan", "2026-01-01", "=", "<<", "Yes"]
    found, problems = read(f"a: [{', '.join(typed)}]\n")
    assert found is not None
    assert found.data["a"] == typed
    assert problems == []


def test_places_count_characters_not_bytes() -> None:
    found, _ = read("a: [é×😀, b]\nc:\n  - d: e\n")
    assert found is not None
    assert found.places["a", 1] == Place("a.yaml", 1, 10)
    assert found.places["c", 0, "d"] == Place("a.yaml", 3, 5)
    assert found.values["c", 0, "d"] == Place("a.yaml", 3, 8)
    assert found.place(("c", 0, "x", 7)) == Place("a.yaml", 3, 5)
    assert found.place(("nowhere",)) == Place("a.yaml", 1, 1)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a: x\nb: \xc3\xa9\xff\n", "a.yaml:2:5: not-utf-8"),
        ("a: é".encode("utf-16"), "a.yaml:1:1: not-utf-8"),
        (b"a: \x07\n", "a.yaml:1:4: bad-character"),
        (b"a: x\x00y\n", "a.yaml:1:5: bad-character"),
        ("a: \u202ex\n".encode(), "a.yaml:1:4: bad-character"),
        ("a: x\u2028y\n".encode(), "a.yaml:1:5: bad-character"),
        ("a: \ufdd0\n".encode(), "a.yaml:1:4: bad-character"),
        ("a: \U0001ffff\n".encode(), "a.yaml:1:4: bad-character"),
        ("a: x\ufeff\n".encode(), "a.yaml:1:5: bad-character"),
        (b'a: "x\\u202ey"\n', "a.yaml:1:4: bad-character"),
        (b'a: "\\0"\n', "a.yaml:1:4: bad-character"),
        (b'"\\a": x\n', "a.yaml:1:1: bad-key"),
        (b'"": x\n', "a.yaml:1:1: bad-key"),
        (b"{a: b}: x\n", "a.yaml:1:1: bad-key"),
        (b"x" * 1_000_001, "a.yaml: too-large"),
        (b"a: " + b"[" * 500_000, "a.yaml:1:23: too-deep"),
        (b"a: [" + b"x," * 20_001 + b"]", "a.yaml:1:39999: too-many"),
        (b"", "a.yaml:1:1: empty-file"),
        (b"--- \n...\n", "a.yaml:2:1: not-a-mapping"),
        (b"just text", "a.yaml:1:1: not-a-mapping"),
        (b"%FOO\n---\na: b\n%", "a.yaml:1:5: yaml-syntax"),
    ],
)
def test_what_is_refused_says_where(data: bytes, problem: str) -> None:
    _, problems = read(data)
    assert problems == [problem]


def test_a_mark_at_the_files_beginning_is_no_fault() -> None:
    found, problems = read("\ufeffa: b\r\nc: d\r\n")
    assert found is not None
    assert (found.data, problems) == ({"a": "b", "c": "d"}, [])
    assert found.places["c",] == Place("a.yaml", 2, 1)


def test_the_billion_laughs_stay_two_problems_a_line() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 30)]
    _, problems = read("\n".join(lines))
    assert len(problems) == 1 + 29 * 3
    assert all(problem.endswith("yaml-alias") for problem in problems)


def test_a_wrong_file_stops_after_a_hundred_problems() -> None:
    found, problems = read("a: b\n" * 1000)
    assert found is None
    assert len(problems) == composer.MOST_PROBLEMS


def test_reading_stops_where_enough_was_read() -> None:
    report = Report()
    data = b"a: b\nc: {d: e}\nf: g\nh: [broken\n"
    found = read_yaml(data, "a.yaml", report, lambda values, key: key == "h" and "c" in values)
    assert found is not None
    assert found.data == {"a": "b", "c": {"d": "e"}, "f": "g"}
    assert list(report) == []


@pytest.mark.parametrize(
    "text", ["a: b\nc: [d, {e: f}]\n", "a: *b\n", "a: [\n", "a: b: c\n", "a: !x y\n", "\ta: b\n"]
)
def test_the_slow_loader_says_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fast, problems = read(text)
    monkeypatch.setattr(positioned, "_LOADER", yaml.Loader)
    slow, same = read(text)
    assert same == problems
    assert (slow and slow.data) == (fast and fast.data)
