"""Files of programs that can't be read here, and what their owner can do about it."""

import codecs
from pathlib import Path

from portal.imports.formats.sources import Unreadable
from portal.lib.text import _

ZIP = b"PK\x03\x04"
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
LOCKED = "EncryptedPackage".encode("utf-16-le")
ARCHIVES = {b"\x1f\x8b": "GZIP", b"%PDF": "PDF", b"7z\xbc\xaf": "7z", b"Rar!": "RAR"}
FAR = 1 << 20  # bytes into an old office file where its list of contents is looked for


def refuse_foreign(path: Path, head: bytes) -> None:
    """Raise Unreadable for a file that is neither text nor a ZIP archive."""
    for magic, name in ARCHIVES.items():
        if head.startswith(magic):
            raise Unreadable(
                _("This is a %(kind)s file. Save or unpack it as CSV first.", kind=name)
            )
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise Unreadable(_("This is a UTF-16 file. Save it as CSV UTF-8 first."))
    if head.startswith(OLD_OFFICE):
        with path.open("rb") as stream:
            locked = LOCKED in stream.read(FAR)
        raise locked_workbook() if locked else _save_as(_("an old Excel workbook (.xls)"))


def refuse_archive(names: list[str], kind: bytes) -> None:
    """Raise Unreadable for a ZIP archive that holds no XLSX workbook; `kind` is its `mimetype`."""
    known = set(names)
    if "xl/workbook.xml" in known:
        return
    if "xl/workbook.bin" in known:
        raise _save_as(_("a binary Excel workbook (.xlsb)"))
    if b"opendocument" in kind:
        raise _save_as(_("an OpenDocument spreadsheet (.ods)"))
    if any(name.startswith("Index/") or name == "Index.zip" for name in known):
        raise _save_as(_("a Numbers document"))
    raise Unreadable(_("This is a ZIP file. Unpack it, and bring in the files that are in it."))


def _save_as(what: str) -> Unreadable:
    return Unreadable(
        _("This is %(what)s. Open it, save it as an Excel workbook (.xlsx) or as CSV, and bring"
          " that file in.", what=what)
    )  # fmt: skip


def locked_workbook() -> Unreadable:
    """The refusal of a workbook that asks for a password."""
    return Unreadable(
        _("This workbook is locked with a password. Open it, save it without the password, and"
          " bring that file in.")
    )  # fmt: skip


def broken_workbook() -> Unreadable:
    """The refusal of a workbook that is damaged."""
    return Unreadable(
        _("This workbook is damaged and can't be read. Open it, save it again as .xlsx or as CSV,"
          " and bring that file in.")
    )  # fmt: skip


def broken_archive() -> Unreadable:
    """The refusal of what begins like a workbook, or like another ZIP archive, and then is none."""
    return Unreadable(
        _("This workbook or ZIP file is damaged, perhaps because it did not arrive whole. Fetch or"
          " save it again, and bring in the new one.")
    )  # fmt: skip
