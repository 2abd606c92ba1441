"""The code on the card is read back here without the libraries that drew it."""

import re

import pytest

from portal.cards.code import Drawing, drawing
from portal.lib.tokens import new_number, plain_code

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
# Code 128: the widths of bars and gaps of the values 0 to 105 (ISO 15417), then stop.
WIDTHS = re.findall(r"\d+", """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132
122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212
322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311
112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321
331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214
112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212
124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113
411311 113141 114131 311141 411131 211412 211214 211232""")  # fmt: skip
STOP = "2331112"


def modules(code: Drawing) -> list[list[bool]]:
    """The drawing as rows of dark and light."""
    rows = [[False] * code.width for _row in range(code.height)]
    for x, y, length, tall in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+z", code.path):
        for row in range(int(y), int(y) + int(tall)):
            for column in range(int(x), int(x) + int(length)):
                rows[row][column] = True
    return rows


def read_bars(code: Drawing) -> str:
    """What a Code 128 says: its check value holds and its quiet zones are quiet."""
    row = modules(code)[code.height // 2]
    assert not any(row[:10])
    assert not any(row[-10:])
    stretches = re.findall("1+|0+", "".join("01"[dark] for dark in row[10:-10]))
    found = "".join(str(len(stretch)) for stretch in stretches)
    assert found.endswith(STOP)
    body = found.removesuffix(STOP)
    values = [WIDTHS.index(body[place : place + 6]) for place in range(0, len(body), 6)]
    start, *said, check = values
    assert (start + sum(place * value for place, value in enumerate(said, 1))) % 103 == check
    return spoken({103: "A", 104: "B", 105: "C"}[start], said)


def spoken(charset: str, values: list[int]) -> str:
    """The text of Code 128 values, from set to set."""
    text = ""
    for value in values:
        if value in (99, 100, 101) and not (charset == "C" and value == 99):
            charset = {99: "C", 100: "B", 101: "A"}[value]
        elif charset == "C":
            text += f"{value:02}"
        else:
            text += chr(value + 32)
    return text


def read_squares(code: Drawing) -> str:
    """What a QR code of version 1 says in its alphanumeric mode; no error is corrected."""
    rows = modules(code)
    for place in range(4):
        assert not any(rows[place])
        assert not any(row[place] for row in rows)
    grid = [row[4:-4] for row in rows[4:-4]]
    assert len(grid) == 21
    mask = mask_of(grid)
    bits = "".join("01"[grid[y][x] ^ mask(y, x)] for y, x in way_of_the_bits())
    assert bits[:4] == "0010"
    count, text, at = int(bits[4:13], 2), "", 13
    for _pair in range(count // 2):
        high, low = divmod(int(bits[at : at + 11], 2), 45)
        text, at = text + ALPHANUMERIC[high] + ALPHANUMERIC[low], at + 11
    return text + ALPHANUMERIC[int(bits[at : at + 6], 2)] if count % 2 else text


def mask_of(grid):
    """The mask that the format bits beside the upper left square name; level H is asked for."""
    places = [(8, 0), (8, 1), (8, 2), (8, 3), (8, 4)]
    form = int("".join("01"[grid[y][x]] for y, x in places), 2) ^ 0b10101
    assert form >> 3 == 0b10  # level H
    return [
        lambda y, x: (y + x) % 2 == 0,
        lambda y, x: y % 2 == 0,
        lambda y, x: x % 3 == 0,
        lambda y, x: (y + x) % 3 == 0,
        lambda y, x: (y // 2 + x // 3) % 2 == 0,
        lambda y, x: y * x % 2 + y * x % 3 == 0,
        lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
        lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
    ][form & 7]


def way_of_the_bits():
    """The places of the data in their order: two columns at a time, up and down, from the right."""
    up = True
    for right in (20, 18, 16, 14, 12, 10, 8, 5, 3, 1):
        for y in range(20, -1, -1) if up else range(21):
            for x in (right, right - 1):
                corner = (y < 9 and (x < 9 or x > 12)) or (y > 12 and x < 9)
                if not corner and 6 not in (y, x):
                    yield y, x
        up = not up


@pytest.mark.parametrize(("kind", "read"), [("qr", read_squares), ("code128", read_bars)])
def test_a_scanner_reads_the_number_and_nothing_else(kind, read) -> None:
    for number in ("K7QM-4TX2-9", "2222-3333-4", "ZZZZ-ZZZZ-Z", *(new_number() for _ in range(20))):
        assert read(drawing(number, kind)) == plain_code(number)


def test_a_kind_that_nobody_knows_is_drawn_as_squares() -> None:
    assert drawing("K7QM-4TX2-9", "hologram").kind == "qr"
