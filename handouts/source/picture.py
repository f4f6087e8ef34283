"""Turn the path of a picture in the workspace into bytes that are safe to print."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.assets import LIBRARY
from handouts.source.suggest import did_you_mean, shorten

if TYPE_CHECKING:
    from PIL import Image

    from handouts.problem import Place, Report
    from handouts.source.workspace import Workspace

MOST_BYTES = 20_000_000
MOST_PIXELS = 50_000_000  # A4 at 600 dpi has 35 million
MIME_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
SVG_TYPE = "image/svg+xml"
_SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".webp", ".svg"))
_HINT = "put the picture into the workspace, and write its path from there: pictures/squat.png"
_OUTWARD = re.compile(r"^[/~]|^[A-Za-z]:|^[A-Za-z][A-Za-z0-9+.-]+:|(^|/)\.\.(/|$)|[\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class PictureData:
    """A picture that was loaded whole: its bytes are known to be what they say."""

    mime: str
    data: bytes
    width: int
    """Pixels; an SVG's user units."""
    height: int


def read_picture(
    path_text: str, workspace: Workspace, place: Place | None, report: Report
) -> PictureData | None:
    """Return the picture, or None after noting why it cannot be printed.

    Args:
        path_text: the path as typed, from the workspace's folder (or the shipped library's).
        workspace: pictures outside its folder are refused, through links as well.
        place: where the path is typed.
        report: gets the problem.
    """
    file = _find_file(path_text, workspace, place, report)
    if file is None:
        return None
    quoted = f'"{shorten(path_text)}"'
    try:
        with file.open("rb") as handle:
            data = handle.read(MOST_BYTES + 1)
    except OSError as error:
        report.add("unreadable", f"{quoted} cannot be read: {error.strerror}", place)
        return None
    if len(data) > MOST_BYTES:
        hint = "save it with fewer pixels or as JPEG"
        report.add("picture-too-large", f"{quoted} is larger than 20 MB", place, hint=hint)
        return None
    return load_picture(data, file.suffix.lower(), quoted, place, report)


def load_picture(
    data: bytes, suffix: str, quoted: str, place: Place | None, report: Report
) -> PictureData | None:
    """Return the bytes as a picture, or None after noting what is wrong with them."""
    if suffix == ".svg":
        from handouts.source.drawing import DrawingError, measure_svg

        try:
            return PictureData(SVG_TYPE, data, *measure_svg(data))
        except DrawingError as error:
            hint = "save it from the drawing program as a plain SVG"
            report.add(error.code, f"{quoted}: {error}", place, hint=hint)
            return None
    return _load_pixels(data, quoted, place, report)


def _find_file(
    path_text: str, workspace: Workspace, place: Place | None, report: Report
) -> Path | None:
    """Return the file if it lies inside the workspace or the library."""
    quoted = f'"{shorten(path_text)}"'
    if "\\" in path_text or _OUTWARD.search(path_text) or not path_text.strip():
        hint = 'write "/" between folders' if "\\" in path_text else _HINT
        report.add("picture-outside", f"{quoted} is no path in the workspace", place, hint=hint)
        return None
    if Path(path_text).suffix.lower() not in _SUFFIXES:
        hint = "save it as PNG, JPEG, WebP or SVG"
        report.add(
            "picture-format", f"{quoted} is no picture that can be printed", place, hint=hint
        )
        return None
    roots = [*([workspace.root] if workspace.root else []), LIBRARY]
    for root in roots:
        try:
            file = (root / path_text).resolve(strict=True)
            inside, is_file = file.is_relative_to(root.resolve()), file.is_file()
        except (OSError, ValueError, RuntimeError):  # missing, too long a name, a loop of links
            continue
        if not inside:
            message = f"{quoted} leads out of the workspace"
            report.add("picture-outside", message, place, hint=_HINT)
            return None
        if is_file:
            return file
    nearest = did_you_mean(path_text, _near_names(roots[0], path_text))
    report.add("picture-missing", f"there is no file {quoted}", place, hint=nearest or _HINT)
    return None


def _near_names(root: Path, path_text: str) -> list[str]:
    """Return the pictures of the folder that the path names, as they would be typed."""
    folder = Path(path_text).parent
    try:
        if not (root / folder).resolve().is_relative_to(root.resolve()):
            return []
        names = [path.name for path in (root / folder).iterdir()]
    except (OSError, ValueError, RuntimeError):
        return []
    pictures = [name for name in names if Path(name).suffix.lower() in _SUFFIXES]
    return [(folder / name).as_posix() for name in sorted(pictures)[:1000]]


def _load_pixels(
    data: bytes, quoted: str, place: Place | None, report: Report
) -> PictureData | None:
    import io
    import warnings

    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            # Pillow warns of what it repairs, and of bombs above its own limit.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=tuple(MIME_TYPES)) as image:
                width, height = image.size
                if width * height > MOST_PIXELS:
                    raise Image.DecompressionBombError  # noqa: TRY301  one place says it
                mime = MIME_TYPES[str(image.format)]
                _load_whole(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        message = f"{quoted} has more than {MOST_PIXELS // 1_000_000} million pixels"
        report.add("picture-too-large", message, place, hint="save it with fewer pixels")
        return None
    except UnidentifiedImageError:
        message = f"{quoted} is no PNG, JPEG or WebP inside, whatever its name says"
        report.add("picture-format", message, place, hint="save it as PNG, JPEG, WebP or SVG")
        return None
    except Exception as error:  # noqa: BLE001  Pillow's readers raise whatever they stumble over
        message = f"{quoted} is broken: {shorten(error) or type(error).__name__}"
        report.add("picture-broken", message, place, hint="copy or save it anew")
        return None
    return PictureData(mime, data, width, height)


def _load_whole(image: Image.Image) -> None:
    """Load every pixel, or fail: the layout engine lets Pillow pad what is cut off, for all."""
    from PIL import ImageFile

    lenient = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        image.load()
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient
