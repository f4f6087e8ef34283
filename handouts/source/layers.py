"""Turn the system and the environment into the places of settings outside of a workspace.

Light on purpose: whether anything has changed is asked before any model is imported.
"""

from __future__ import annotations

import os
from pathlib import Path

from handouts.source.workspace import SETTINGS_FILE

PREFIX = "HANDOUTS_"
OTHER_VARIABLES = frozenset(
    (
        "HANDOUTS_CACHE_DIR",
        "HANDOUTS_CACHE_SIZE",
        "HANDOUTS_CONFIG_DIR",
        "HANDOUTS_DATA_DIR",
        "HANDOUTS_SMTP_PASSWORD",  # secret: no part of any fingerprint
    )
)


def user_settings_file() -> Path:
    """Return the file of the user's own settings, which need not exist.

    ``HANDOUTS_CONFIG_DIR`` overrides the folder that the system has for such files.
    """
    folder = os.environ.get("HANDOUTS_CONFIG_DIR")
    if folder:
        return Path(folder).absolute() / SETTINGS_FILE
    import platformdirs

    return Path(platformdirs.user_config_dir("handouts", appauthor=False)) / SETTINGS_FILE


def list_variables() -> dict[str, str]:
    """Return the variables that may set something, those that are empty left out."""
    return {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith(PREFIX) and name not in OTHER_VARIABLES and value.strip()
    }


def user_data_folder() -> Path:
    """Return the folder of what must be remembered from run to run, which need not exist.

    ``HANDOUTS_DATA_DIR`` overrides the folder that the system has for such files.
    """
    folder = os.environ.get("HANDOUTS_DATA_DIR")
    if folder:
        return Path(folder).absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("handouts", appauthor=False))
