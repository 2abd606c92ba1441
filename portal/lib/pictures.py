"""Pictures that somebody sent: unpacked upright, or refused before they cost much."""

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
PIXELS = 50_000_000  # a picture that claims more is not even looked at
UNPACKED = 16_000_000  # what is unpacked at most: 64 MB; JPEG is made smaller while it is read
_BROKEN = (
    UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning, OSError,
    EOFError, SyntaxError, ValueError, TypeError, IndexError, KeyError, OverflowError, struct.error,
    zlib.error,
)  # fmt: skip

Image.MAX_IMAGE_PIXELS = PIXELS


class Unreadable(Exception):
    """The file is no picture in one of the FORMATS, or a broken one."""


class TooManyPixels(Exception):
    """Unpacking the picture would take too much memory."""


def unpack(content: bytes, at_least: tuple[int, int]) -> Image.Image:
    """The picture as RGBA, turned upright; it may come smaller, but not below `at_least`.

    Raises Unreadable or TooManyPixels.
    """
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > PIXELS:
                raise TooManyPixels
            picture.draft("RGB", at_least)
            if picture.width * picture.height > UNPACKED:
                raise TooManyPixels
            return ImageOps.exif_transpose(picture).convert("RGBA")
    except _BROKEN:
        raise Unreadable from None
