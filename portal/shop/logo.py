"""The shop's logo: whatever picture comes in, a small clean WebP goes out."""

import hashlib
from io import BytesIO
from typing import IO

from PIL import Image

from portal.lib.db import write_tx
from portal.lib.pictures import TooManyPixels, Unreadable, unpack
from portal.lib.text import _
from portal.shop.models import Logo, change_settings

LARGEST = (640, 192)  # shown at a third of it, sharp on dense screens
BYTES = 4 * 1024 * 1024


class NotALogo(ValueError):
    """The file cannot become a logo; the text is the sentence for the owner."""


def encode_logo(file: IO[bytes]) -> bytes:
    """The picture as WebP of at most LARGEST, turned upright, without anything hidden in it."""
    content = file.read(BYTES + 1)
    if len(content) > BYTES:
        raise NotALogo(_("The picture is larger than 4 MB; choose a smaller one."))
    try:
        upright = unpack(content, LARGEST)
    except TooManyPixels:
        raise NotALogo(_("The picture has too many pixels; choose a smaller one.")) from None
    except Unreadable:
        raise NotALogo(_("That file is no picture; choose a PNG, JPEG, WebP or GIF.")) from None
    upright.thumbnail(LARGEST, Image.Resampling.LANCZOS)
    clean = Image.new("RGBA", upright.size)
    clean.paste(upright)
    out = BytesIO()
    clean.save(out, "WEBP", quality=88, method=6)
    return out.getvalue()


def keep_logo(webp: bytes) -> str:
    """Make this the shop's logo; returns its digest, which is its address."""
    digest = hashlib.sha256(webp).hexdigest()[:40]
    with write_tx():
        Logo.delete().where(Logo.digest != digest).execute()
        Logo.insert(digest=digest, webp=webp).on_conflict_ignore().execute()
        change_settings(logo_digest=digest)
    return digest


def drop_logo() -> None:
    """Go back to the shop's name and its dot of colour."""
    with write_tx():
        Logo.delete().execute()
        change_settings(logo_digest="")
