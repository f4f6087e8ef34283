"""Turn the muscles of an exercise into a map of the body, front and back: SVG text with labels.

Every role has a filling of its own, so that no colour must be seen: the muscles that do the work
are solid and dark, those that help are striped, those that keep steady are dotted and pale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handouts.figure.map_ink import write_map
from handouts.figure.map_plan import MapLook, MapWords, Role, plan_map

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MapLook", "MapWords", "Role", "draw_muscle_map"]


def draw_muscle_map(
    roles: Mapping[str, Role], names: Mapping[str, str], look: MapLook, words: MapWords
) -> str:
    """Return the map as SVG text, equal for equal input.

    Args:
        roles: what each muscle does, by its slug.
        names: what each muscle is called, by its slug; one without a name has no label. Where there
            are too many, one label may stand for several if the name of the whole is here.
        look: how it is drawn.
        words: what else is written.

    Raises:
        ValueError: the map is too narrow for its labels.
    """
    return write_map(plan_map(roles, names, look, words), words)
