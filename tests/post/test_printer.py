"""PDFs say how they are printed; CUPS, a real one where it is installed, is told exactly that.

The real one is Debian's (``apt-get install cups cups-client``), run as a process of the tests' own
with its own spool, printing to a network printer that the tests play.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest

from handouts.batch.manifest import Entry, write_manifest
from handouts.bind.impose import impose_folded
from handouts.bind.protect import protect_pdf
from handouts.cli import main
from handouts.model.settings import Paper
from handouts.post.printer import Cups, Printer, PrintVerb, choose_printer, find_system
from handouts.post.sheets import PrintJob, Sides, Wanted, plan_job
from handouts.problem import ExitCode, HandoutError, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

A4_PAGE, LETTER_PAGE, A5_PAGE = (595.28, 841.89), (612.0, 792.0), (419.53, 595.28)
CUPSD = shutil.which("cupsd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
CUPS_FILES = """\
ServerRoot {folder}/etc
RequestRoot {folder}/spool
CacheDir {folder}/cache
StateDir {folder}/run
TempDir {folder}/tmp
AccessLog {folder}/access
ErrorLog {folder}/error
PageLog {folder}/page
SystemGroup root
"""
CUPS_CONFIGURATION = """\
Listen {folder}/run/sock
WebInterface No
Browsing Off
DefaultAuthType None
<Location />
  Allow all
</Location>
<Policy default>
  JobPrivateAccess all
  JobPrivateValues none
  <Limit All>
    Allow all
  </Limit>
</Policy>
"""


def make_pdf(
    pages: int = 2, size: tuple[float, float] = A4_PAGE, rotate: int = 0, **shown: str
) -> bytes:
    """Return a PDF of empty pages that says this to a print window."""
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page(page_size=size).obj.Rotate = rotate
        names = {f"/{key}": pikepdf.Name(f"/{value}") for key, value in shown.items()}
        if names:
            pdf.Root.ViewerPreferences = pikepdf.Dictionary(names)
        target = io.BytesIO()
        pdf.save(target, deterministic_id=True)
    return target.getvalue()


def look(
    folder: Path, data: bytes, *, two_sided: bool | None = None
) -> tuple[PrintJob | None, list[str]]:
    """Return the print job of a file with these bytes, and the codes of what is wrong with it."""
    (folder / "plan.pdf").write_bytes(data)
    report = Report()
    job = plan_job(Wanted(folder / "plan.pdf", "plan.pdf"), report, two_sided=two_sided)
    return job, [problem.code for problem in report]


def plan(folder: Path, data: bytes, *, two_sided: bool | None = None) -> PrintJob:
    job, codes = look(folder, data, two_sided=two_sided)
    assert codes == []
    assert job
    return job


@pytest.mark.parametrize(
    ("data", "pages", "sheets", "sides", "paper", "full_size"),
    [
        (make_pdf(), 2, 1, Sides.LONG, "A4", False),
        (make_pdf(1), 1, 1, Sides.ONE, "A4", False),
        (make_pdf(15, LETTER_PAGE), 15, 8, Sides.LONG, "Letter", False),
        (make_pdf(4, Duplex="DuplexFlipShortEdge"), 4, 2, Sides.SHORT, "A4", False),
        (make_pdf(4, Duplex="Simplex"), 4, 4, Sides.ONE, "A4", False),
        (make_pdf(Duplex="DuplexFlipLongEdge", PrintScaling="None"), 2, 1, Sides.LONG, "A4", True),
        (make_pdf(Duplex="Sideways", PrintScaling="Huge"), 2, 1, Sides.LONG, "A4", False),
        (make_pdf(2, A4_PAGE[::-1]), 2, 1, Sides.SHORT, "A4", False),
        (make_pdf(2, A4_PAGE[::-1], 90), 2, 1, Sides.LONG, "A4", False),
        (make_pdf(2, A5_PAGE), 2, 1, Sides.LONG, "", False),
    ],
)
def test_a_file_says_how_it_is_printed(  # noqa: PLR0913, PLR0917  the facts
    tmp_path: Path,
    data: bytes,
    pages: int,
    sheets: int,
    sides: Sides,
    paper: str,
    full_size: bool,  # noqa: FBT001
) -> None:
    job = plan(tmp_path, data)
    found = (job.pages, job.sheets, job.sides, job.paper, job.full_size)
    assert found == (pages, sheets, sides, paper, full_size)


def test_a_folded_booklet_is_flipped_on_the_short_edge(tmp_path: Path) -> None:
    job = plan(tmp_path, impose_folded(make_pdf(12), Paper.A4))
    assert (job.pages, job.sheets) == (6, 3)
    assert job.way == "both sides, flipped on the short edge, full size"


def test_the_command_line_decides_on_sides(tmp_path: Path) -> None:
    folded = impose_folded(make_pdf(12), Paper.A4)
    assert plan(tmp_path, folded, two_sided=False).sides is Sides.ONE
    assert plan(tmp_path, folded, two_sided=False).sheets == 6
    assert plan(tmp_path, folded, two_sided=True).sides is Sides.SHORT
    assert plan(tmp_path, make_pdf(1), two_sided=True).sides is Sides.LONG
    assert plan(tmp_path, make_pdf(Duplex="Simplex"), two_sided=True).sides is Sides.LONG


def test_pages_of_several_papers_are_on_no_one_paper(tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        for size in (A4_PAGE, LETTER_PAGE):
            pdf.add_blank_page(page_size=size)
        target = io.BytesIO()
        pdf.save(target)
    assert plan(tmp_path, target.getvalue()).paper == ""


def _forbid_printing() -> bytes:
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(make_pdf())) as pdf:
        allow = pikepdf.Permissions(print_lowres=False, print_highres=False)
        pdf.save(target, encryption=pikepdf.Encryption(owner="ann", user="", allow=allow))
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-file"),
        (b"PK\x03\x04 a letter", "not-a-pdf"),
        (b"%PDF-1.7\nnothing of the kind", "not-a-pdf"),
        (make_pdf(0), "not-a-pdf"),
        (protect_pdf(make_pdf(), "tulip"), "locked-pdf"),
        (_forbid_printing(), "locked-pdf"),
    ],
    ids=["empty", "no PDF", "damaged", "no pages", "password", "forbidden"],
)
def test_what_cannot_be_printed_is_told(tmp_path: Path, data: bytes, code: str) -> None:
    assert look(tmp_path, data) == (None, [code])


def test_odd_pages_are_printed_on_what_paper_there_is(tmp_path: Path) -> None:
    with pikepdf.open(io.BytesIO(make_pdf())) as pdf:
        for key, value in (("/MediaBox", pikepdf.Array([1, 2])), ("/UserUnit", pikepdf.Name.Odd)):
            pdf.pages[0].obj[key] = value
            target = io.BytesIO()
            pdf.save(target)
            assert plan(tmp_path, target.getvalue()).paper == ""
            pdf.pages[0].obj.MediaBox = pikepdf.Array([0, 0, 595, 842])
        pdf.pages[0].obj.UserUnit = 1
        pdf.Root.ViewerPreferences = pikepdf.Array([])
        target = io.BytesIO()
        pdf.save(target)
        assert plan(tmp_path, target.getvalue()).sides is Sides.LONG


# A system that only notes what it was told.


@pytest.fixture
def fake(tmp_path: Path) -> Callable[[str, str], Cups]:
    """Return a function that returns CUPS with these scripts for commands."""

    def make(lp: str = "exit 0", lpstat: str = "exit 0") -> Cups:
        for name, body in (("lp", lp), ("lpstat", lpstat)):
            file = tmp_path / name
            note = f"printf '%s\\n' \"$0\" \"$@\" >>'{tmp_path}/{name}-words'"
            file.write_text(f"#!/bin/sh\n{note}\n{body}\n", encoding="utf-8")
            file.chmod(0o755)
        return Cups(str(tmp_path / "lp"), str(tmp_path / "lpstat"))

    return make


posix = pytest.mark.skipif(os.name == "nt", reason="scripts for a POSIX shell")


@posix
def test_lp_is_told_printer_copies_sides_paper_scale_and_file(
    tmp_path: Path, fake: Callable[..., Cups]
) -> None:
    cups = fake("echo 'Anfrage-ID ist Office-12 (1 Datei(en))'")
    job = plan(tmp_path, impose_folded(make_pdf(8), Paper.A4))
    assert cups.submit(job, Printer("office/draft"), 3) == "Office-12"
    words = (tmp_path / "lp-words").read_text(encoding="utf-8").splitlines()
    assert words[1:] == [
        *("-d", "office/draft", "-n", "3", "-o", "sides=two-sided-short-edge"),
        *("-o", "media=A4", "-o", "print-scaling=none", "-o", "collate=true"),
        *("--", str(tmp_path / "plan.pdf")),
    ]


@posix
def test_one_copy_of_any_size_is_left_to_the_printer(
    tmp_path: Path, fake: Callable[..., Cups]
) -> None:
    assert fake().submit(plan(tmp_path, make_pdf(1, A5_PAGE)), Printer("Office"), 1) == ""
    words = (tmp_path / "lp-words").read_text(encoding="utf-8").splitlines()
    assert words[1:-2] == ["-d", "Office", "-n", "1", "-o", "sides=one-sided"]


@posix
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'lp: Error - No such thing.' >&2; exit 1", "lp says: No such thing."),
        ("echo 'lp: Destination \"x\" is full.' >&2; exit 1", 'lp says: Destination "x" is full.'),
        ("printf 'a\\033[31mb' >&2; exit 1", "lp says: a [31mb"),
        ("exit 3", "lp says: exit code 3"),
    ],
)
def test_what_lp_says_is_passed_on(
    tmp_path: Path, fake: Callable[..., Cups], script: str, said: str
) -> None:
    with pytest.raises(HandoutError) as caught:
        fake(script).submit(plan(tmp_path, make_pdf()), Printer("Office"), 1)
    (problem,) = caught.value.report
    assert (problem.code, problem.message, str(problem.place)) == ("print-failed", said, "plan.pdf")
    assert caught.value.exit_code is ExitCode.DELIVERY


@posix
def test_a_system_that_hangs_is_told(
    tmp_path: Path, fake: Callable[..., Cups], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handouts.post.printer._PATIENCE", 0.1)
    cups = fake("exec sleep 5", "exec sleep 5")
    job = plan(tmp_path, make_pdf())
    with pytest.raises(HandoutError, match=r"print-failed.*does not answer") as caught:
        cups.submit(job, Printer("Office"), 1)
    assert "before you print it again" in str(caught.value)
    with pytest.raises(HandoutError, match="no-printing-system"):
        cups.list_printers()


def test_a_system_that_went_away_is_told(tmp_path: Path) -> None:
    with pytest.raises(HandoutError, match=r"no-printing-system.*cannot be run"):
        Cups(str(tmp_path / "lp"), str(tmp_path / "lpstat")).list_printers()


@posix
def test_a_file_that_changed_meanwhile_is_not_printed(
    tmp_path: Path, fake: Callable[..., Cups]
) -> None:
    job = plan(tmp_path, make_pdf())
    for change in (lambda file: file.write_bytes(make_pdf(3)), Path.unlink):
        change(tmp_path / "plan.pdf")
        with pytest.raises(HandoutError, match="file-changed"):
            fake().submit(job, Printer("Office"), 1)
    assert not (tmp_path / "lp-words").exists()


def choose(printers: list[Printer], name: str | None = None) -> tuple[str | None, list[str]]:
    report = Report()
    chosen = choose_printer(printers, name, report)
    return chosen.name if chosen else None, [str(problem) for problem in report]


def test_a_printer_is_named_or_the_default_or_the_only_one() -> None:
    office, home = Printer("Office"), Printer("Home", is_default=True)
    assert choose([office, home]) == ("Home", [])
    assert choose([office, home], "office") == ("Office", [])
    assert choose([office]) == ("Office", [])


def test_why_no_printer_is_chosen_is_told() -> None:
    printers = [Printer("Office"), Printer("Home")]
    assert choose([])[1][0].startswith("error[no-printer] no printer is set up")
    assert "none is the default one" in choose(printers)[1][0]
    assert "--printer Office; known here: Office, Home" in choose(printers)[1][0]
    unknown = '--printer: error[unknown-printer] there is no printer "Ofice"'
    assert choose(printers, "Ofice") == (None, [f'{unknown}\n  hint: did you mean "Office"?'])
    assert "known here: Office, Home" in choose(printers, "--")[1][0]


def test_a_printer_that_takes_nothing_is_an_error_and_a_paused_one_a_warning() -> None:
    name, said = choose([Printer("Office", refuses=True, reason="moved")])
    assert name == "Office"
    assert said[0].startswith("error[printer-refuses] Office takes no jobs: moved\n")
    name, said = choose([Printer("Office", paused=True)])
    assert said[0].startswith("warning[printer-paused] Office is paused\n")


def test_windows_is_asked_to_print_and_its_refusal_told(tmp_path: Path) -> None:
    asked = []

    def start(*words: str) -> None:
        asked.append(words)
        if len(asked) > 1:
            raise OSError(0, "no program is associated")

    job = plan(tmp_path, make_pdf())
    assert PrintVerb(start).submit(job) == ""
    assert asked == [(str(tmp_path / "plan.pdf"), "print")]
    with pytest.raises(HandoutError, match=r"print-failed.*no program is associated"):
        PrintVerb(start).submit(job)


def test_a_computer_without_lp_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "startfile", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HandoutError, match=r"no-printing-system.*no printing system") as caught:
        find_system()
    assert caught.value.exit_code is ExitCode.DELIVERY


# A real one.


class Tray:
    """A network printer (port 9100): each connection is a job's bytes."""

    def __init__(self) -> None:
        """Be ready to print."""
        self.printed: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                data = connection.makefile("rb").read()
            if not data:  # the word of the end
                return
            self.printed.append(data)

    def close(self) -> None:
        """End."""
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join(5)
        self._socket.close()


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "CUPS took too long"
        time.sleep(0.03)


def read_attributes(data: bytes) -> dict[str, bytes]:
    """Return the attributes of a job's control file, written as in RFC 8010, section 3.1."""
    found, name, at = {}, "", 8  # after version, status and request id
    while data[at] != 0x03:  # end-of-attributes-tag
        if data[at] < 0x10:  # a group begins
            at += 1
            continue
        length = int.from_bytes(data[at + 1 : at + 3], "big")
        name = data[at + 3 : at + 3 + length].decode() or name
        at += 3 + length
        length = int.from_bytes(data[at : at + 2], "big")
        found[name] = data[at + 2 : at + 2 + length]
        at += 2 + length
    return found


@pytest.fixture(scope="module")
def cups() -> Iterator[tuple[Path, Tray]]:
    """Run CUPS with one printer; return its folder and the printer."""
    if CUPSD is None or shutil.which("lpadmin", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        pytest.skip("there is no CUPS here: apt-get install cups cups-client")
    if os.geteuid() != 0:
        pytest.skip("cupsd wants root")
    # Not pytest's own folder: the backends run as another user, and a socket's name is short.
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("etc", "spool", "cache", "run", "tmp"):
            (folder / part).mkdir()
        for file, text in (("cupsd.conf", CUPS_CONFIGURATION), ("cups-files.conf", CUPS_FILES)):
            (folder / "etc" / file).write_text(text.format(folder=folder), encoding="utf-8")
        patch.setenv("CUPS_SERVER", f"{folder}/run/sock")
        patch.setenv("PATH", f"{os.environ['PATH']}:/usr/sbin")
        for variable in ("LPDEST", "PRINTER"):
            patch.delenv(variable, raising=False)
        tray = Tray()
        files = ("-c", f"{folder}/etc/cupsd.conf", "-s", f"{folder}/etc/cups-files.conf")
        with subprocess.Popen([CUPSD, "-f", *files], stderr=subprocess.DEVNULL) as process:
            try:
                wait_for((folder / "run" / "sock").exists)
                device = f"socket://127.0.0.1:{tray.port}/?waiteof=false&snmp=false"
                run_tool("lpadmin", "-p", "Office", "-E", "-v", device, "-m", "raw")
                yield folder, tray
            finally:
                process.terminate()
        tray.close()


def run_tool(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


def print_files(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Return what the command ends with and says."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        main(["print", *words])
    return (int(end.value.code or 0), *capsys.readouterr())


def test_a_booklet_arrives_at_a_real_printer_as_it_was_and_as_it_is_folded(
    cups: tuple[Path, Tray],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, tray = cups
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    booklet = impose_folded(make_pdf(8), Paper.A4)
    Path("-o Zoë;$(touch x).pdf").write_bytes(booklet)
    code, out, err = print_files(capsys, "--copies", "2", "--", "-o Zoë;$(touch x).pdf")
    assert (code, err) == (0, "1 file, 2 copies of each, on 4 sheets of A4 to Office.\n")
    name, job = out.rstrip("\n").split("\t")
    assert name == "-o Zoë;$(touch x).pdf"
    assert job.startswith("Office-")
    wait_for(lambda: tray.printed)
    assert tray.printed.pop() == booklet * 2  # a raw queue sends each copy
    control = folder / "spool" / f"c{int(job.removeprefix('Office-')):05}"
    wait_for(control.exists)
    told: dict[str, Any] = read_attributes(control.read_bytes())
    assert int.from_bytes(told["copies"], "big") == 2
    assert told["sides"] == b"two-sided-short-edge"
    assert told["media"] == b"A4"
    assert told["print-scaling"] == b"none"
    assert told["collate"] in {b"true", b"\x01"}
    assert told["job-name"] == "-o Zoë;$(touch x).pdf".encode()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["-o Zoë;$(touch x).pdf"]


def test_a_run_comes_out_of_a_real_printer_in_the_order_of_its_list(
    cups: tuple[Path, Tray], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, tray = cups
    made = {name: make_pdf(pages) for name, pages in (("zoe", 3), ("bo", 1), ("sam", 2))}
    entries = []
    for name, data in made.items():
        (tmp_path / f"balance-{name}.pdf").write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        entries.append(Entry(name, f"balance-{name}.pdf", digest, len(data), 0, "", ""))
    write_manifest(tmp_path / "balance.manifest.jsonl", {"complete": True}, entries)
    code, out, _ = print_files(capsys, str(tmp_path))
    assert code == 0
    numbers = [int(line.rpartition("-")[2]) for line in out.splitlines()]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]
    wait_for(lambda: len(tray.printed) == len(made))
    assert tray.printed == list(made.values())
    tray.printed.clear()


def test_a_real_printers_state_is_told(
    cups: tuple[Path, Tray], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, tray = cups
    file = tmp_path / "plan.pdf"
    file.write_bytes(make_pdf())
    assert print_files(capsys, "--list")[:2] == (0, "Office\t\tready\n")
    run_tool("lpadmin", "-d", "Office")
    assert print_files(capsys, "--list")[:2] == (0, "Office\tdefault\tready\n")
    run_tool("cupsdisable", "-r", "out of paper", "Office")
    code, _, err = print_files(capsys, "--dry-run", str(file))
    assert code == 0
    assert "warning[printer-paused] Office is paused: out of paper" in err
    run_tool("cupsreject", "-r", "being mended", "Office")
    assert "takes no jobs: " in print_files(capsys, "--list")[1]
    code, out, err = print_files(capsys, str(file))
    assert (code, out) == (6, "")
    assert "error[printer-refuses] Office takes no jobs: " in err
    run_tool("cupsaccept", "Office")
    run_tool("cupsenable", "Office")
    code, _, err = print_files(capsys, str(file), "--printer", "Ofice")
    assert code == 6
    assert 'did you mean "Office"?' in err
    assert tray.printed == []


def test_a_real_cups_that_does_not_run_is_told(
    cups: tuple[Path, Tray], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = cups
    monkeypatch.setenv("CUPS_SERVER", f"{folder}/run/nobody")
    code, _, err = print_files(capsys, "--list")
    assert code == 6
    assert err.startswith("error[no-printing-system] the printing system CUPS is not running\n")
