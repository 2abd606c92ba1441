"""Where a browser roughly is: city and country, from a file of places that the shop may have.

The network address is looked up and forgotten; only the place is kept.
"""

import logging
import os
from ipaddress import ip_address
from typing import Any, NamedTuple

import maxminddb
from flask import current_app

log = logging.getLogger("portal.places")

LONGEST = 120  # characters of a place, as the tables keep it


class _Opened(NamedTuple):
    """A file as it was when it was opened; a broken one has no reader."""

    stamp: tuple[int, int, int]
    reader: Any


_opened: dict[str, _Opened] = {}


def place_of(address: str | None) -> str:
    """`Ghent, Belgium` for a network address, or "" where it is not known.

    Nothing raises: a file that is missing, broken or of another kind is logged once, and signing
    in goes on without places.
    """
    path = current_app.config["GEO_DATABASE"]
    if not path or not address:
        return ""
    try:
        plain = ip_address(address)
    except ValueError:
        return ""
    mapped = getattr(plain, "ipv4_mapped", None)
    return _words(_look_up(path, str(mapped or plain).partition("%")[0]))


def _look_up(path: str, address: str) -> Any:
    opened = _opened.get(path)
    try:
        found = os.stat(path)
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
    except OSError:
        stamp = (0, 0, 0)
    if opened is None or opened.stamp != stamp:
        opened = _opened[path] = _Opened(stamp, _open(path))
    if opened.reader is None or (":" in address and opened.reader.metadata().ip_version == 4):
        return None
    try:
        return opened.reader.get(address)
    # The file comes from elsewhere, and what a broken one makes the reader raise is anybody's
    # guess; nothing in it may keep somebody out.
    except Exception as problem:
        log.error("the places in %s cannot be read: %s", path, problem)
        _opened[path] = _Opened(stamp, None)
        return None


def _open(path: str) -> Any:
    """A reader that holds no copy in memory and survives a file that is cut short meanwhile."""
    try:
        return maxminddb.open_database(path, maxminddb.MODE_FILE)
    except Exception as problem:  # as above
        log.error("the file of places %s cannot be used: %s", path, problem)
        return None


def _words(record: Any) -> str:
    """City and country of a record, as far as it names them."""
    if not isinstance(record, dict):
        return ""
    country = _name(record, "country") or _name(record, "registered_country")
    named = [name for name in (_name(record, "city"), country) if name]
    return ", ".join(named)[:LONGEST]


def _name(record: dict[str, Any], part: str) -> str:
    names = record.get(part)
    names = names.get("names") if isinstance(names, dict) else None
    name = names.get("en") if isinstance(names, dict) else None
    printable = "".join(c for c in name if c.isprintable()) if isinstance(name, str) else ""
    return " ".join(printable.split())
