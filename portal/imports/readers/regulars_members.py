"""Our own export of members: people come back with their numbers, and with no way in."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from portal.imports.readers import Context, lacking
from portal.imports.reading.cells import email
from portal.imports.reading.own_rows import FORMATS as FORMATS
from portal.imports.reading.own_rows import Own, own_records, raw_of
from portal.imports.records import CustomerRecord, Record, Row

KIND = "regulars-members"
REQUIRED = (("Member number",), ("Member name",), ("Emails",), ("Phones",), ("Customer ids",))
DATES: tuple[str, ...] = ()


def recognise(header: Iterable[str]) -> list[str]:
    """The columns that a folded header lacks for our members."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Rows to people, one at a time, in the order of the file."""
    return own_records(rows, context, lambda _row: "", _member)


def _member(_key: str, held: list[Own]) -> Record:
    cells = held[0]
    record = CustomerRecord(*raw_of(held))
    cells.needed("membernumber")
    record.number = cells.member("membernumber")
    record.name = cells.text("membername", most=200)
    emails = [email(one, cells.column("emails")) for one in cells.several("emails")]
    phones = [one[:40] for one in cells.several("phones")]
    ids = [one[:60] for one in cells.several("customerids")]
    contacts = list(zip_longest(emails, phones, ids, fillvalue=""))
    if contacts:
        record.email, record.phone, record.external_id = contacts[0]
    record.more = [(one, phone, id_) for one, phone, id_ in contacts[1:]]
    return record
