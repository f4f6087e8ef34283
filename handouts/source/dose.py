"""Turn a dose typed on the command line into a value, or into what to type instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handouts.model.dose import Dose
from handouts.problem import ExitCode, HandoutError

if TYPE_CHECKING:
    from pydantic import ValidationError

_HINT = 'write "3 × 10", "3 × 30 s" for a hold, or "2–3 × 15–30 s each leg, rest 60 s"'


def read_dose(text: str) -> Dose:
    """Return the dose.

    Raises:
        HandoutError: what is wrong with it, as a usage error.
    """
    from pydantic import ValidationError

    try:
        return Dose.model_validate(text)
    except ValidationError as error:
        raise _usage_error(text, error) from None


def _usage_error(text: str, error: ValidationError) -> HandoutError:
    detail = error.errors(include_url=False)[0]
    known = detail["type"].startswith("dose-")
    return HandoutError.of(
        detail["type"] if known else "dose-unknown",
        f"--dose: {detail['msg']}" if known else f'--dose: "{text[:80]}" is not a dose',
        hint=str(detail.get("ctx", {}).get("hint", _HINT)),
        exit_code=ExitCode.USAGE,
    )
