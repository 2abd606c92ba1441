"""A picture for one profile, drawn rather than photographed: a bowl of tea by a window."""

from io import BytesIO

from PIL import Image, ImageDraw

SIDE = 768


def portrait() -> BytesIO:
    """The picture as a PNG file."""
    picture = Image.new("RGB", (SIDE, SIDE), "#e9dcc3")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((420, 90, 640, 310), fill="#e7a15b")
    draw.polygon([(0, 430), (210, 250), (430, 430), (620, 300), (768, 400), (768, 560), (0, 560)],
                 fill="#7d9a7e")  # fmt: skip
    draw.rectangle((0, 548, SIDE, SIDE), fill="#5b3d2c")
    draw.pieslice((190, 330, 578, 720), 0, 180, fill="#33544a")
    draw.rectangle((310, 690, 458, 726), fill="#33544a")
    draw.ellipse((190, 478, 578, 572), fill="#3f6558")
    draw.ellipse((214, 490, 554, 560), fill="#b7c46a")
    for left in (300, 372, 444):
        draw.arc((left - 26, 330, left + 26, 400), 270, 90, fill="#fbf6ea", width=9)
        draw.arc((left - 26, 392, left + 26, 462), 90, 270, fill="#fbf6ea", width=9)
    file = BytesIO()
    picture.save(file, "PNG")
    file.seek(0)
    return file
