"""The schemas that are printed are the models'."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handouts.cli.schema import NAMES
from handouts.model.schema import SCHEMA_MODELS, schema_text

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("name", SCHEMA_MODELS)
def test_each_kind_is_printed(handouts: Run, name: str) -> None:
    ran = handouts("schema", name)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, schema_text(name), "")


def test_without_a_name_the_kinds_are_listed(handouts: Run) -> None:
    assert tuple(handouts("schema").stdout.split()) == NAMES == tuple(SCHEMA_MODELS)


def test_another_name_is_a_usage_error(handouts: Run) -> None:
    ran = handouts("schema", "recipe")
    assert ran.returncode == 2
    assert "'recipe' is not one of" in ran.stderr
