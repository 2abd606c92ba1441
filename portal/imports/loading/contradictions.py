"""Rows that can't belong to the order whose number they bear: another Id, currency or person.

The number is the key of an order, yet two shops count from 1001 both; what contradicts is put aside
rather than written over somebody else's order.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from portal.imports.loading.bulk import as_moment, lookup
from portal.imports.loading.intake import Intake, Known
from portal.imports.records import OrderRecord
from portal.lib.text import _
from portal.members.models import fold_email
from portal.orders.models import Order

#: Layouts differ in the moment that they give an order (created, processed), by less than this.
SAME_DAY = timedelta(hours=36)


def without_contradictions(intake: Intake, records: Sequence[OrderRecord]) -> list[OrderRecord]:
    """The records that agree with what is stored; the others are put aside."""
    owners = _owners(intake, records)
    fine = []
    for record in records:
        external, known = record.external_id, intake.known.get(record.number)
        reason = _against(record, known) if known else ""
        if not reason and external and owners.get(external, record.number) != record.number:
            owner = owners[external]
            reason = _("The Id %(id)s belongs to order %(known)s.", id=external, known=owner)
        if reason:
            intake.work.put_aside(record, reason)
            continue
        if external:
            owners[external] = record.number
        fine.append(record)
    return fine


def _owners(intake: Intake, records: Iterable[OrderRecord]) -> dict[str, str]:
    """By Id, the numbers of stored orders, for the Ids that are new to their order."""
    known = intake.known
    asked = {
        record.external_id
        for record in records
        if record.external_id
        and (record.number not in known or known[record.number].external_id is None)
    }
    names = ("external_id", "number")
    return dict(lookup(Order, names, "external_id", asked, shop=intake.work.shop))


def _against(record: OrderRecord, known: Known) -> str:
    if record.external_id and known.external_id and record.external_id != known.external_id:
        return other_id(record.number, known.external_id, record.external_id)
    if record.currency != known.currency:
        return other_currency(record.number, known.currency, record.currency)
    assert record.placed_at is not None
    apart = abs(record.placed_at - as_moment(known.placed_at))
    if apart > SAME_DAY and not _same_person(record.email, known.email):
        return _(
            "Order %(number)s is known since %(day)s, this row is of %(other)s."
            " Import the files of another shop with --shop.",
            number=record.number,
            day=as_moment(known.placed_at).date(),
            other=record.placed_at.date(),
        )
    return ""


def _same_person(one: str, other: str) -> bool:
    return bool(one) and fold_email(one) == fold_email(other)


def other_id(number: str, known: str, said: str) -> str:
    """The sentence for an Id that is not the order's."""
    return _(
        "Order %(number)s is known with the Id %(known)s, this row says %(id)s.",
        number=number,
        known=known,
        id=said,
    )


def other_currency(number: str, known: str, said: str) -> str:
    """The sentence for a currency that is not the order's."""
    return _(
        "Order %(number)s is in %(known)s, this row in %(said)s.",
        number=number,
        known=known,
        said=said,
    )
