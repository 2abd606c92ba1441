"""Closing an account: asked for, thought over for two weeks, then done for good.

What says who somebody is, or lets them in, goes. Orders, payments and the points ledger stay under
the member number, since the shop has to keep its books.
"""

from collections.abc import Iterable
from datetime import timedelta

from peewee import fn

from portal.lib.clock import now
from portal.lib.dates import day
from portal.lib.db import write_tx
from portal.lib.mail import Mail, post
from portal.lib.refused import Refused
from portal.lib.sms import TextMessage
from portal.lib.text import _
from portal.members.models import EmailAddress, Member, PhoneNumber, SearchTerm, Session
from portal.members.models.search import (
    index_member,
    terms_for_email,
    terms_for_name,
    terms_for_phone,
)
from portal.recovery.letters import addresses, tell_everywhere
from portal.shop.models import settings

THINK = timedelta(days=14)
FAREWELL = timedelta(days=7)  # how long the last mail stays in the outbox
#: What belongs to the books and to the record of decisions stays; all else that would go with a
#: member's row goes.
KEPT = {"points_account", "points_lot", "restriction", "search_term"}


def ask(member: Member, session_id: int | None = None) -> Member:
    """Close the account after THINK; other sessions end now. Raises Refused for staff."""
    if member.is_staff:
        raise Refused(
            _("You work for the shop. Ask the owner to end that first, then close the account.")
        )
    due = now() + THINK
    with write_tx():
        asked = Member.update(closing_at=due).where(
            (Member.id == member.id) & Member.closing_at.is_null() & Member.closed_at.is_null()
        )
        if asked.execute():
            Session.end_all(member, but=session_id)
            member.record("closing.asked", day=day(due))
            _tell_asked(member, day(due))
    return Member.get_by_id(member.id)


def keep(member: Member) -> bool:
    """The account stays after all; False when it was not to be closed."""
    with write_tx():
        kept = Member.update(closing_at=None).where(
            (Member.id == member.id) & Member.closing_at.is_null(False) & Member.closed_at.is_null()
        )
        if not kept.execute():
            return False
        member.record("closing.kept")
        tell_everywhere(
            member,
            subject=_("Your account at %(shop)s stays", shop=settings().name),
            sentences=[_("It will not be closed. Everything is as it was.")],
        )
    return True


def close_due() -> int:
    """Close every account whose time to think is over; returns how many."""
    due = Member.select().where(
        (Member.closing_at <= now())
        & Member.closed_at.is_null()
        & Member.frozen_at.is_null()
        & (fn.COALESCE(Member.merged_into, 0) == 0)  # not by the index of that: most have none
        & (fn.COALESCE(Member.role, "") == "")
    )
    return sum(close(member) for member in due.order_by(Member.closing_at).limit(200))


def close(member: Member) -> bool:
    """Close one account now; True for exactly one caller."""
    moment = now()
    with write_tx():
        closed = Member.update(closed_at=moment, closing_at=None, version=Member.version + 1).where(
            (Member.id == member.id)
            & (Member.closing_at <= moment)
            & Member.closed_at.is_null()
            & Member.frozen_at.is_null()
        )
        if not closed.execute():
            return False
        others = Member.select().where(Member.merged_into == member)
        people = [Member.get_by_id(member.id), *others]
        goodbye = addresses(member)
        for person in people:
            _forget_words(person)
        _forget_rows([person.id for person in people])
        for person in people:
            _forget_name(person)
        member.record("closing.done")
        _say_goodbye(goodbye)
    return True


def forget_farewells() -> None:
    """The last mails to people who left go from the outbox, too; they are nobody's by then."""
    with write_tx():
        Mail.delete().where(
            Mail.member_id.is_null()
            & (Mail.created_at < now() - FAREWELL)
            & (Mail.kind == "account_closed")
        ).execute()


def _forget_words(person: Member) -> None:
    """Nobody is found any more by name, address or phone."""
    words = terms_for_name(person.name)
    for email in EmailAddress.select().where(EmailAddress.member == person):
        words |= terms_for_email(email.address)
    for phone in PhoneNumber.select().where(PhoneNumber.member == person):
        words |= terms_for_phone(phone.folded)
    SearchTerm.delete().where(
        (SearchTerm.member == person) & SearchTerm.term.in_(sorted(words))
    ).execute()


def _forget_rows(ids: list[int]) -> None:
    """Every row that exists only for the person, of every table there is."""
    for key, model in Member._meta.backrefs.items():
        if key.on_delete == "CASCADE" and model._meta.table_name not in KEPT:
            model.delete().where(key.in_(ids)).execute()
    for message in (Mail, TextMessage):
        message.delete().where(message.member_id.in_(ids)).execute()


def _forget_name(person: Member) -> None:
    Member.update(
        name="",
        username=person.number.lower(),
        user_handle=None,
        nudge_after=None,
        visit_at=None,
        last_visit_at=None,
    ).where(Member.id == person.id).execute()
    index_member(Member.get_by_id(person.id))


def _tell_asked(member: Member, due: str) -> None:
    tell_everywhere(
        member,
        subject=_("Your account at %(shop)s closes on %(day)s", shop=settings().name, day=due),
        sentences=[
            _("You asked us to close it. Until %(day)s you can change your mind.", day=due),
            _("To keep it, sign in and press “Keep my account”."),
        ],
    )


def _say_goodbye(to: Iterable[str]) -> None:
    shop = settings().name
    for address in to:
        post(
            address,
            "account_closed",
            subject=_("Your account at %(shop)s is closed", shop=shop),
            why=_("You got this mail because you asked %(shop)s to close your account.", shop=shop),
            sentences=[
                _("Your name, your addresses, your profile and every way in are gone."),
                _("%(shop)s keeps your orders, payments and points ledger as long as the law asks "
                  "it to keep its books.", shop=shop),
            ],
            path="",
            after=[_("You can join again whenever you like.")],
        )  # fmt: skip
