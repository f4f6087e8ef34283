"""Templates are strict and can print values, not run the program; a fault has its file and line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from handouts.problem import HandoutError
from handouts.theme.chain import make_chain
from handouts.theme.environment import fill_template, make_environment
from handouts.theme.words import read_words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from handouts.model.markup import Markup
    from handouts.problem import Problem

    Write = Callable[[str, str], Path]
    Dress = Callable[..., Markup]

HEADER = "parts/header.html.j2"


@pytest.fixture
def fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Write, dress: Dress
) -> Callable[[str], Problem]:
    """Return a function that prints a text in the header's place and returns what went wrong."""

    def fail(text: str, name: str = HEADER) -> Problem:
        monkeypatch.chdir(tmp_path)
        write(f"templates/{name}", text)
        with pytest.raises(HandoutError) as caught:
            dress(workspace=tmp_path)
        [problem] = caught.value.report
        return problem

    return fail


def test_base_extends_what_it_shadows_through_the_whole_chain(
    tmp_path: Path, write: Write, dress: Dress
) -> None:
    write("styles/themes/mine/theme.toml", "")
    theme = '{% extends "base/exercise.html.j2" %}{% block front %}<i>theme</i>{{ super() }}'
    own = '{% extends "base/exercise.html.j2" %}{% block front %}<i>own</i>{{ super() }}'
    write("styles/themes/mine/templates/exercise.html.j2", f"{theme}{{% endblock %}}")
    html = dress(workspace=tmp_path, theme="mine").html
    assert re.search(r'<main class="front"[^>]*>\s*<i>theme</i>\s*<header', html)
    write("templates/exercise.html.j2", f"{own}{{% endblock %}}")
    html = dress(workspace=tmp_path, theme="mine").html
    assert re.search(r'<main class="front"[^>]*>\s*<i>own</i><i>theme</i>\s*<header', html)
    assert html.count("<h1>") == 1


def test_base_includes_the_part_that_it_shadows(tmp_path: Path, write: Write, dress: Dress) -> None:
    write(f"templates/{HEADER}", f'{{% include "base/{HEADER}" %}}<p>Our studio</p>')
    html = dress(workspace=tmp_path).html
    assert html.index("<h1>Hip hinge</h1>") < html.index("<p>Our studio</p>")


def test_a_template_that_came_or_went_is_noticed(
    tmp_path: Path, write: Write, dress: Dress
) -> None:
    """In one process, as a batch or a watching editor would be."""
    shipped = dress(workspace=tmp_path).html
    file = write(f"templates/{HEADER}", "<h1>Mine</h1>")
    assert "<h1>Mine</h1>" in dress(workspace=tmp_path).html
    write(f"templates/{HEADER}", "<h1>Mine, changed</h1>")
    assert "<h1>Mine, changed</h1>" in dress(workspace=tmp_path).html
    file.unlink()
    assert dress(workspace=tmp_path).html == shipped
    file = write("templates/parts/extra.html.j2", "extra")
    write(f"templates/{HEADER}", '{% include "parts/extra.html.j2" %}')
    assert "extra" in dress(workspace=tmp_path).html
    file.unlink()
    with pytest.raises(HandoutError, match="template-missing"):
        dress(workspace=tmp_path)


def test_nothing_is_behind_the_last_layer(fail: Callable[..., Problem]) -> None:
    problem = fail('{% include "base/parts/mine.html.j2" %}')
    assert problem.code == "template-missing"
    assert 'no template "base/parts/mine.html.j2"' in problem.message


def test_an_undefined_value_is_an_error_with_its_line(
    fail: Callable[..., Problem],
) -> None:
    problem = fail("<p>one</p>\n<p>{{ exercise.nmae }}</p>\n")
    assert problem.code == "template-undefined"
    assert "nmae" in problem.message
    assert str(problem.place) == f"templates/{HEADER}:2"
    assert "docs/themes.md" in problem.hint


def test_a_fault_of_syntax_is_an_error_with_its_line(
    fail: Callable[..., Problem],
) -> None:
    problem = fail("<p>\n\n{% if %}\n")
    assert problem.code == "template-syntax"
    assert str(problem.place) == f"templates/{HEADER}:3"


def test_a_missing_part_is_an_error_with_its_line(
    fail: Callable[..., Problem],
) -> None:
    problem = fail('\n{% include "parts/gone.html.j2" %}')
    assert problem.code == "template-missing"
    assert 'no template "parts/gone.html.j2"' in problem.message
    assert str(problem.place) == f"templates/{HEADER}:2"


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ ''['__class__'] }}",
        "{{ ''|attr('__class__') }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ self.__init__.__globals__ }}",
        "{{ _.__globals__ }}",
        "{{ exercise.__class__.__init__.__globals__ }}",
        "{{ '{0.__class__}'.format(exercise) }}",
        "{{ [exercise]|map(attribute='__class__')|join }}",
        "{{ exercise.dose.clear() }}",
        "{{ exercise.dose.update({1: 2}) }}",
        "{{ exercise.model_construct() }}",
        "{{ exercise.model_copy(update={'avoid': ()}) }}",
        "{{ exercise.parse_file('/etc/passwd') }}",
        "{{ trainer.parse_raw('I1\n.', content_type='pickle', allow_pickle=True) }}",
        "{{ [exercise]|map(attribute='parse_raw')|join }}",
        "{{ exercise|attr('parse_raw') }}",
        "{{ '{0.parse_raw}'.format(exercise) }}",
        "{{ words.catalogue.install() }}",
        "{{ words.report.add('a', 'b') }}",
        "{{ 'x' * 10**10 }}",
        "{{ 'x' * 10000000000 }}",
        "{{ 10000000000 * [1] }}",
        "{{ 9 ** 9 ** 9 }}",
    ],
)
def test_a_template_cannot_reach_the_program(fail: Callable[..., Problem], text: str) -> None:
    problem = fail(text)
    assert problem.code == "template-unsafe"
    assert "header.html.j2:1" in str(problem.place)


def test_a_template_cannot_run_a_pickle(tmp_path: Path, fail: Callable[..., Problem]) -> None:
    """Pydantic's parse_raw would run any program that a text names."""
    proof = tmp_path / "proof"
    pickled = f"cos\nsystem\n(S'touch {proof}'\ntR."
    fail(f"{{{{ exercise.parse_raw({pickled!r}, content_type='pickle', allow_pickle=True) }}}}")
    assert not proof.exists()


@pytest.mark.parametrize(
    "name", ["../handouts.toml", "/etc/passwd", "parts/../../handouts.toml", "base/../x", "@9/x"]
)
def test_a_template_cannot_include_a_file_of_elsewhere(
    write: Write, fail: Callable[..., Problem], name: str
) -> None:
    write("handouts.toml", "")
    assert fail(f'{{% include "{name}" %}}').code == "template-missing"


def test_a_link_is_no_way_out(tmp_path: Path, fail: Callable[..., Problem]) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "linked").symlink_to("/etc/passwd")
    assert fail('{% include "linked" %}').code == "template-missing"


@pytest.mark.parametrize("way", ["include", "extends"])
def test_a_template_that_names_itself_without_end_is_an_error(
    fail: Callable[..., Problem], way: str
) -> None:
    problem = fail(f'{{% {way} "{HEADER}" %}}')
    assert problem.code == "template-failed"
    assert problem.message == "this template includes itself without end"
    assert HEADER in str(problem.place)


@pytest.mark.parametrize(
    "text",
    [
        "{{ 1 / 0 }}",
        "{{ 'a' + 1 }}",
        "{{ 'x' | picture }}",
        "{{ 'x' | muscle_name }}",
        "{{ 3 | dose_words }}",
        "{{ 'x' | term }}",
        "{{ 3 | date_words }}",
        "{{ range(1000000) }}",
        "{{ [1] | map('nothing') | list }}",
        "{{ 'x' | int | truncate }}",
    ],
)
def test_whatever_a_template_gets_wrong_is_a_problem(
    fail: Callable[..., Problem], text: str
) -> None:
    problem = fail(f"\n{text}")
    assert problem.code in {"template-failed", "template-syntax"}
    assert problem.message
    assert str(problem.place).endswith("header.html.j2:2")


def test_a_filter_of_a_fixed_text_says_what_it_says_now(tmp_path: Path, write: Write) -> None:
    """Each exercise has its own filters, and templates are compiled once for all."""
    write("templates/fixed.html.j2", "{{ 'hold'|drawing }}{% set x = 'hold'|drawing %} {{ x }}")
    chain = make_chain("clear", tmp_path)
    environment = make_environment(chain, read_words(chain, "en"))
    for slug in ("squat", "bridge"):
        environment.filters["drawing"] = f"{slug}-{{}}".format
        filled = fill_template(environment, "fixed.html.j2", {})
        assert filled == f"{slug}-hold {slug}-hold"


def test_a_template_in_another_encoding_is_a_problem(tmp_path: Path, dress: Dress) -> None:
    (tmp_path / "templates" / "parts").mkdir(parents=True)
    (tmp_path / "templates" / HEADER).write_bytes("<p>Füße</p>".encode("latin-1"))
    with pytest.raises(HandoutError, match=r"(?s)header\.html\.j2.*UTF-8"):
        dress(workspace=tmp_path)


def test_what_is_printed_is_escaped(dress: Dress, read: Callable[..., object]) -> None:
    html = dress(read(name="<script>alert(1)</script> & more")).html
    assert "<h1>&lt;script&gt;alert(1)&lt;/script&gt; &amp; more</h1>" in html
    assert "<title>&lt;script&gt;" in html
    assert "<script" not in html
