"""Turn print jobs into paper: through CUPS, or through the print verb of Windows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.problem import ExitCode, HandoutError, Place
from handouts.source.suggest import did_you_mean, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from handouts.post.sheets import PrintJob
    from handouts.problem import Report

_PATIENCE = 60.0
"""Seconds: lp waits for a print server that sleeps."""
_ACCEPTING = re.compile(r"(?P<name>\S+) (?P<no>not )?accepting requests")
_DISABLED = re.compile(r"printer (?P<name>\S+) disabled")
_GOING_ON = ("\t", " ")


@dataclass(frozen=True, slots=True)
class Printer:
    """A printer, as CUPS knows it."""

    name: str
    is_default: bool = False
    refuses: bool = False
    """Whether it takes no jobs."""
    paused: bool = False
    """Whether it takes jobs and keeps them waiting."""
    reason: str = ""

    @property
    def state(self) -> str:
        """What it does with a job, in words."""
        if not self.refuses and not self.paused:
            return "ready"
        said = "takes no jobs" if self.refuses else "paused"
        return f"{said}: {self.reason}" if self.reason else said


@dataclass(frozen=True, slots=True)
class Cups:
    """The printing system of Linux, macOS and most others, through its two commands."""

    lp: str
    lpstat: str

    def list_printers(self) -> list[Printer]:
        """Return every printer by name.

        Raises:
            HandoutError: ``no-printing-system`` where CUPS does not run or answer.
        """
        names = self._ask("-e").split()
        if not names:
            # In the C locale CUPS speaks English; it exits with 0 whether it runs or not.
            if "not running" in self._ask("-r"):
                message = "the printing system CUPS is not running"
                raise _refuse(
                    "no-printing-system", message, hint="start it: sudo systemctl start cups"
                )
            return []
        default = self._ask("-d").partition(": ")[2].strip()
        about = self._ask("-a", "-p").splitlines()
        return [_describe(name, name == default, about) for name in names]

    def submit(self, job: PrintJob, printer: Printer, copies: int) -> str:
        """Hand a file over to be printed and return the job's id.

        Raises:
            HandoutError: ``print-failed``, ``file-changed``.
        """
        job.check_untouched()
        words = [self.lp, "-d", printer.name, *_list_options(job, copies), "--", _path_of(job)]
        try:
            ran = self._run(words)
        except HandoutError as error:
            (problem,) = error.report
            raise fail(job, problem.message, hint=problem.hint) from None
        if ran.returncode:
            said = _as_text(ran.stderr) or f"exit code {ran.returncode}"
            raise fail(job, f"lp says: {said.removeprefix('lp: ').removeprefix('Error - ')}")
        # An instance's options come from "name/instance"; its jobs are named after the printer.
        name = re.escape(printer.name.partition("/")[0])
        found = re.search(rf"(?<!\S){name}-\d+(?!\S)", _as_text(ran.stdout), re.IGNORECASE)
        return found[0] if found else ""

    def _ask(self, *words: str) -> str:
        return self._run([self.lpstat, *words]).stdout.decode("utf-8", "replace")

    def _run(self, words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        # LC_ALL alone does not do: CUPS looks for its own language in LANG where it is empty.
        environment = {**os.environ, "LC_ALL": "C", "LANG": "C"}
        try:
            # No shell: a file's name is one word, whatever is in it.
            return subprocess.run(  # noqa: S603
                words,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=environment,
                timeout=_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            message = f"the printing system does not answer ({_PATIENCE:g} s)"
            hint = "see whether the job came through before you print it again: lpstat -o"
        except OSError as error:
            message = f"{words[0]} cannot be run: {error.strerror}"
            hint = "install CUPS again"
        raise _refuse("no-printing-system", message, hint=hint)


@dataclass(frozen=True, slots=True)
class PrintVerb:
    """What Windows does when "Print" is chosen for a file: the default printer, as it is set."""

    start: Callable[[str, str], None]

    def submit(self, job: PrintJob) -> str:
        """Let the program that opens PDFs print a file; what becomes of it, nobody is told.

        Raises:
            HandoutError: ``print-failed``, ``file-changed``.
        """
        job.check_untouched()
        try:
            self.start(_path_of(job), "print")
        except OSError as error:
            raise fail(
                job,
                f"Windows cannot print it ({error.strerror or error})",
                hint="install a PDF reader that can print, and make it open PDFs",
            ) from None
        return ""


def find_system() -> Cups | PrintVerb:
    """Return what prints on this computer.

    Raises:
        HandoutError: ``no-printing-system``.
    """
    start = getattr(os, "startfile", None)  # on Windows alone
    if start is not None:
        return PrintVerb(start)
    lp, lpstat = shutil.which("lp"), shutil.which("lpstat")
    if lp is None or lpstat is None:
        raise _refuse(
            "no-printing-system",
            "there is no printing system on this computer (CUPS: lp and lpstat)",
            hint="run: sudo apt install cups cups-client (or your system's own packages)",
        )
    return Cups(lp, lpstat)


def choose_printer(printers: Sequence[Printer], name: str | None, report: Report) -> Printer | None:
    """Return the printer: the one named, the default one, or the only one; note why there is none.

    Args:
        printers: all that there are.
        name: what the command line says; case does not count, as in CUPS.
        report: gets ``no-printer``, ``unknown-printer``, ``printer-refuses`` and
            ``printer-paused`` (a warning).
    """
    names = [printer.name for printer in printers]
    if not printers:
        hint = "add one in the system's settings, or at http://localhost:631/admin"
        report.add("no-printer", "no printer is set up on this computer", hint=hint)
        return None
    if name is not None:
        chosen = [each for each in printers if each.name.casefold() == name.casefold()]
        if not chosen:
            hint = did_you_mean(name, names) or f"known here: {', '.join(names)}"
            message = f'there is no printer "{shorten(name)}"'
            report.add("unknown-printer", message, Place("--printer"), hint=hint)
            return None
    else:
        chosen = [each for each in printers if each.is_default]
        chosen = chosen or list(printers if len(printers) == 1 else ())
        if not chosen:
            message = "there are several printers, and none is the default one"
            hint = f"name one: --printer {names[0]}; known here: {', '.join(names)}"
            report.add("no-printer", message, hint=hint)
            return None
    _note_state(chosen[0], report)
    return chosen[0]


def _note_state(printer: Printer, report: Report) -> None:
    said = f"{printer.name} {printer.state}"
    if printer.refuses:
        hint = f"let it: cupsaccept {printer.name}; or name another with --printer"
        report.add("printer-refuses", said, hint=hint)
    elif printer.paused:
        said = f"{printer.name} is {printer.state}"
        hint = f"what you print waits until it goes on: cupsenable {printer.name}"
        report.warn("printer-paused", said, hint=hint)


def fail(job: PrintJob, message: str, *, hint: str = "") -> HandoutError:
    """Return the error of a file that the printing system did not take."""
    hint = hint or "handouts print --list shows the printers"
    return _refuse("print-failed", message, Place(job.wanted.shown), hint=hint)


def _refuse(code: str, message: str, place: Place | None = None, *, hint: str) -> HandoutError:
    return HandoutError.of(code, message, place, hint=hint, exit_code=ExitCode.DELIVERY)


def _describe(name: str, is_default: bool, about: Sequence[str]) -> Printer:  # noqa: FBT001
    """Return a printer by what ``lpstat -a -p`` says, which leaves out some of the network."""
    refuses = paused = False
    reason = ""
    for number, line in enumerate(about):
        accepting, disabled = _ACCEPTING.match(line), _DISABLED.match(line)
        refuses |= bool(accepting and accepting["no"] and accepting["name"] == name)
        paused |= bool(disabled and disabled["name"] == name)
        is_mine = name in {found["name"] for found in (accepting, disabled) if found}
        if (refuses or paused) and is_mine and not reason:
            below = "".join(about[number + 1 : number + 2])
            reason = below.strip() if below.startswith(_GOING_ON) else ""
    return Printer(name, is_default, refuses, paused, reason)


def _list_options(job: PrintJob, copies: int) -> list[str]:
    options = [f"sides={job.sides}"]
    if job.paper:
        options.append(f"media={job.paper}")
    if job.full_size:
        options.append("print-scaling=none")
    if copies > 1:
        options.append("collate=true")  # else every page comes twice, then the next
    return ["-n", str(copies), *(word for option in options for word in ("-o", option))]


def _path_of(job: PrintJob) -> str:
    return str(Path(job.wanted.file).absolute())


def _as_text(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:300]
