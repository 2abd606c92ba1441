"""What imports announce, and how it reads in a timeline that one was undone or redone."""

from blinker import signal

from portal.lib.text import ngettext
from portal.members.kinds import Values, register

#: Sent in the transaction that ends a batch which made or changed people: `send(None, batch_id=…)`.
people_came = signal("imports.people_came")


def _undone_for_staff(values: Values) -> str:
    return ngettext(
        "One order went back: the import of %(file)s was undone.",
        "%(count)s orders went back: the import of %(file)s was undone.",
        values["count"],
        file=values["file"],
    )


def _undone_for_member(values: Values) -> str:
    return ngettext(
        "The shop took back what it had told us of one of your orders.",
        "The shop took back what it had told us of %(count)s of your orders.",
        values["count"],
    )


def _redone_for_staff(values: Values) -> str:
    return ngettext(
        "One order came in again: undoing the import of %(file)s was taken back.",
        "%(count)s orders came in again: undoing the import of %(file)s was taken back.",
        values["count"],
        file=values["file"],
    )


def _redone_for_member(values: Values) -> str:
    return ngettext(
        "One of your orders came in again from the shop.",
        "%(count)s of your orders came in again from the shop.",
        values["count"],
    )


register("imports.undone", group="orders", staff=_undone_for_staff, member=_undone_for_member)
register("imports.redone", group="orders", staff=_redone_for_staff, member=_redone_for_member)
