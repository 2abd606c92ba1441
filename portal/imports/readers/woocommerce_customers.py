"""WooCommerce's customers as its REST interface (version 3) answers them: one object, one person.

People who work for the shop stand in the same list; they do not come in as customers.
"""

from collections.abc import Iterable, Iterator

from portal.imports.readers import Context, lacking
from portal.imports.reading.cells import Trouble, email
from portal.imports.reading.woocommerce import STAFF
from portal.imports.reading.woocommerce_json import Thing, records
from portal.imports.records import CustomerRecord, Nothing, Record, Row
from portal.lib.text import _

KIND = "woocommerce-customers"
FORMATS = ("json",)
REQUIRED = (
    ("id",),
    ("email",),
    ("first_name",),
    ("last_name",),
    ("role",),
    ("username",),
    ("billing",),
)
DATES: tuple[str, ...] = ()


def recognise(header: Iterable[str]) -> list[str]:
    """The fields that an object lacks for a customer."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Objects to customers, one at a time, in the order of the file."""
    yield from records(rows, _customer, "id")


def _customer(line: int, cells: list[str], thing: Thing) -> Record:
    if thing.text("role").casefold() in STAFF:
        return Nothing([line])
    billing = thing.inside("billing")
    person = CustomerRecord([line], [cells], external_id=thing.key("id"))
    person.email = email(thing.text("email", 400), "email")
    if not person.email:
        person.email = email(billing.text("email", 400), "billing.email")
    person.name = (thing.name() or billing.name())[:200]
    person.address = billing.address() or thing.inside("shipping").address()
    person.company = person.address.get("company", "")
    person.phone = person.address.get("phone", "")[:40]
    if not (person.external_id or person.email or person.phone):
        raise Trouble(_("The row has no customer id, no e-mail address and no phone number."))
    return person
