"""Turn the name of something made before into its bytes, or into nothing; never into an error.

The cache may vanish, be unwritable or hold another version's bytes at any time: whoever reads from
it checks what it gets and can make it anew.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from functools import cache
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder of the cache; it may not exist (yet).

    ``HANDOUTS_CACHE_DIR`` overrides the place that the system has for caches.
    """
    return _folder(os.environ.get("HANDOUTS_CACHE_DIR"))


@cache
def _folder(override: str | None) -> Path:
    if override:
        return Path(override).absolute()
    import platformdirs

    return Path(platformdirs.user_cache_dir("handouts", appauthor=False))


def read_cached(name: str) -> bytes | None:
    """Return the bytes kept under the name (a relative path), or None."""
    try:
        return (cache_folder() / name).read_bytes()
    except (OSError, ValueError):
        return None


def write_cached(name: str, data: bytes) -> bool:
    """Keep the bytes under the name, whole or not at all; return whether that was possible."""
    target = cache_folder() / name
    temporary = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).replace(target)
    except (OSError, ValueError):
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        return False
    return True
