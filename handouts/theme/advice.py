"""Turn what screening found for a client into the lines that are printed for that client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handouts.model.exercise import Level
from handouts.screening import Relation
from handouts.theme.phrasing import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from handouts.model.vocabulary import Condition
    from handouts.screening import Finding
    from handouts.theme.words import Words


def _(message: str) -> str:
    """Mark a message for extraction; it is translated where it is printed."""
    return message


_ACTIONS = {
    Level.ASK_FIRST: _("Ask your doctor or physio before you do this."),
    Level.ADAPT: _("Do it in a way that suits you."),
}


@dataclass(frozen=True, slots=True)
class Advice:
    """One line for the client: the condition, and what to do about it."""

    about: str
    """``Poor balance``, or ``Slipped disc (a back problem)``."""
    text: str


def say_advice(
    findings: Iterable[Finding], conditions: Mapping[str, Condition], words: Words
) -> tuple[Advice, ...]:
    """Return a line for each finding, the gravest first, as one speaks to the client.

    The reason is not among it: it stands in the same box, in the precaution's own row.

    Args:
        findings: those of one exercise; none of them may block it.
        conditions: the vocabulary.
        words: the language of the page.

    Raises:
        ValueError: a finding keeps the client from the exercise: nothing may be printed of it.
    """
    lines: dict[Advice, None] = {}
    for finding in findings:
        if finding.blocks:
            raise ValueError(f"{finding.has}: this exercise must be avoided")
        lines[_advise(finding, conditions, words)] = None
    return tuple(lines)


def _advise(finding: Finding, conditions: Mapping[str, Condition], words: Words) -> Advice:
    precaution = finding.precaution
    has, named = conditions[finding.has].name, conditions[precaution.condition].name
    about = sentence(has)
    if finding.relation is Relation.CASE_OF:
        about = words.say(_("%(condition)s (%(wider)s)"), condition=about, wider=named)
    said = []
    if finding.relation is Relation.MAY_BE:
        if precaution.level is Level.AVOID:
            said.append(words.say(_("If it is %(condition)s, do not do this."), condition=named))
        else:
            said.append(words.say(_("It may be %(condition)s."), condition=named))
    if leave := finding.override:
        said.append(
            words.say(
                _("%(name)s cleared this for you on %(date)s: %(why)s"),
                name=leave.cleared_by,
                date=words.day(leave.on),
                why=leave.why,
            )
        )
    else:
        said.append(words.say(_ACTIONS[finding.level]))
    if precaution.instead and not finding.override:
        said.append(precaution.instead)
    elif finding.easier:
        said.append(words.say(_("Easier: %(name)s."), name=finding.easier.name))
    return Advice(about, " ".join(said))
