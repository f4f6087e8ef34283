"""Nothing typed into a data file raises or hangs: thousands of mutations of the shipped files."""

from __future__ import annotations

import io
import random
import time
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from handouts.assets import LIBRARY
from handouts.model.vocabulary import Conditions, GeneralPrecautions, Muscles
from handouts.problem import Report
from handouts.source.checked import check_model
from handouts.source.library import parse_exercise
from handouts.source.picture import load_picture
from handouts.source.positioned import read_yaml
from handouts.source.settings import parse_settings
from handouts.source.vocabulary import Vocabulary, read_vocabulary
from handouts.source.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SLOWEST = 1.0  # seconds for one file, however it is mangled
TOKENS = (
    *(
        b": ",
        b"- ",
        b"? ",
        b"&a ",
        b"*a ",
        b"!!map ",
        b"!",
        b"|",
        b">-",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
    ),
    *(
        b"'",
        b'"',
        b"\\",
        b"#",
        b"---\n",
        b"...\n",
        b"%YAML 9\n",
        b"\t",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
    ),
    *(b"\xc2\x85", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"\xef\xbf\xbf", b"@", b"`"),
    *(b"~", b"null", b"<<: ", b"0" * 30, b"9" * 5000, b"[" * 30, b"\n" + b" " * 40, b"x" * 3000),
    *(b"3 \xc3\x97 ", b"10-5 reps", b"2026-13-40", b"name: ", b"basis: general", b"http://["),
)
SETTINGS = b'[trainer]\nname = "Ann"\nlogo = "a.png"\n[print]\npaper = "a4"\nsize = "large"\n'
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><g><path d="M0 0"/></g></svg>'


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Return the data after one to four small accidents."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.randint(1, 40))
        accident = chance.randrange(6)
        if accident == 0:
            data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        elif accident == 1:
            data = data[:at] + data[end:]
        elif accident == 2:
            data = data[:at] + chance.choice(TOKENS) + data[at:]
        elif accident == 3:
            data = data[:at] + chance.choice(TOKENS) + data[end:]
        elif accident == 4:
            other = chance.randrange(len(data) + 1)
            data = data[:other] + data[at:end] + data[other:]
        elif chance.random() < 0.1:
            data = data[:at]
    return data


def mutations(files: list[bytes], count: int, seed: str) -> Iterator[bytes]:
    chance = random.Random(seed)  # noqa: S311  the same accidents in every run
    for number in range(count):
        yield mutate(files[number % len(files)], chance)


def assert_answers(read: Callable[[bytes, Report], object], data: bytes) -> bool:
    """Hold the reader to a value or to problems with places; return whether it gave a value."""
    report = Report()
    began = time.perf_counter()
    value = read(data, report)
    assert time.perf_counter() - began < SLOWEST
    assert (value is None) == bool(report.errors)
    for problem in report:
        assert problem.place
        assert problem.place.file
        str(problem).encode()
        assert len(problem.message) < 1000
    return value is not None


@pytest.fixture(scope="module")
def shipped() -> Vocabulary:
    """Return the shipped vocabulary."""
    return read_vocabulary(Workspace(), Report())


def test_mutated_exercises_are_read_or_refused(shipped: Vocabulary) -> None:
    def read(data: bytes, report: Report) -> object:
        return parse_exercise(data, "squat", "squat.yaml", shipped, report)

    files = [path.read_bytes() for path in sorted((LIBRARY / "exercises").glob("*.yaml"))]
    sound = [assert_answers(read, data) for data in mutations(files, 5000, "exercises")]
    assert 0 < sum(sound) < len(sound)  # some survive, some do not: the accidents are real


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("conditions", Conditions),
        ("muscles", Muscles),
        ("precautions", GeneralPrecautions),
    ],
)
def test_mutated_vocabularies_are_read_or_refused(name: str, model: Any) -> None:  # noqa: ANN401
    def read(data: bytes, report: Report) -> object:
        source = read_yaml(data, f"{name}.yaml", report)
        checked = None if source is None else check_model(model, source.data, source, report)
        return None if report.errors else checked

    file = (LIBRARY / f"{name}.yaml").read_bytes()
    sound = [assert_answers(read, data) for data in mutations([file], 250, name)]
    assert 0 < sum(sound) < len(sound)


def test_mutated_settings_are_read_or_refused() -> None:
    def read(data: bytes, report: Report) -> object:
        return parse_settings(data, "handouts.toml", report)

    sound = [assert_answers(read, data) for data in mutations([SETTINGS], 1500, "settings")]
    assert 0 < sum(sound) < len(sound)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "svg"])
def test_mutated_pictures_are_loaded_or_refused(kind: str) -> None:
    def read(data: bytes, report: Report) -> object:
        suffix = ".svg" if kind == "svg" else ".png"
        return load_picture(data, suffix, "picture", None, report)

    buffer = io.BytesIO(SVG if kind == "svg" else b"")
    if kind != "svg":
        Image.effect_noise((24, 24), 50).convert("RGB").save(buffer, kind)
    for data in mutations([buffer.getvalue()], 400, kind):
        report = Report()
        assert (read(data, report) is None) == bool(report.errors)


HOSTILE = {
    "brackets": b"[" * 900_000,
    "braces": b"{" * 900_000,
    "brackets on lines": b"[\n" * 400_000,
    "question marks": b"? " * 400_000,
    "dashes": b"- " * 400_000,
    "dashes on lines": b"- \n" * 300_000,
    "keys": b"".join(b"k%d: v\n" % number for number in range(80_000)),
    "one long scalar": b"a: " + b"x" * 900_000,
    "one long key": b"x" * 900_000 + b": a",
    "quotes": b'a: "' + b"\\n" * 400_000 + b'"',
    "comments": b"# x\n" * 200_000 + b"a: b",
    "blank lines": b"a: |\n" + b"\n" * 900_000,
    "steps": b"steps:\n" + b"- {title: a, do: b}\n" * 3000,
    "unknown keys": b"".join(b"nam%d: v\n" % number for number in range(9000)),
    "unknown muscles": b"muscles: {primary: [" + b"glutes, " * 15_000 + b"]}",
    "unknown conditions": b"avoid:\n" + b"- {condition: sore-knee, level: avoid}\n" * 3000,
    "bad escapes": b"a: [" + b'"\\a", ' * 15_000 + b"]",
    "a long dose": b'dose: {strength: "3' + b" " * 900_000 + b'!"}',
    "a long number": b"version: " + b"9" * 900_000,
    "a long address": b"video: http://" + b"a." * 400_000,
    "a long slug": b"avoid: [{condition: " + b"a-" * 400_000 + b"b, level: avoid, why: x}]",
    "tags": b"a: [" + b"!x y, " * 10_000 + b"]",
    "directives": b"%TAG ! x\n" * 50_000,
    "lines": b"a: " + b"x\n  " * 200_000,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_refused_in_time(data: bytes, shipped: Vocabulary) -> None:
    def read(data: bytes, report: Report) -> object:
        return parse_exercise(data, "squat", "squat.yaml", shipped, report)

    assert not assert_answers(read, data)


def test_the_fuzz_catches_what_it_should() -> None:
    def raises(data: bytes, _: Report) -> object:
        return data.decode("ascii")

    with pytest.raises(UnicodeDecodeError):
        assert_answers(raises, b"\xff")
    with pytest.raises(AssertionError):
        assert_answers(lambda _data, _report: None, b"silent")
