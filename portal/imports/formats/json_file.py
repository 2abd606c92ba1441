"""A JSON file as a stream: a list of objects, one object, one a line, or any of these in “data”.

A row is one object: its place in the file, starting at 1, and its text without what never comes
in. Fractions stand in it as text, so that no amount goes through a float. Objects are read one by
one, each of a few megabytes at most; what follows a broken one can't be told and is one bad row.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from portal.imports.formats.csv_file import measure, open_text
from portal.imports.formats.json_text import Broken, JsonText, without_halves
from portal.imports.formats.sources import Source, Unreadable
from portal.imports.reading.secrecy import without_secrets
from portal.imports.records import Row
from portal.lib.text import _

BEGINS = re.compile(rb'\s*(?:\[\s*(?:[\[{\]"0-9tfn-]|$)|\{\s*(?:["}]|$))')
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


def is_json(head: bytes) -> bool:
    """Whether a file's first bytes begin a list or an object of JSON."""
    return bool(BEGINS.match(head.removeprefix(b"\xef\xbb\xbf")))


def look_at(source: Source) -> None:
    """Read a file once: digest, encoding, the names in its first object. Raises Unreadable."""
    with source.path.open("rb") as stream:
        measure(source, stream)
    source.slashed_dates = False
    try:
        source.wrapped = _is_wrapped(source)
        first = next((value for value in _values(source) if isinstance(value, dict)), None)
    except Broken as why:
        raise Unreadable(_("This is no JSON that can be read: %(why)s", why=why)) from None
    if not first:
        raise Unreadable(_("There is no object in this JSON file, so there is nothing to import."))
    names = [without_halves(name).replace("\0", "")[:80] for name in first]
    if source.wrapped and first.keys() <= {"status", "params", "details"}:
        raise Unreadable(
            _(
                "The shop answered with an error (%(status)s) instead of its data. Ask it again,"
                " with a key that may read.",
                status=first.get("status"),
            )
        )
    if len(names) <= 4 and "id" not in first and any(map(_is_nested, first.values())):
        raise Unreadable(_shape(names))
    source.header = names[:200]


def rows(source: Source, told: Callable[[int], None] | None = None) -> Iterator[Row]:
    """Every object: (its place, [its text], what is wrong with it or None)."""
    place = 0
    values = _values(source, told)
    while True:
        place += 1
        try:
            value = next(values, _END)
        except Broken as why:
            yield place, [""], _unread(str(why), place)
            return
        if value is _END:
            return
        yield _row(source, place, value)


_END = object()


def _unread(why: str, place: int) -> str:
    if place == 1:
        return why
    return _("%(why)s Everything from object %(place)s on was left out.", why=why, place=place)


def object_text(value: dict[str, Any]) -> str:
    """The text of an object as it is kept: without what never comes in. Raises RecursionError."""
    return without_halves(encode(without_secrets(value)))


def _row(source: Source, place: int, value: Any) -> Row:
    if not isinstance(value, dict):
        return place, [""], _("Object %(place)s is no object: it has no fields.", place=place)
    try:
        text = object_text(value)
    except RecursionError:
        return place, [""], _("Object %(place)s is nested too deeply.", place=place)
    problem = None
    if "\\u0000" in text and NUL.search(text):
        problem = _("The object holds a NUL character.")
    elif source.suspicious and "\ufffd" in text:
        problem = _("The object holds bytes that are no %(encoding)s text.",
                    encoding=source.encoding.removesuffix("-sig"))  # fmt: skip
    return place, [text], problem


def _is_nested(value: object) -> bool:
    return isinstance(value, dict | list)


def _shape(names: list[str]) -> str:
    return _(
        "This JSON holds “%(names)s”. Wanted is a list of orders, customers, refunds or products as"
        " the shop's own interface gives them, or one of them, bare or inside “data”.",
        names=", ".join(names)[:80],
    )


def _values(source: Source, told: Callable[[int], None] | None = None) -> Iterator[Any]:
    """Every value of the file's lists, one at a time. Raises Broken."""
    with open_text(source) as stream:
        text = JsonText(stream, told)
        while opens := text.peek():
            if opens == "[":
                yield from _elements(text)
            elif opens == "{" and source.wrapped:
                yield from _unwrapped(text)
            else:
                yield text.value()


def _elements(text: JsonText) -> Iterator[Any]:
    text.skip("[")
    if text.peek() == "]":
        text.skip("]")
        return
    while True:
        yield text.value()
        if text.peek() == "]":
            text.skip("]")
            return
        text.skip(",")


def _unwrapped(text: JsonText) -> Iterator[Any]:
    """What stands under “data” in an object; its other fields are passed over."""
    for name in _names(text):
        opens = text.peek()
        if name == "data" and opens == "[":
            yield from _elements(text)
        elif name == "data" and opens == "{":
            yield text.value()
        else:
            text.value()


def _names(text: JsonText) -> Iterator[str]:
    """The names of an object; whoever asks for the next one has read the value."""
    text.skip("{")
    while text.peek() != "}":
        name = text.value()
        text.skip(":")
        yield str(name)
        if text.peek() != "}":
            text.skip(",")
    text.skip("}")


def _is_wrapped(source: Source) -> bool:
    with open_text(source) as stream:
        text = JsonText(stream)
        if text.peek() != "{":
            return False
        for name in _names(text):
            if name == "data" and text.peek() in ("[", "{"):
                return True
            text.value()
    return False
