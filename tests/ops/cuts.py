"""A disk that loses power: what was synced stays, what was not may be lost, late or torn.

`recorded()` turns a log of strace into the writes of a run; `Disk` replays them and says at any
moment what could be found on the disk if the power failed just there.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

TRACED = "pwrite64,write,fdatasync,fsync,ftruncate,unlink,openat"
SECTOR = 512
CALL = re.compile(rb"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)")
TEXT = re.compile(rb'"((?:\\x[0-9a-f]{2})*)"')


class Stroke(NamedTuple):
    """One system call: `kind` is made, write, sync, cut (to `offset` bytes) or gone."""

    kind: str
    file: str  # the file's name
    offset: int = 0
    data: bytes = b""


def recorded(log: Path, names: set[str]) -> list[Stroke]:
    """What a run did to the files with these names, in order."""
    strokes: list[Stroke] = []
    opened: dict[int, str] = {}
    for line in log.read_bytes().splitlines():
        if found := CALL.match(line):
            stroke = _stroke(found[1].decode(), found[2], int(found[3]), opened)
            if stroke and stroke.file in names:
                strokes.append(stroke)
    return strokes


def _stroke(call: str, arguments: bytes, result: int, opened: dict[int, str]) -> Stroke | None:
    if result < 0:
        return None
    if call in ("openat", "unlink"):
        name = Path(_text(arguments).decode()).name
        if call == "unlink":
            return Stroke("gone", name)
        opened[result] = name
        return Stroke("made", name) if b"O_CREAT" in arguments else None
    name = opened.get(int(re.match(rb"\d+", arguments)[0]), "")  # type: ignore[index]
    if call in ("fdatasync", "fsync"):
        return Stroke("sync", name)
    last = int(arguments.rpartition(b", ")[2])
    if call == "ftruncate":
        return Stroke("cut", name, last)
    return Stroke("write", name, last if call == "pwrite64" else -1, _text(arguments)[:result])


def _text(arguments: bytes) -> bytes:
    found = TEXT.search(arguments)
    assert found, arguments[:200]
    return bytes.fromhex(found[1].decode().replace("\\x", ""))


@dataclass
class File:
    """A file as it surely is on the disk, and what has not been synced since."""

    sure: bytearray = field(default_factory=bytearray)
    there: bool = True  # its name is surely on the disk
    waiting: list[Stroke] = field(default_factory=list)


class Disk:
    """The files of a run. With `blind`, syncing does nothing: a disk that lies."""

    def __init__(self, files: dict[str, bytes], *, blind: bool = False) -> None:
        self.files = {name: File(bytearray(content)) for name, content in files.items()}
        self.blind = blind
        self.gone: dict[str, File] = {}

    def take(self, stroke: Stroke) -> None:
        """One more system call was made."""
        if stroke.kind == "gone":
            self.gone[stroke.file] = self.files.pop(stroke.file, File())
            return
        file = self.files.setdefault(stroke.file, File(there=False))
        if stroke.kind == "sync":
            self._sync(file)
        elif stroke.kind != "made":
            file.waiting.append(stroke)

    def _sync(self, file: File) -> None:
        if self.blind:
            return
        for stroke in file.waiting:
            _apply(file.sure, stroke)
        file.waiting.clear()
        file.there = True
        self.gone.clear()  # the journal of the file system went to disk with it

    def cut(self, chance: random.Random) -> dict[str, bytes]:
        """What may be found after the power failed now, by name."""
        found = {}
        for name, file in self.files.items():
            if file.there or chance.random() < 0.5:
                found[name] = _torn(file, chance)
        for name, file in self.gone.items():
            if name not in found and chance.random() < 0.5:
                found[name] = bytes(file.sure)
        return found


def _torn(file: File, chance: random.Random) -> bytes:
    content = bytearray(file.sure)
    for stroke in _survivors(file.waiting, chance):
        _apply(content, stroke)
    return bytes(content)


def _survivors(waiting: list[Stroke], chance: random.Random) -> Iterator[Stroke]:
    """Some of the strokes that nobody synced: none, a first part, any, in any order, in pieces."""
    how = chance.choice(("none", "first", "any", "shuffled", "torn"))
    if how == "none":
        return
    if how == "first":
        yield from waiting[: chance.randrange(len(waiting) + 1)]
        return
    some = [stroke for stroke in waiting if chance.random() < 0.6]
    if how != "any":
        chance.shuffle(some)
    for stroke in some:
        yield from _pieces(stroke, chance) if how == "torn" else [stroke]


def _pieces(stroke: Stroke, chance: random.Random) -> Iterator[Stroke]:
    """A write in sectors, of which any may be lost."""
    if stroke.kind != "write":
        yield stroke
        return
    start = 0
    while start < len(stroke.data):
        size = SECTOR - (stroke.offset + start) % SECTOR
        if chance.random() < 0.7:
            data = stroke.data[start : start + size]
            yield Stroke("write", stroke.file, stroke.offset + start, data)
        start += size


def _apply(content: bytearray, stroke: Stroke) -> None:
    if stroke.kind == "cut":
        del content[stroke.offset :]
        content.extend(bytes(stroke.offset - len(content)))
        return
    end = stroke.offset + len(stroke.data)
    content.extend(bytes(max(0, end - len(content))))
    content[stroke.offset : end] = stroke.data
