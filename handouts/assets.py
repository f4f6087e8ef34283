"""Turn the name of something shipped into its folder: in the installed wheel or in a checkout."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = PACKAGE.parent
# In the wheel, hatchling's force-include puts both folders inside the package.
_SHIPPED = PACKAGE if (PACKAGE / "templates").is_dir() else _CHECKOUT

TEMPLATES = _SHIPPED / "templates"
STYLES = _SHIPPED / "styles"
FONTS = STYLES / "fonts"
LIBRARY = PACKAGE / "library"
SCHEMAS = PACKAGE / "library" / "schemas"
BODIES = PACKAGE / "library" / "body"
