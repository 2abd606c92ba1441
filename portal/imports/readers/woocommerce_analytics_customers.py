"""The table of customers that WooCommerce's Analytics lets one download: people without ids.

Source of the columns: `src/Admin/API/Reports/Customers/Controller.php`; older files stop at
`Postal Code`. (The table of orders beside it is not enough for orders: see refusal.py.)
"""

import re
from collections.abc import Iterable, Iterator

from portal.imports.readers import Context, lacking
from portal.imports.reading import woocommerce
from portal.imports.reading.cells import Trouble, clean, code, email
from portal.imports.reading.packed import plain
from portal.imports.records import Bad, CustomerRecord, Nothing, Record, Row
from portal.lib.text import _

KIND = "woocommerce-analytics-customers"
REQUIRED = (
    ("Name",),
    ("Username",),
    ("Last Active",),
    ("Sign Up",),
    ("Email",),
    ("Total Spend",),
)
DATES: tuple[str, ...] = ()


def recognise(header: Iterable[str]) -> list[str]:
    """The columns that a folded header lacks for this table."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Rows to customers, one at a time, in the order of the file."""
    for line, cells, problem in rows:
        if context.scrub:
            context.scrub(cells)
        if problem is None and not any(cell.strip() for cell in cells):
            yield Nothing([line])
            continue
        try:
            if problem:
                raise Trouble(problem)
            yield _customer(line, cells, context) or Nothing([line])
        except Trouble as trouble:
            yield Bad("", [(line, str(trouble), cells)])


def _customer(line: int, cells: list[str], context: Context) -> CustomerRecord | None:
    """The person of a row; None for somebody who works for the shop."""

    def cell(name: str) -> str:
        return clean(cells[context.columns[name]]) if name in context.columns else ""

    if set(re.split(r"[^a-z0-9_]+", cell("role").casefold())) & woocommerce.STAFF:
        return None
    person = CustomerRecord([line], [cells])
    person.email = email(cell("email"), "Email")
    person.name = plain(cell("name"))[:200]
    person.phone = code(cell("billingphone") or cell("shippingphone"))[:40]
    told = {"city": cell("city"), "postcode": code(cell("postalcode")), "state": cell("region"),
            "country": cell("country/region")}  # fmt: skip
    person.address = woocommerce.address(told)
    if not (person.email or person.phone):
        raise Trouble(_("The row has no e-mail address and no phone number."))
    return person
