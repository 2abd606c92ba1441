"""WebToffee's export of WordPress users: one row for each; who works for the shop stays out.

Source of the columns: the plug-in's `data-user-columns.php` (2.7.2). Password hashes and session
tokens stand in it; they are blanked before anything else looks at a row (see secrecy.py).
"""

import re
from collections.abc import Iterable, Iterator

from portal.imports.readers import Context, lacking
from portal.imports.reading import woocommerce
from portal.imports.reading.cells import Trouble, clean, code, email, wrong
from portal.imports.records import Bad, CustomerRecord, Nothing, Record, Row
from portal.lib.text import _

KIND = "webtoffee-customers"
REQUIRED = (
    ("ID", "customer_id"),
    ("user_login",),
    ("user_email",),
    ("user_registered",),
    ("roles",),
)
DATES: tuple[str, ...] = ()


def recognise(header: Iterable[str]) -> list[str]:
    """The columns that a folded header lacks for a file of users."""
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

    def cell(*names: str) -> str:
        found = (clean(cells[context.columns[name]]) for name in names if name in context.columns)
        return next(filter(None, found), "")

    roles = set(re.split(r"[^a-z0-9_]+", cell("roles").casefold()))
    if roles & woocommerce.STAFF:
        return None
    person = CustomerRecord([line], [cells])
    external = code(cell("id", "customer_id"))
    if external and not (external.isdecimal() and external.isascii() and len(external) <= 20):
        raise wrong("ID", external, _("which is not the number of a user"))
    person.external_id = "" if external == "0" else external
    for name in ("user_email", "billing_email"):
        person.email = person.email or email(cell(name), name)
    told = {
        name.removeprefix("billing_"): clean(cells[place])
        for name, place in context.columns.items()
        if name.startswith("billing_")
    }
    person.address = woocommerce.address(told | {"postcode": code(told.get("postcode", ""))})
    own = " ".join(filter(None, (cell("first_name"), cell("last_name"))))
    person.name = (own or person.address.get("name", "") or cell("display_name"))[:200]
    person.company = person.address.get("company", "")
    person.phone = code(told.get("phone", ""))[:40]
    if not (person.external_id or person.email or person.phone):
        raise Trouble(_("The row has no user id, no e-mail address and no phone number."))
    return person
