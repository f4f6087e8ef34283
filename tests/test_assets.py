"""What is shipped is where the program looks for it."""

from __future__ import annotations

from handouts.assets import LIBRARY, SCHEMAS


def test_the_library_and_its_schemas_are_shipped() -> None:
    names = {path.name for path in LIBRARY.glob("*.yaml")}
    assert names == {"conditions.yaml", "muscles.yaml", "precautions.yaml"}
    assert list((LIBRARY / "exercises").glob("*.yaml"))
    assert SCHEMAS.is_dir()
