"""Shopify's customers export in its three layouts: one row for each person.

Current (`Default Address …` columns), the older one that is also the import template (`Company`,
`Address1` …), and the oldest (`Accepts Marketing`).
"""

from collections.abc import Iterable, Iterator

from portal.imports.readers import Context, lacking
from portal.imports.reading.cells import Trouble, clean, code, email, money, wrong, yes
from portal.imports.records import Bad, CustomerRecord, Nothing, Record, Row
from portal.lib.text import _

KIND = "shopify-customers"
REQUIRED = (
    ("First Name",),
    ("Last Name",),
    ("Email",),
    ("Accepts Email Marketing", "Accepts Marketing"),
    ("Total Orders", "Orders Count", "Default Address Address1"),
)
DATES: tuple[str, ...] = ()
ADDRESS = {
    "company": ("defaultaddresscompany", "company"),
    "street1": ("defaultaddressaddress1", "address1"),
    "street2": ("defaultaddressaddress2", "address2"),
    "city": ("defaultaddresscity", "city"),
    "zip": ("defaultaddresszip", "zip"),
    "province": ("defaultaddressprovincecode", "provincecode", "province"),
    "country": ("defaultaddresscountrycode", "countrycode", "country"),
    "phone": ("defaultaddressphone",),
}


def recognise(header: Iterable[str]) -> list[str]:
    """The columns that a folded header lacks for a file of customers."""
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
            yield _customer(line, cells, context)
        except Trouble as trouble:
            yield Bad("", [(line, str(trouble), cells)])


def _customer(line: int, cells: list[str], context: Context) -> CustomerRecord:
    def cell(*names: str) -> str:
        for name in names:
            if name in context.columns:
                return clean(cells[context.columns[name]])
        return ""

    def column(*names: str) -> str:
        return next((context.header[context.columns[n]] for n in names if n in context.columns), "")

    person = CustomerRecord([line], [cells])
    person.external_id = code(cell("customerid"))
    if "." in person.external_id or "E+" in person.external_id.upper():
        raise wrong(column("customerid"), person.external_id, _("which a spreadsheet has rounded"))
    if len(person.external_id) > 60:
        raise wrong(column("customerid"), person.external_id, _("which is too long for an id"))
    person.email = email(cell("email"), column("email"))
    person.name = " ".join(filter(None, (cell("firstname"), cell("lastname"))))[:200]
    person.note = cell("note")[:5000]
    person.tags = cell("tags")[:500]
    for field, names in ADDRESS.items():
        if value := cell(*names):
            guarded = field in ("zip", "phone")
            person.address[field] = code(value) if guarded else value[:300]
    person.company = person.address.get("company", "")
    person.phone = (code(cell("phone")) or person.address.get("phone", ""))[:40]
    accepts = ("acceptsemailmarketing", "acceptsmarketing")
    person.accepts_email = yes(cell(*accepts), column(*accepts))
    person.accepts_sms = yes(cell("acceptssmsmarketing"), column("acceptssmsmarketing"))
    spent = ("totalspent",)
    money(cell(*spent), column(*spent), 4, context.comma)
    if not (person.external_id or person.email or person.phone):
        raise Trouble(_("The row has no customer id, no e-mail address and no phone number."))
    return person
