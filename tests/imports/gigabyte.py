"""Imports a file of a gigabyte and says how much memory that took.

`python gigabyte.py zeros|noise|cells|json|bomb BYTES EMPTY.sqlite3 FOLDER` prints JSON.
"""

import io
import json
import os
import resource
import sys
import time
import zipfile
from pathlib import Path
from typing import BinaryIO

from badfiles import as_xlsx
from killed import connect, copy

from portal.imports.run import import_file

ENDINGS = {"json": "json", "bomb": "xlsx"}
HEAD = b"First Name,Last Name,Email,Accepts Marketing,Total Orders,Note\r\n"


def write(shape: str, size: int, file: BinaryIO) -> None:
    """Fill the file: a hole, random bytes, rows with cells of 100 kB, objects of 1 MB, a bomb."""
    if shape == "zeros":
        file.truncate(size)
    elif shape == "noise":
        while file.tell() < size:
            file.write(os.urandom(1 << 20))
    elif shape == "cells":
        file.write(HEAD)
        row = 0
        while file.tell() < size:
            row += 1
            file.write(b"Ana,Lind,person%d@example.com,yes,1,%s\r\n" % (row, b"x" * 100_000))
    elif shape == "bomb":
        _bomb(size, file)
    else:
        _objects(size, file)


def _bomb(size: int, file: BinaryIO) -> None:
    """A workbook of a megabyte whose sheet is `size` bytes of blanks once it is unpacked."""
    head = HEAD.decode().strip().split(",")
    book = io.BytesIO(as_xlsx([head, ["Ana", "Lind", "ana@example.com", "yes", "1", "x"]]))
    packed = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with zipfile.ZipFile(book) as old, packed as new:
        for name in old.namelist():
            with new.open(name, "w", force_zip64=True) as part:
                part.write(old.read(name))
                for _megabyte in range(size >> 20 if "sheet1" in name else 0):
                    part.write(b" " * (1 << 20))


def _objects(size: int, file: BinaryIO) -> None:
    number = 0
    file.write(b"[")
    while file.tell() < size:
        number += 1
        person = {
            "id": number, "email": f"person{number}@example.com", "first_name": "Ana",
            "last_name": "Lind", "role": "customer", "username": f"ana{number}", "billing": {},
            "meta_data": [{"key": "k", "value": "x" * 1_000_000}],
        }  # fmt: skip
        file.write((b"," if number > 1 else b"") + json.dumps(person).encode())
    file.write(b"]")


def main() -> None:
    """Write, import, print."""
    shape, size, empty, folder = sys.argv[1:]
    path = Path(folder) / f"big.{ENDINGS.get(shape, 'csv')}"
    with path.open("wb") as file:
        write(shape, int(size), file)
    connect(copy(Path(empty), Path(folder) / "shop.sqlite3"))
    began = time.monotonic()
    result = import_file(path)
    tally = result.tally
    said = result.error or f"{tally.rows} rows, {tally.quarantined} put aside"
    print(json.dumps({
        "bytes": path.stat().st_size, "said": said, "seconds": round(time.monotonic() - began),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }))  # fmt: skip
    path.unlink()


if __name__ == "__main__":
    main()
