"""The text of a JSON file, read value by value, each of a few megabytes at most."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from portal.lib.text import _

CHUNK = 1 << 18  # characters
MOST = 1 << 22  # characters of one object
MOST_PARTS = 300_000  # values in it: each costs many times its text in memory
MANY = 1 << 20  # characters, from which on the values are counted
BLANK = re.compile(r"[ \t\r\n\ufeff]*")


class Broken(ValueError):
    """The text is no JSON from here on; the message says where and why."""


def without_halves(text: str) -> str:
    """Text in which halves of characters, which no database takes, became question marks."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _no_number(name: str) -> Any:
    raise ValueError(name)


class JsonText:
    """The text of a file, read as far as the next value needs."""

    def __init__(self, stream: Any, told: Callable[[int], None] | None = None) -> None:
        self.stream, self.told = stream, told
        self.buffer, self.at, self.line, self.ended = "", 0, 1, False
        self.decoder, self.slow = _decoder(), _decoder(_short)

    def more(self) -> None:
        """Read on; what was taken before is forgotten."""
        chunk = self.stream.read(max(CHUNK, len(self.buffer) - self.at))
        self.ended = not chunk
        self.line += self.buffer.count("\n", 0, self.at)
        self.buffer, self.at = self.buffer[self.at :] + chunk, 0
        if self.told:
            self.told(self.stream.buffer.tell())

    def peek(self) -> str:
        """The next character that is no blank; "" at the end."""
        while True:
            self.at = BLANK.match(self.buffer, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if self.ended:
                return ""
            self.more()

    def skip(self, mark: str) -> None:
        """Go past a mark that has to be here."""
        if self.peek() != mark:
            raise self._broken(self.at)
        self.at += 1

    def value(self) -> Any:
        """The next value, whole."""
        if not self.peek():
            raise self._broken(self.at)
        while True:
            try:
                value, end = self._decoded()
            except json.JSONDecodeError as error:
                if self.ended or self._surely(error):
                    raise self._broken(error.pos) from None
            except ValueError:
                raise self._broken(self.at) from None
            except RecursionError:
                raise Broken(_("Line %(line)s is nested too deeply.", line=self._line())) from None
            else:
                if end < len(self.buffer) or self.ended:
                    self.at = end
                    return value
            self._guard()
            self.more()

    def _decoded(self) -> tuple[Any, int]:
        try:
            return self.decoder.raw_decode(self.buffer, self.at)
        except json.JSONDecodeError:
            raise
        except ValueError:  # a number of thousands of digits
            return self.slow.raw_decode(self.buffer, self.at)

    def _surely(self, error: json.JSONDecodeError) -> bool:
        """Whether it is an error that no further text could mend."""
        return error.pos < len(self.buffer) - 12 and not error.msg.startswith("Unterminated")

    def _guard(self) -> None:
        """Refuse an object that would not fit into memory."""
        size = len(self.buffer) - self.at
        parts = 0
        if size > MANY:
            parts = sum(self.buffer.count(mark, self.at) for mark in ",[{")
        if size > MOST or parts > MOST_PARTS:
            raise Broken(_("The object that begins on line %(line)s is too big for a single one.",
                           line=self._line()))  # fmt: skip

    def _line(self, at: int | None = None) -> int:
        return self.line + self.buffer.count("\n", 0, self.at if at is None else at)

    def _broken(self, at: int) -> Broken:
        near = " ".join(without_halves(self.buffer[at : at + 30]).replace("\0", " ").split())
        if not near:
            return Broken(_("The file ends too early, on line %(line)s.", line=self._line(at)))
        return Broken(
            _("Line %(line)s can't be read from “%(near)s” on.", line=self._line(at), near=near)
        )


def _decoder(whole: Callable[[str], Any] | None = None) -> json.JSONDecoder:
    return json.JSONDecoder(
        parse_float=Decimal, parse_int=whole, parse_constant=_no_number, strict=False
    )


def whole_value(text: str) -> Any:
    """The one value of a text, read as a file's values are. Raises ValueError."""
    try:
        value, end = _decoder(_short).raw_decode(text.strip())
    except RecursionError:
        raise ValueError(_("it is nested too deeply")) from None
    if end < len(text.strip()):
        raise ValueError(_("something follows behind its end"))
    return value


def _short(digits: str) -> int | str:
    """A whole number; one of hundreds of digits stays text."""
    return int(digits) if len(digits) < 300 else digits
