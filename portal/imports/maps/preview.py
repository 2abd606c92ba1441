"""The first rows of a file as they would come in with a map, or why they would not."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from portal.imports.formats.files import look_at, rows
from portal.imports.maps.grammar import Map
from portal.imports.maps.opening import open_mapped
from portal.imports.maps.sheet import place_of
from portal.imports.reading.cells import clean
from portal.imports.records import (
    Bad,
    CustomerRecord,
    Nothing,
    OrderRecord,
    PaymentsRecord,
    ProductRecord,
    Record,
)
from portal.lib.dates import day
from portal.lib.money import format_money
from portal.lib.text import _, ngettext

SAMPLE = 1 << 20  # bytes of a larger file that are looked at
ROWS_READ = 200
WORDS_READ = 2_000
MOST_WORDS = 24
LINES_SHOWN = 2


@dataclass(slots=True)
class PreviewRow:
    """A record as it would come in: its cells, or the `reason` why it would not. `line`: its first.

    `left_out`: a rule of the map, or nothing in the row; else the reason is a mistake.
    """

    line: int
    rows: int
    cells: list[str] = field(default_factory=list)
    reason: str = ""
    left_out: bool = False


def columns(kind: str) -> list[str]:
    """The headings of a preview of that kind of record."""
    return {
        "orders": [_("Order"), _("Placed"), _("Who"), _("What"), _("State"), _("Total")],
        "customers": [_("Customer id"), _("Name"), _("E-mail address"), _("Phone"), _("Town")],
        "payments": [_("Order"), _("Paid on"), _("How"), _("Amount")],
        "products": [_("SKU"), _("Product"), _("Price")],
    }[kind]


def preview(map: Map, path: str | Path, rows: int = 20) -> list[PreviewRow]:
    """The first records of a file, read with a map. Raises Unreadable."""
    with sample(path) as head:
        joined, reader = open_mapped(map, head, most=ROWS_READ)
        with joined:
            joined.gather()
            records = reader.read(joined.rows(), joined.context)
            return [_row(record) for record in islice(records, rows)]


def words(columns: dict[str, str], path: str | Path) -> dict[str, list[str]]:
    """What columns hold, by the names of our fields, in the order of the file; most a few."""
    with sample(path) as head:
        source = look_at(head)
        places = {name: place for place, name in enumerate(source.columns)}
        asked = {name: place_of(column, places, "") for name, column in columns.items()}
        found: dict[str, dict[str, None]] = {
            name: {} for name, place in asked.items() if place is not None
        }
        for _line, cells, problem in islice(rows(source), WORDS_READ) if found else ():
            for name, said in found.items():
                if not problem and len(said) < MOST_WORDS:
                    said[clean(cells[asked[name] or 0])[:60]] = None
    return {name: list(said) for name, said in found.items()}


@contextmanager
def sample(path: str | Path) -> Iterator[Path]:
    """The file, or its beginning up to a line's end where it is a large one of text."""
    path = Path(path)
    with path.open("rb") as stream:
        head = stream.read(SAMPLE + 1)
    if len(head) <= SAMPLE or head.startswith(b"PK\x03\x04") or b"\n" not in head:
        yield path
        return
    with TemporaryDirectory(prefix="regulars-map-") as folder:
        part = Path(folder) / path.name
        part.write_bytes(head[: head.rindex(b"\n") + 1])
        yield part


def _row(record: Record) -> PreviewRow:
    if isinstance(record, Bad):
        # Of the reasons of one order's rows, the shortest is that of the row to blame.
        line, reason, _cells = min(record.rows, key=lambda row: len(row[1]))
        return PreviewRow(line, len(record.rows), reason=reason)
    if isinstance(record, Nothing):
        why = record.why or _("blank row")
        return PreviewRow(record.lines_of_file[0], 1, reason=why, left_out=True)
    return PreviewRow(record.lines_of_file[0], len(record.lines_of_file), _cells_of(record))


def _cells_of(record: Record) -> list[str]:
    if isinstance(record, OrderRecord):
        assert record.placed_at is not None
        who = record.name or record.email or record.customer_id or record.phone
        return [
            record.number, day(record.placed_at), who, _what(record), _state(record),
            format_money(record.total, record.currency),
        ]  # fmt: skip
    if isinstance(record, CustomerRecord):
        town = record.address.get("city", "")
        return [record.external_id, record.name, record.email, record.phone, town]
    if isinstance(record, PaymentsRecord):
        moves = record.transactions
        amounts = [
            format_money(-m.amount if m.kind == "refund" else m.amount, m.currency) for m in moves
        ]
        how = _listed(dict.fromkeys(move.method or move.gateway for move in moves))
        return [record.number, day(moves[0].at), how, ", ".join(amounts[:5])]
    assert isinstance(record, ProductRecord)
    price = "" if record.price is None else format_money(record.price, record.currency)
    return [record.sku, record.title, price]


def _what(record: OrderRecord) -> str:
    titles = [
        f"{line.quantity} × {line.title}" if line.quantity != 1 else line.title
        for line in record.lines
    ]
    more = len(titles) - LINES_SHOWN
    shown = ", ".join(title[:60] for title in titles[:LINES_SHOWN])
    return shown if more <= 0 else ngettext(
        "%(shown)s and %(count)s more", "%(shown)s and %(count)s more", more, shown=shown
    )  # fmt: skip


def _state(record: OrderRecord) -> str:
    return _listed((record.financial_status, record.fulfilment_status)).replace("_", " ")


def _listed(parts: Sequence[str] | dict[str, None]) -> str:
    return ", ".join(part for part in parts if part)
