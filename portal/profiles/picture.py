"""Whatever picture comes in, a small clean one goes out."""

import hashlib
from io import BytesIO
from typing import IO

from PIL import Image, ImageOps

from portal.lib.pictures import TooManyPixels, Unreadable, unpack
from portal.lib.text import _

SIZE = 256  # pixels, square
BYTES = 5 * 1024 * 1024


class NotAPicture(Exception):
    """The file cannot become a picture; the text is the sentence for the member."""


def encode_picture(file: IO[bytes]) -> tuple[bytes, str]:
    """The picture as a square WebP, upright, without anything hidden in it; and its digest."""
    content = file.read(BYTES + 1)
    if not content:
        raise NotAPicture(_("Choose a picture first."))
    if len(content) > BYTES:
        raise NotAPicture(_("The picture is larger than 5 MB; choose a smaller one."))
    try:
        square = ImageOps.fit(
            unpack(content, (SIZE * 2, SIZE * 2)), (SIZE, SIZE), Image.Resampling.LANCZOS
        )
    except TooManyPixels:
        raise NotAPicture(_("The picture has too many pixels; choose a smaller one.")) from None
    except Unreadable:
        raise NotAPicture(
            _("That file is no picture we can read; choose a JPEG, PNG, WebP or GIF.")
        ) from None
    # Painted onto a fresh canvas, so that no metadata comes along.
    clean = Image.new("RGBA", square.size)
    clean.paste(square)
    out = BytesIO()
    clean.save(out, "WEBP", quality=86, method=4)
    webp = out.getvalue()
    return webp, hashlib.sha256(webp).hexdigest()[:40]
