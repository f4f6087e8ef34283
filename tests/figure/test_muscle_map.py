"""The map shows every muscle of the vocabulary, told apart without colour, labelled and tagged."""

from __future__ import annotations

import re
from itertools import combinations, product
from time import perf_counter
from xml.etree import ElementTree as ET

import page
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handouts.assets import BODIES, FONTS, LIBRARY
from handouts.figure.hatch import scan_rows, trace_dots, trace_stripes
from handouts.figure.labels import LEADING, Label, lines_cross, measure_text, place_labels
from handouts.figure.map_plan import MOST_LABELS, POINT, group_muscles, plan_map
from handouts.figure.muscle_map import MapLook, MapWords, Role, draw_muscle_map
from handouts.figure.regions import GROUPS, HIGH, REGIONS, VIEWS, WIDE, load_body
from handouts.model.pose import Build
from handouts.press.engine import load_engine
from handouts.problem import Report
from handouts.source.library import read_exercise, read_vocabulary
from handouts.source.workspace import Workspace

VOCABULARY = read_vocabulary(Workspace(), Report())
MUSCLES = VOCABULARY.muscles
NAMES = {slug: muscle.name for slug, muscle in MUSCLES.items()}
KEY = {Role.PRIMARY: "Do the work", Role.ASSISTING: "Help", Role.STABILISING: "Keep you steady"}
WORDS = MapWords("Muscles at work", ("Front", "Back"), KEY)
SQUARE = ((0, 0), (40, 0), (40, 40), (0, 40))
EXERCISES = sorted((LIBRARY / "exercises").glob("*.yaml"))
roles_of_any = st.dictionaries(
    st.sampled_from(sorted(REGIONS)), st.sampled_from(list(Role)), min_size=1, max_size=14
)
LOOKS = [
    MapLook(width=174, mono=mono, build=build)
    for mono, build in product([False, True], list(Build))
]


def test_every_muscle_has_its_place_and_no_other_has() -> None:
    assert set(REGIONS) == set(MUSCLES)
    hidden = {slug for slug, parts in REGIONS.items() if not parts}
    assert hidden == {"pelvic-floor", "diaphragm"}


@pytest.mark.parametrize("build", list(Build))
def test_every_muscle_shows_on_both_builds(build: Build) -> None:
    body = load_body(build)
    for slug, parts in REGIONS.items():
        drawn = [part for part in parts if part.split()[1] in body[part.split()[0]].parts]
        assert bool(drawn) == bool(parts), slug
    rings = [ring for view in VIEWS for part in body[view].parts.values() for ring in part]
    points = [point for ring in rings for point in ring]
    points += [point for view in VIEWS for point in body[view].outline + body[view].hair]
    assert all(abs(x) < WIDE / 2 and 0 < y < HIGH for x, y in points)


def test_groups_are_of_the_vocabulary() -> None:
    assert set(GROUPS) <= set(MUSCLES)
    assert set().union(*GROUPS.values()) <= set(MUSCLES)


def test_the_data_has_its_licence_beside_it_and_a_line() -> None:
    assert "MIT License" in (BODIES / "LICENSE").read_text(encoding="utf-8")
    notice = (BODIES.parents[2] / "THIRD_PARTY.md").read_text(encoding="utf-8")
    assert "`handouts/library/body/`" in notice


@pytest.mark.parametrize("look", LOOKS)
def test_roles_differ_in_hatch_and_tone(look: MapLook) -> None:
    drawn = [draw_muscle_map({"hamstrings": role}, {}, look, MapWords("Map")) for role in Role]
    marks = [sorted(set(re.findall(r'fill="(#\w+)"|linecap="(\w+)"', svg))) for svg in drawn]
    assert len({str(mark) for mark in marks}) == 3
    # What is solid has no line work; stripes have flat ends, dots round ones.
    assert ["linecap" in svg for svg in drawn] == [False, False, True]
    hatched = [len(re.findall('fill="none" stroke="', svg)) for svg in drawn]
    assert hatched == [2, 3, 3]  # two outlines, and the hatch


def test_stripes_and_dots_stay_inside() -> None:
    for x, y, span, up in re.findall(r"M(-?\d+) (-?\d+)l(\d+)-(\d+)", trace_stripes([SQUARE], 5)):
        assert span == up
        assert 0 <= int(x) <= int(x) + int(span) <= 40
        assert 0 <= int(y) - int(span) <= int(y) <= 41
    dots = re.findall(r"M(-?\d+) (-?\d+)h", trace_dots([SQUARE], 8, 3))
    assert len(dots) > 15
    assert all(3 <= int(x) <= 37 and 0 <= int(y) <= 40 for x, y in dots)


def test_a_part_narrower_than_a_dots_step_still_has_dots() -> None:
    assert trace_dots([((1, 0), (6, 0), (6, 60), (1, 60))], 20, 4).count("M") == 4


def test_rows_are_even_where_a_corner_lies_on_one() -> None:
    diamond = [(0.0, 10.0), (10.0, 0.0), (20.0, 10.0), (10.0, 20.0)]
    assert [(y, right - left) for y, left, right in scan_rows(diamond, 5)] == [
        (0, 0),
        (5, 10),
        (10, 20),
        (15, 10),
    ]


@given(roles_of_any, st.sampled_from(LOOKS))
@settings(deadline=None, max_examples=200)
def test_labels_neither_overlap_nor_cross_nor_leave_the_map(
    roles: dict[str, Role], look: MapLook
) -> None:
    placed = plan_map(roles, NAMES, look, WORDS)
    size = look.size * POINT
    shown = {label.key for label in placed.labels}
    assert shown == set(group_muscles(roles, NAMES))
    for label in placed.labels:
        assert label.y - label.height(size) / 2 >= -0.01
        assert label.y + label.height(size) / 2 <= placed.foot + 0.01
        wide = max(measure_text(line, size) for line in label.lines) + 1
        port = placed.ports[label.right]
        assert port + wide <= look.width + 0.01 if label.right else port - wide >= -0.01
        assert abs(label.target[0] - placed.middles[label.right]) < WIDE / 2 * placed.scale
    for one, other in combinations(placed.labels, 2):
        if one.right is other.right:
            apart = abs(one.y - other.y)
            assert apart >= (one.height(size) + other.height(size)) / 2 - 0.01
        ports = placed.ports[one.right], placed.ports[other.right]
        if one.target != other.target:
            assert not lines_cross(
                (ports[0], one.y), one.target, (ports[1], other.y), other.target
            ), (one, other)


@given(roles_of_any, st.sampled_from(LOOKS))
@settings(deadline=None, max_examples=50)
def test_the_drawing_is_finite_and_equal_for_equal_input(
    roles: dict[str, Role], look: MapLook
) -> None:
    svg = draw_muscle_map(roles, NAMES, look, WORDS)
    assert svg == draw_muscle_map(dict(roles), NAMES, look, WORDS)
    assert not re.search("nan|inf|e[-+]?[0-9]{2}", re.sub("<t.*?</t|#[0-9a-f]+", "", svg))
    root = ET.fromstring(svg)  # noqa: S314  our own text
    assert root[0].text == "Muscles at work"
    assert "id=" not in svg


def read_roles(name: str) -> dict[str, Role]:
    file = next(file for file in EXERCISES if file.stem == name)
    exercise = read_exercise(file, file.name, VOCABULARY, Report())
    assert exercise is not None
    return {entry.muscle: role for role in Role for entry in getattr(exercise.muscles, role)}


@pytest.mark.parametrize("name", [file.stem for file in EXERCISES])
def test_shipped_exercises_have_few_labels_and_small_quick_maps(name: str) -> None:
    roles = read_roles(name)
    for look in LOOKS:
        assert 0 < len(plan_map(roles, NAMES, look, WORDS).labels) <= MOST_LABELS
        assert len(draw_muscle_map(roles, NAMES, look, WORDS).encode()) < 25_000
    begin = perf_counter()
    for _ in range(10):
        draw_muscle_map(roles, NAMES, LOOKS[0], WORDS)
    assert (perf_counter() - begin) / 10 < 0.05  # 2 ms measured; a busy machine gets its time


def test_too_many_muscles_share_labels_where_the_whole_has_a_name() -> None:
    roles = read_roles("standing-hip-extension-hold")
    assert len(roles) == 12
    shown = group_muscles(roles, NAMES)
    assert {"core", "ankle-stabilisers"} <= set(shown)
    assert "soleus" not in shown
    assert set(group_muscles(roles, {slug: slug for slug in roles})) == set(roles)


def test_the_stronger_role_is_painted() -> None:
    roles = {"core": Role.STABILISING, "lower-back": Role.PRIMARY}
    owners = plan_map(roles, {}, MapLook(width=70), WORDS).owners
    assert owners["back low-back"] == ("lower-back", Role.PRIMARY)
    assert owners["front belly"] == ("core", Role.STABILISING)


def test_without_names_the_bodies_fill_a_small_space() -> None:
    svg = draw_muscle_map({"quadriceps": Role.PRIMARY}, {}, MapLook(width=70), MapWords("Map"))
    assert 'width="70mm" height="60mm"' in svg
    assert "<text" not in svg


def test_a_map_too_narrow_for_its_names_is_refused() -> None:
    with pytest.raises(ValueError, match="50 mm is too narrow"):
        draw_muscle_map({"core": Role.PRIMARY}, NAMES, MapLook(width=50, size=18), WORDS)


def test_labels_that_would_cross_change_places() -> None:
    far = Label("far", ("far",), (30.0, 1.0), right=True)
    near = Label("near", ("near",), (5.0, 2.0), right=True)
    assert lines_cross((0.0, 2.4), far.target, (0.0, 2.4 + 4 * LEADING + 3), near.target)
    placed = place_labels([far, near], 0.0, 4.0, 60.0)
    assert [label.key for label in placed] == ["near", "far"]
    assert placed[1].y - placed[0].y >= 4 * LEADING


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_no_name_runs_wider_than_it_is_taken_for(weight: str) -> None:
    from fontTools.ttLib import TTFont

    folder = FONTS / "atkinson-hyperlegible-next"
    font = TTFont(folder / f"AtkinsonHyperlegibleNext-{weight}.ttf")
    glyphs, units = font.getBestCmap(), font["head"].unitsPerEm
    for name in NAMES.values():
        for text in (name, name.capitalize(), *name.split()):
            real = sum(font["hmtx"][glyphs[ord(letter)]][0] for letter in text) / units
            assert real <= measure_text(text, 1.0) <= 1.35 * real, text


def test_words_are_escaped() -> None:
    names = {"core": "core & <b>"}
    svg = draw_muscle_map({"core": Role.PRIMARY}, names, MapLook(width=174), MapWords("A < B & C"))
    assert "core &amp; &lt;b&gt;" in svg
    assert "<title>A &lt; B &amp; C</title>" in svg


@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[-1], MapLook(width=174, size=18)])
def test_a_document_with_maps_is_accessible_and_keeps_their_words(look: MapLook) -> None:
    import pypdfium2

    maps = [
        draw_muscle_map(read_roles(name), NAMES, look, WORDS)
        for name in ("hip-hinge", "standing-hip-extension-hold")
    ]
    html = (
        '<html lang="en"><head><title>Maps</title></head><body><h1>Maps</h1>'
        + "".join(f"<p>{svg}</p>" for svg in maps)
        + "</body></html>"
    )
    pdf = load_engine().HTML(string=html).write_pdf(pdf_variant="pdf/ua-1")
    found = page.validate_pdf_bytes(pdf, profile=page.ValidationProfile.PDF_UA_1)
    assert [failure.rule_id for failure in found.failures] == []
    document = pypdfium2.PdfDocument(pdf)
    text = " ".join(sheet.get_textpage().get_text_range() for sheet in document)
    for words in ("buttock muscles", "outer hip muscles", "Keep you steady", "Front"):
        assert words in " ".join(text.split())
