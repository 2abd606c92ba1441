"""Files and a map, opened: found, looked at, held against each other, ready to be streamed."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from zoneinfo import ZoneInfo

from portal.imports.formats.files import Source, Unreadable, fold, look_at
from portal.imports.maps.fields import FIELDS
from portal.imports.maps.grammar import Map
from portal.imports.maps.joined import Joined, headers
from portal.imports.maps.reader import MappedReader
from portal.imports.maps.sheet import place_of
from portal.imports.readers import Context
from portal.imports.reading.dayorder import day_first
from portal.imports.reading.secrecy import scrubber
from portal.lib.text import _
from portal.shop.models import settings

Paths = Mapping[str, "str | Path | Sequence[str | Path]"]


def assign(map: Map, paths: Iterable[str | Path]) -> dict[str, list[Path]]:
    """Which of the map's files each path is, by its name. Raises Unreadable."""
    found: dict[str, list[Path]] = {file.name: [] for file in map.files}
    for path in sorted(map_paths(paths), key=lambda path: path.name):
        name = path.name.casefold()
        exact = [file for file in map.files if file.pattern.casefold() == name]
        fitting = exact or [f for f in map.files if fnmatchcase(name, f.pattern.casefold())]
        if not fitting:
            raise Unreadable(_("%(file)s is none of the files of the map.", file=path.name))
        found[fitting[0].name].append(path)
    missing = [file.pattern for file in map.files if not found[file.name]]
    if missing:
        raise Unreadable(
            _("The map also needs: %(files)s. Name all its files at once.",
              files=", ".join(missing)),
            missing,
        )  # fmt: skip
    return found


def map_paths(paths: Iterable[str | Path]) -> list[Path]:
    """Paths, each once."""
    return list(dict.fromkeys(Path(path) for path in paths))


def _named(map: Map, path: str | Path, files: Paths | None) -> dict[str, list[Path]]:
    """The paths by the map's names, where the caller knows them."""
    if not map.files:
        return {"": [Path(path)]}
    if files is None:
        return {map.main: [Path(path)]} if not map.joined else assign(map, [path])
    found = {
        name: [Path(one)] if isinstance(one, str | Path) else [Path(each) for each in one]
        for name, one in files.items()
    }
    found.setdefault(map.main, [Path(path)])
    if unknown := found.keys() - {file.name for file in map.files}:
        raise Unreadable(_("The map has no file “%(name)s”.", name=sorted(unknown)[0]))
    if missing := [file.pattern for file in map.files if not found.get(file.name)]:
        raise Unreadable(_("The map also needs: %(files)s.", files=", ".join(missing)), missing)
    return found


def open_mapped(
    map: Map,
    path: str | Path,
    files: Paths | None = None,
    *,
    currency: str | None = None,
    most: int | None = None,
) -> tuple[Joined, MappedReader]:
    """The stream (not yet gathered) of a map's files and its reader. Raises Unreadable.

    `files`: the paths by the map's names for its files, where it joins several; `most`: rows of
    the first file that are looked at, for a preview.
    """
    sources = {
        name: [_looked_at(one) for one in paths] for name, paths in _named(map, path, files).items()
    }
    reader = MappedReader(map)
    context = _context(map, sources, currency)
    lacks = reader.recognise(context.columns)
    lacks += [column for column in _join_columns(map, sources) if column not in lacks]
    if lacks:
        sentence = _("The map names columns that the file lacks: %(columns)s.",
                     columns=", ".join(lacks))  # fmt: skip
        raise Unreadable(sentence, lacks)
    return Joined(map, sources, context, most=most), reader


def _looked_at(path: Path) -> Source:
    source = look_at(path)
    if source.format == "json":
        raise Unreadable(_("A map is for tables: CSV or XLSX. This is a JSON file."))
    return source


def _join_columns(map: Map, sources: Mapping[str, Sequence[Source]]) -> list[str]:
    """The columns that the joins need and the files lack."""
    lacks = []
    for file in map.files[1:]:
        for name, column in ((file.parent, file.there), (file.name, file.here)):
            if fold(column) not in sources[name][0].columns:
                lacks.append(f"{name}.{column}")
    return lacks


def _context(map: Map, sources: Mapping[str, Sequence[Source]], currency: str | None) -> Context:
    header = headers(map, sources)
    first = next(iter(sources.values())) if not map.files else sources[map.main]
    context = Context(
        header=header,
        columns={fold(name): place for place, name in enumerate(header)},
        currency=(map.currency or currency or settings().currency).upper(),
        zone=ZoneInfo(map.timezone or settings().timezone),
        comma=any(source.delimiter == ";" for source in first),
        scrub=scrubber(header),
    )
    context.day_first = _day_first(map, sources, context)
    return context


def _day_first(map: Map, sources: Mapping[str, Sequence[Source]], context: Context) -> bool | None:
    """Whether 03/04 is in April: as the map says, else as all the files' dates decide."""
    if map.dates:
        return {"day-first": True, "month-first": False}.get(map.dates)
    types = {name: field.type for name, field in FIELDS[map.kind].items()}
    places = {place_of(c, context.columns, map.main) for c in map.dates_of(types)}
    said = set()
    for name, parts in sources.items():
        prefix = f"{name}." if map.joined else ""
        for source in parts:
            columns = [c for c in source.columns if context.columns[fold(prefix + c)] in places]
            said.add(day_first(source, tuple(columns)))
    said.discard(None)
    if len(said) == 2:
        raise Unreadable(
            _("Some of the files have dates as day/month, others as month/day:"
              " say “dates” in the map.")
        )  # fmt: skip
    return said.pop() if said else None


def whole_source(map: Map, joined: Joined) -> Source:
    """All the files as one, for a batch: their names, sizes and a digest of them and the map."""
    parts = [source for file in joined.files for source in joined.sources[file.name]]
    digest = hashlib.sha256(map.sha256.encode())
    for source in parts:
        digest.update(source.sha256.encode())
    names = ", ".join(source.path.name for source in parts)
    return Source(
        Path(names if len(names) <= 255 else names[:254] + "…"),
        size=joined.size,
        sha256=digest.hexdigest(),
        header=joined.context.header,
        sheet=parts[0].sheet if len(parts) == 1 else "",
        sheets=parts[0].sheets if len(parts) == 1 else 0,
    )
