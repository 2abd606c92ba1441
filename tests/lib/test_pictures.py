"""Pictures are unpacked, or refused before they cost memory; nothing else ever happens."""

import random
from io import BytesIO

import pytest
from PIL import Image

from portal.lib.pictures import TooManyPixels, Unreadable, unpack


def encoded(kind: str, size: tuple[int, int], mode: str = "RGB") -> bytes:
    """A picture of one colour in a format."""
    out = BytesIO()
    Image.new(mode, size, 1).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "size", "mode"),
    [("PNG", (7000, 7000), "P"), ("GIF", (5000, 4000), "P"), ("JPEG", (9000, 6000), "L")],
)
def test_a_small_file_with_very_many_pixels_is_not_unpacked(
    kind: str, size: tuple[int, int], mode: str
) -> None:
    with pytest.raises(TooManyPixels):
        unpack(encoded(kind, size, mode), (256, 256))


def test_a_big_photo_is_made_smaller_while_it_is_read() -> None:
    picture = unpack(encoded("JPEG", (7000, 5000), "L"), (256, 256))
    assert 256 <= picture.height <= 1000


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_broken_picture_is_unreadable_or_a_picture(kind: str) -> None:
    whole, chance = encoded(kind, (40, 30)), random.Random(kind)
    for _ in range(400):
        content = bytearray(whole[: chance.randrange(1, len(whole) + 1)])
        for _place in range(4):
            content[chance.randrange(len(content))] = chance.randrange(256)
        try:
            unpack(bytes(content), (256, 256))
        except (Unreadable, TooManyPixels):
            continue
