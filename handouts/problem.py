"""Turn what is wrong with an input into lines that say where, what, and what to write instead."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class ExitCode(IntEnum):
    """What the command's exit status means to a script."""

    DONE = 0
    BUG = 1
    USAGE = 2
    DATA = 3
    BATCH = 4
    ENGINE = 5
    DELIVERY = 6


class Severity(StrEnum):
    """Whether a problem stops the work."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A spot in a file: the path as the user would type it, line and column counted from 1."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return ``file``, ``file:line`` or ``file:line:column``, whichever is known."""
        spot = [str(number) for number in (self.line, self.column) if number]
        return ":".join([self.file, *spot])


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where it stands, and what to write instead.

    ``code`` is stable; each has a paragraph in ``docs/problems.md``.
    """

    code: str
    message: str
    place: Place | None = None
    hint: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """Return the problem as its line, with the hint on a second one."""
        where = f"{self.place}: " if self.place else ""
        hint = f"\n  hint: {self.hint}" if self.hint else ""
        return f"{where}{self.severity}[{self.code}] {self.message}{hint}"

    def as_dict(self) -> dict[str, object]:
        """Return the problem for ``--json``: plain values, the place as a mapping or None."""
        return {
            "severity": str(self.severity),
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "place": asdict(self.place) if self.place else None,
        }

    @classmethod
    def from_dict(cls, data: dict[str, object]) -> Problem:
        """Return the problem that :meth:`as_dict` wrote."""
        place = data["place"]
        return cls(
            code=str(data["code"]),
            message=str(data["message"]),
            place=Place(**place) if isinstance(place, dict) else None,
            hint=str(data["hint"]),
            severity=Severity(str(data["severity"])),
        )


@dataclass(slots=True)
class Report:
    """All the problems of a piece of work, in the order in which they were found."""

    problems: list[Problem] = field(default_factory=list)

    def __iter__(self) -> Iterator[Problem]:
        """Iterate over the problems."""
        return iter(self.problems)

    def __len__(self) -> int:
        """Return how many problems there are."""
        return len(self.problems)

    def add(
        self,
        code: str,
        message: str,
        place: Place | None = None,
        *,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Note one more problem."""
        self.problems.append(Problem(code, message, place, hint, severity))

    def warn(self, code: str, message: str, place: Place | None = None, *, hint: str = "") -> None:
        """Note one more problem that does not stop the work."""
        self.add(code, message, place, hint=hint, severity=Severity.WARNING)

    def extend(self, problems: Iterable[Problem]) -> None:
        """Note the problems of another report as well, each once."""
        self.problems = list(dict.fromkeys([*self.problems, *problems]))

    @property
    def errors(self) -> list[Problem]:
        """The problems that stop the work."""
        return [problem for problem in self.problems if problem.severity is Severity.ERROR]

    @property
    def warnings(self) -> list[Problem]:
        """The problems that do not."""
        return [problem for problem in self.problems if problem.severity is Severity.WARNING]

    def raise_errors(self, exit_code: ExitCode = ExitCode.DATA) -> None:
        """Raise a :class:`HandoutError` with the whole report if anything in it stops the work."""
        if self.errors:
            raise HandoutError(self, exit_code)

    def sorted(self) -> Report:
        """Return the same problems by file, line and column, those without a place first."""
        nowhere = Place("")
        return Report(sorted(self.problems, key=lambda problem: problem.place or nowhere))

    def as_json(self) -> str:
        """Return the problems as a JSON array, one object a problem."""
        return json.dumps([problem.as_dict() for problem in self], ensure_ascii=False, indent=2)


class HandoutError(Exception):
    """Work that cannot go on, with every reason for it and the exit code that tells a script."""

    def __init__(self, report: Report, exit_code: ExitCode = ExitCode.DATA) -> None:
        """Keep the report and the exit code."""
        super().__init__("\n".join(str(problem) for problem in report))
        self.report = report
        self.exit_code = exit_code

    def __reduce__(self) -> tuple[type[HandoutError], tuple[Report, ExitCode]]:
        """Let the error come back whole from another process."""
        return type(self), (self.report, self.exit_code)

    @classmethod
    def of(
        cls,
        code: str,
        message: str,
        place: Place | None = None,
        *,
        hint: str = "",
        exit_code: ExitCode = ExitCode.DATA,
    ) -> HandoutError:
        """Return the error for a single problem."""
        return cls(Report([Problem(code, message, place, hint)]), exit_code)
