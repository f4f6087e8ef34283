"""Turn the shipped poses into their contact sheet: the hops in order, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handouts.order import Order
    from handouts.problem import Report


def make_gallery(order: Order, report: Report) -> bytes:
    """Return the PDF of every pose of the gallery beside the lines that make it.

    Raises:
        HandoutError: a fault in the workspace's templates or styles, or ``engine-missing``.
    """
    from handouts.bind.imprint import imprint_foot
    from handouts.model.settings import PrintSettings, Settings
    from handouts.press.line import set_lines
    from handouts.press.plate import lay_out
    from handouts.source.poses import read_gallery
    from handouts.theme.gallery import dress_gallery

    look = PrintSettings.model_validate({**order.look.chosen(), "theme": order.chain.theme.name})
    markup = dress_gallery(read_gallery(), Settings(print=look), order.chain)
    report.extend(markup.problems)
    plate = lay_out(markup, None, report)
    report.raise_errors()
    return imprint_foot(plate.pdf, plate.title, markup.imprint, set_lines=set_lines)
