"""``handouts render``: each flag, where the pages go, and what stops them."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pikepdf
import pypdfium2
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Handouts = Callable[..., subprocess.CompletedProcess[str]]

HINGE = "hip-hinge"
SLUGS = [
    "hip-hinge",
    "resistance-band-leg-lift",
    "single-leg-deadlift",
    "single-leg-hip-thrust",
    "standing-hip-extension-hold",
]


def text_of(pdf: bytes) -> str:
    """Return the text of all pages, with single spaces."""
    document = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    return " ".join(" ".join(texts).split())


def test_each_path_is_printed_and_nothing_else(nowhere: Path, handouts: Handouts) -> None:
    ran = handouts("render", "hip-hinge", "single-leg-deadlift")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "output/hip-hinge.pdf\noutput/single-leg-deadlift.pdf\n"
    assert sorted(file.name for file in (nowhere / "output").iterdir()) == [
        "hip-hinge.pdf",
        "single-leg-deadlift.pdf",
    ]
    assert "Hip hinge" in text_of((nowhere / "output/hip-hinge.pdf").read_bytes())


def test_all_is_every_exercise_of_library_and_workspace(
    workspace: Path, handouts: Handouts
) -> None:
    ran = handouts("render", "--all")
    assert ran.returncode == 0
    assert ran.stdout.split() == [f"output/{slug}.pdf" for slug in sorted([*SLUGS, "squat"])]
    assert all((workspace / path).is_file() for path in ran.stdout.split())


def test_a_slug_said_twice_is_made_once(nowhere: Path, handouts: Handouts) -> None:
    assert handouts("render", HINGE, HINGE).stdout == "output/hip-hinge.pdf\n"
    assert nowhere.is_dir()


@pytest.mark.parametrize("words", [[], [HINGE, "--all"]])
def test_either_names_or_all(nowhere: Path, handouts: Handouts, words: list[str]) -> None:
    ran = handouts("render", *words)
    assert ran.returncode == 2
    assert "name the exercises to render, or say --all (not both)" in ran.stderr
    assert list(nowhere.iterdir()) == []


@pytest.mark.parametrize(
    ("flags", "width", "pages"),
    [
        ([], 595, 2),
        (["--paper", "letter"], 612, 2),
        (["--size", "large"], 595, 3),
        (["--detail", "full"], 595, 3),
        (["--theme", "gym"], 595, 2),
        (["--ink", "mono"], 595, 2),
    ],
    ids=str,
)
def test_each_flag_changes_the_page(
    nowhere: Path, handouts: Handouts, flags: list[str], width: int, pages: int
) -> None:
    assert handouts("render", HINGE, *flags).returncode == 0
    data = (nowhere / "output/hip-hinge.pdf").read_bytes()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert int(pdf.pages[0].mediabox[2]) == width
        assert len(pdf.pages) >= pages
    assert colours_of(data) == (1 if "mono" in flags else 3)


def colours_of(pdf: bytes) -> int:
    """Return the number of channels that the first page needs: 1 where all of it is grey."""
    document = pypdfium2.PdfDocument(pdf)
    picture = document[0].render(scale=0.5, optimize_mode=None).to_pil().convert("RGB")
    document.close()
    return 3 if any(max(rgb) - min(rgb) > 8 for _, rgb in picture.getcolors(1_000_000)) else 1


@pytest.mark.parametrize(
    ("flag", "value", "said"),
    [
        ("--paper", "a5", "'a5' is not one of 'a4', 'letter'"),
        ("--size", "huge", "'huge' is not one of"),
        ("--ink", "red", "'red' is not one of"),
        ("--detail", "brief", "'brief' is not one of"),
    ],
)
def test_a_wrong_value_of_a_flag_is_a_usage_error(
    nowhere: Path, handouts: Handouts, flag: str, value: str, said: str
) -> None:
    ran = handouts("render", HINGE, flag, value)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert list(nowhere.iterdir()) == []


@pytest.mark.parametrize("name", ["gim", "../gym", "", "a" * 300, "a\0b"])
def test_an_unknown_theme_is_a_problem(nowhere: Path, handouts: Handouts, name: str) -> None:
    ran = handouts("render", HINGE, "--theme", name)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "error[unknown-theme]" in ran.stderr
    assert 'did you mean "gym"?' in ran.stderr or name not in {"gim", "../gym"}
    assert list(nowhere.iterdir()) == []


def test_unknown_exercises_are_suggested_all_at_once(nowhere: Path, handouts: Handouts) -> None:
    ran = handouts("render", "hip-hing", "single-leg-dedlift", HINGE)
    assert ran.stdout == ""
    assert 'there is no exercise "hip-hing"\n  hint: did you mean "hip-hinge"?' in ran.stderr
    assert 'hint: did you mean "single-leg-deadlift"?' in ran.stderr
    assert ran.stderr.endswith("2 errors\n")
    assert ran.returncode in {2, 3}
    assert list(nowhere.iterdir()) == []


# ── The client's own ──────────────────────────────────────────────────────────────────────────────


def test_dose_and_client_are_printed(nowhere: Path, handouts: Handouts) -> None:
    ran = handouts("render", HINGE, "--dose", "2-3 x 8", "--client", "  Zoë \t Green ")
    assert ran.returncode == 0
    text = text_of((nowhere / "output/hip-hinge.pdf").read_bytes())
    assert "Your dose 2–3 sets of 8" in text
    assert text.count("Hip hinge · For Zoë Green") == 2


@pytest.mark.parametrize(
    ("dose", "code", "said"),
    [
        ("3 ×", "dose-incomplete", "has no repetitions"),
        ("lots", "dose-unknown", '"lots" is not a dose'),
        ("3 × 10–8", "dose-backwards", "10–8 runs backwards"),
        ("", "dose-unknown", "is not a dose"),
        ("99999 × 10", "dose-unknown", "is not a dose"),
        ("3 × 10" * 100, "dose-unknown", "too long"),
    ],
)
def test_a_wrong_dose_is_a_usage_error(
    nowhere: Path, handouts: Handouts, dose: str, code: str, said: str
) -> None:
    ran = handouts("render", HINGE, "--dose", dose)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert f"error[{code}] --dose: " in ran.stderr
    assert said in ran.stderr
    assert "hint: " in ran.stderr
    assert list(nowhere.iterdir()) == []


@pytest.mark.parametrize("name", ["", "   ", "Sam\x00", "Sam\x1b[31m", "Sam\u202egreen", "\ud800"])
def test_a_name_with_control_characters_is_a_usage_error(
    nowhere: Path, handouts: Handouts, name: str
) -> None:
    ran = handouts("render", HINGE, "--client", name)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "error[bad-name] --client: " in ran.stderr
    assert "\x1b" not in ran.stderr
    assert list(nowhere.iterdir()) == []


def test_a_name_that_no_font_has_is_a_problem(nowhere: Path, handouts: Handouts) -> None:
    # Vithkuqi, an alphabet of 1844 that Unicode has since 2021.
    ran = handouts("render", HINGE, "--client", "\U00010570")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "error[missing-glyph] no font has \U00010570 (U+10570)" in ran.stderr
    assert not (nowhere / "output").exists()


# ── Where to ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("output", "written"),
    [
        ("mine", "mine/hip-hinge.pdf"),
        ("mine/deep/", "mine/deep/hip-hinge.pdf"),
        ("mine/today.pdf", "mine/today.pdf"),
        (".", "hip-hinge.pdf"),
    ],
)
def test_output_is_a_folder_or_a_file(
    nowhere: Path, handouts: Handouts, output: str, written: str
) -> None:
    ran = handouts("render", HINGE, "--output", output)
    assert (ran.returncode, ran.stdout) == (0, f"{written}\n")
    assert (nowhere / written).read_bytes().startswith(b"%PDF-")


def test_a_folder_that_looks_like_a_file_is_a_folder(nowhere: Path, handouts: Handouts) -> None:
    (nowhere / "odd.pdf").mkdir()
    assert handouts("render", HINGE, "--output", "odd.pdf").stdout == "odd.pdf/hip-hinge.pdf\n"


def test_output_goes_below_the_workspace(
    workspace: Path, handouts: Handouts, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / "deeper").mkdir()
    monkeypatch.chdir(workspace / "deeper")
    assert handouts("render", "squat").returncode == 0
    assert (workspace / "output" / "squat.pdf").is_file()
    assert list((workspace / "deeper").iterdir()) == []


def test_another_workspace_is_named_by_c(
    workspace: Path, handouts: Handouts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    ran = handouts("-C", workspace, "render", "squat")
    assert ran.returncode == 0
    assert ran.stdout == f"{workspace}/output/squat.pdf\n"


def test_a_dash_writes_to_standard_output(nowhere: Path) -> None:
    command = [sys.executable, "-m", "handouts", "render", HINGE, "--output", "-"]
    done = subprocess.run(command, cwd=nowhere, capture_output=True, check=True)
    assert done.stdout.startswith(b"%PDF-")
    assert done.stdout.rstrip().endswith(b"%%EOF")
    assert done.stderr == b""
    assert list(nowhere.iterdir()) == []


@pytest.mark.parametrize("output", ["-", "one.pdf"])
def test_one_file_takes_one_exercise(nowhere: Path, handouts: Handouts, output: str) -> None:
    ran = handouts("render", "--all", "--output", output)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert f"--output {output} takes one exercise; name a folder instead" in ran.stderr
    assert list(nowhere.iterdir()) == []


@pytest.mark.parametrize("output", ["page.html", "taken"])
def test_an_output_that_is_neither_folder_nor_pdf_is_a_usage_error(
    nowhere: Path, handouts: Handouts, output: str
) -> None:
    (nowhere / "taken").write_text("a file", encoding="utf-8")
    ran = handouts("render", HINGE, "--output", output)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert f"--output {output} is neither a folder nor a .pdf file" in ran.stderr


def test_a_folder_that_cannot_be_written_is_a_problem(nowhere: Path, handouts: Handouts) -> None:
    (nowhere / "file").write_text("in the way", encoding="utf-8")
    ran = handouts("render", HINGE, "--output", "file/below")
    assert ran.returncode == 3
    assert "error[cannot-write]" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_an_unchanged_page_is_not_written_anew(nowhere: Path, handouts: Handouts) -> None:
    handouts("render", HINGE)
    file = nowhere / "output" / "hip-hinge.pdf"
    os.utime(file, (1, 1))
    assert handouts("render", HINGE).stdout == "output/hip-hinge.pdf\n"
    assert file.stat().st_mtime == 1


def test_open_opens_each_page(
    nowhere: Path, handouts: Handouts, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("click.launch", opened.append)
    assert handouts("render", HINGE, "--open").returncode == 0
    assert [nowhere / path for path in opened] == [nowhere / "output" / "hip-hinge.pdf"]


# ── HTML ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("theme", ["clear", "gym"])
def test_html_needs_no_other_file_and_makes_the_same_page(
    workspace: Path, handouts: Handouts, theme: str
) -> None:
    logo = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4"/></svg>'
    (workspace / "logo.svg").write_text(logo, encoding="utf-8")
    settings = '[trainer]\nname = "Ann"\nlogo = "logo.svg"\n'
    (workspace / "handouts.toml").write_text(settings, encoding="utf-8")
    ran = handouts("render", HINGE, "--html", "--theme", theme)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "output/hip-hinge.html\n", "")
    html = (workspace / "output/hip-hinge.html").read_text(encoding="utf-8")
    named = re.findall(r"url\(\s*[\"']?([^\"')]*)|(?:src|href)=\"([^\"]*)\"", html)
    addresses = [address for pair in named for address in pair if address]
    assert len(addresses) > 10
    assert {address.partition(":")[0] for address in addresses} == {"data"}
    assert "@import" not in html

    import weasyprint

    assert handouts("render", HINGE, "--theme", theme).returncode == 0
    ours = text_of((workspace / "output/hip-hinge.pdf").read_bytes())
    plain = text_of(weasyprint.HTML(string=html).write_pdf())
    # The foot is printed after layout, and what does not fit on a side of the sheet is not.
    ours = re.sub(r" Hip hinge Page \d of 2", "", ours)
    assert plain.replace(" Notes", "").startswith(ours.replace(" Notes", ""))


def test_html_takes_a_file_or_standard_output(nowhere: Path, handouts: Handouts) -> None:
    assert handouts("render", HINGE, "--html", "--output", "a.html").stdout == "a.html\n"
    command = [sys.executable, "-m", "handouts", "render", HINGE, "--html", "--output", "-"]
    done = subprocess.run(command, cwd=nowhere, capture_output=True, check=True)
    assert done.stdout == (nowhere / "a.html").read_bytes()


# ── What stops it ─────────────────────────────────────────────────────────────────────────────────


def test_all_problems_come_at_once_and_nothing_is_written(
    workspace: Path, handouts: Handouts
) -> None:
    sound = (workspace / "exercises/squat.yaml").read_text(encoding="utf-8")
    for slug, old, new in (
        ("lunge", "position: standing", "position: upright"),
        ("plank", "[quadriceps]", "[quadracepts]"),
        ("bridge", "Bend your knees.]", "Bend your knees.], figure: {file: gone.png, alt: x}"),
    ):
        assert old in sound
        text = sound.replace(old, new)
        (workspace / f"exercises/{slug}.yaml").write_text(text, encoding="utf-8")
    (workspace / "handouts.toml").write_text('[print]\npaper = "a5"\n', encoding="utf-8")
    ran = handouts("render", "lunge", "plank", "bridge", HINGE)
    assert (ran.returncode, ran.stdout) == (3, "")
    for place in ("lunge.yaml:3:", "plank.yaml:4:", "bridge.yaml", "handouts.toml:2:"):
        assert place in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (workspace / "output").exists()


def test_one_bad_page_keeps_all_from_being_written(workspace: Path, handouts: Handouts) -> None:
    (workspace / "templates" / "parts").mkdir(parents=True)
    (workspace / "templates/parts/avoid.html.j2").write_text("", encoding="utf-8")
    ran = handouts("render", "--all")
    assert (ran.returncode, ran.stdout) == (3, "")
    for slug in ("hip-hinge", "squat"):
        assert re.search(rf"{slug}\.yaml: error\[text-lost\] avoid\[0\]", ran.stderr)
    assert not (workspace / "output").exists()


@pytest.mark.parametrize("what", ["picture", "logo"])
@pytest.mark.parametrize("path", ["../secret.svg", "linked.svg", "/etc/hostname", "file:///x.png"])
def test_a_picture_of_outside_is_refused(
    workspace: Path, handouts: Handouts, tmp_path_factory: pytest.TempPathFactory,
    what: str, path: str,
) -> None:  # fmt: skip
    secret = tmp_path_factory.mktemp("outside") / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    (workspace / "linked.svg").symlink_to(secret)
    if what == "logo":
        settings = f"[trainer]\nlogo = {json.dumps(path)}\n"
        (workspace / "handouts.toml").write_text(settings, encoding="utf-8")
    else:
        file = workspace / "exercises/squat.yaml"
        figure = f"Bend your knees.]\n    figure: {{file: {json.dumps(path)}, alt: x}}"
        text = file.read_text(encoding="utf-8").replace("Bend your knees.]", figure)
        file.write_text(text, encoding="utf-8")
    ran = handouts("render", "squat")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "error[picture-" in ran.stderr
    assert not (workspace / "output").exists()


def test_a_warning_is_told_and_strict_makes_it_fail(workspace: Path, handouts: Handouts) -> None:
    (workspace / "styles").mkdir()
    (workspace / "styles/custom.css").write_text("h1 { colr: red }", encoding="utf-8")
    ran = handouts("render", "squat", HINGE, "--strict")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.count("warning[css-ignored]") == 1
    assert not (workspace / "output").exists()
    for _ in range(2):  # laid out, and from the shelf
        ran = handouts("render", "squat")
        assert (ran.returncode, ran.stdout) == (0, "output/squat.pdf\n")
        assert ran.stderr.count("warning[css-ignored]") == 1
    assert handouts("render", "squat", "--strict").returncode == 3


def test_untranslated_words_are_told(workspace: Path, handouts: Handouts) -> None:
    words = workspace / "templates" / "words"
    words.mkdir(parents=True)
    (words / "de.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Notes"\nmsgstr "Notizen"\n\nmsgid "Tips"\nmsgstr ""\n',
        encoding="utf-8",
    )
    file = workspace / "exercises/squat.yaml"
    file.write_text(f"language: de\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
    for flags in ([], ["--html"]):
        ran = handouts("render", "squat", *flags)
        assert ran.returncode == 0
        assert "de.po: warning[words-missing] 1 of " in ran.stderr
    assert 'lang="de"' in (workspace / "output/squat.html").read_text(encoding="utf-8")
    with pikepdf.open(workspace / "output/squat.pdf") as pdf:
        assert str(pdf.Root.Lang) == "de"


# ── What it says ──────────────────────────────────────────────────────────────────────────────────


def test_v_names_the_hops_on_stderr(nowhere: Path) -> None:
    command = [sys.executable, "-m", "handouts", "-v", "render", HINGE]
    environment = {**os.environ, "HANDOUTS_CACHE_DIR": str(nowhere / "cache")}
    hops = []
    for _ in range(2):
        done = subprocess.run(
            command, cwd=nowhere, env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout == "output/hip-hinge.pdf\n"
        hops.append([line.split()[0] for line in done.stderr.splitlines()])
    assert hops == [["source", "theme", "press", "bind"], ["shelf"]]


@pytest.mark.skipif(os.name == "nt", reason="a terminal of POSIX")
def test_a_terminal_shows_progress_on_stderr_only(nowhere: Path) -> None:
    import pty

    def watch(*words: str) -> tuple[str, str]:
        leader, follower = pty.openpty()
        command = [sys.executable, "-m", "handouts", "render", *words]
        environment = {**os.environ, "TERM": "xterm", "HANDOUTS_CACHE_DIR": str(nowhere / "c")}
        with subprocess.Popen(
            command, cwd=nowhere, env=environment, stdout=subprocess.PIPE, stderr=follower
        ) as process:
            os.close(follower)
            seen = b""
            while True:
                try:
                    chunk = os.read(leader, 4096)
                except OSError:  # Linux's way to say that the other end is closed
                    break
                if not chunk:
                    break
                seen += chunk
            assert process.stdout
            out = process.stdout.read().decode()
        os.close(leader)
        assert process.returncode == 0, seen
        return out, seen.decode()

    out, err = watch(HINGE, "single-leg-deadlift")
    assert out == "output/hip-hinge.pdf\noutput/single-leg-deadlift.pdf\n"
    assert "Handouts" in err
    assert watch(HINGE) == ("output/hip-hinge.pdf\n", "")
