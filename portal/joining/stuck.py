"""Who got stuck on the way in, and where: asked, invited, opened, or in the middle of the steps."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from peewee import SQL, fn

from portal.joining.models import Invitation, Step
from portal.joining.signup import PURPOSE
from portal.joining.steps import wanted
from portal.joining.waiting import said
from portal.lib.clock import now
from portal.lib.keyset import Page, read_cursor, slice_after
from portal.lib.mail import Mail
from portal.lib.phones import spaced
from portal.lib.sms import TextMessage
from portal.members.models import EmailAddress, Member, PhoneNumber, ProofCode

STAGES = ("asked", "invited", "opened", "step")
RECENT = timedelta(days=90)  # whoever joined before that is settled in
SIZE = 30


class Line(NamedTuple):
    """Somebody who is stuck. `id` is the row's: an invitation, a proof, or a member."""

    id: int
    at: datetime
    address: str
    member: Member | None
    mail: Mail | TextMessage | None  # what they wait for, if it is a message
    step: str = ""
    texted: bool = False  # it goes to a phone number

    @property
    def why(self) -> str:
        """Why the message did not go, in the words of who refused it."""
        return said(self.mail.error or "") if self.mail else ""


def counts() -> dict[str, int]:
    """How many people are stuck at each stage."""
    return {stage: _query(stage).count() for stage in STAGES}


def joined() -> int:
    """How many joined within RECENT."""
    here = (Member.joined_at > now() - RECENT) & Member.role.is_null()
    return int(Member.select(fn.COUNT(Member.id)).where(here).scalar())


def stuck(stage: str, after: str | None) -> Page:
    """The people stuck at a stage, those longest there last; a fixed number of statements."""
    model, at = _ORDER[stage]
    query, cursor = _query(stage), read_cursor(after)
    if cursor:
        moment, row_id = cursor
        query = query.where((at < moment) | ((at == moment) & (model.id < row_id)))
    rows = list(query.order_by(at.desc(), model.id.desc()).limit(SIZE + 1))
    return slice_after(_lines(stage, rows), SIZE, "at")


_ORDER: dict[str, tuple[Any, Any]] = {
    "asked": (ProofCode, ProofCode.created_at),
    "invited": (Invitation, Invitation.sent_at),
    "opened": (Invitation, Invitation.sent_at),
    "step": (Member, Member.joined_at),
}


def _query(stage: str) -> Any:
    if stage == "asked":
        return _asked()
    if stage == "step":
        return _in_steps()
    opened = Invitation.opened_at.is_null(stage == "invited")
    return Invitation.select().where(Invitation.used_at.is_null() & opened)


def _asked() -> Any:
    """The newest attempt of each address that confirmed none and belongs to nobody who joined."""
    here = (
        EmailAddress.select(SQL("1"))
        .join(Member)
        .where((EmailAddress.folded == ProofCode.target) & Member.joined_at.is_null(False))
    )
    doors = PhoneNumber.select(SQL("1")).where(PhoneNumber.door == ProofCode.target)
    other = ProofCode.alias()
    newest = other.select(fn.MAX(other.id)).where(other.purpose == PURPOSE).group_by(other.target)
    return ProofCode.select().where(
        (ProofCode.purpose == PURPOSE)
        & ProofCode.used_at.is_null()
        & ProofCode.data["newer"].is_null()  # they went on with another address
        & ProofCode.id.in_(newest)
        & ~fn.EXISTS(here)
        & ~fn.EXISTS(doors)
    )


def _in_steps() -> Any:
    """Members of late with fewer steps settled than the shop has."""
    settled = Step.select(fn.COUNT(Step.id)).where(
        (Step.member == Member.id) & Step.name.in_(wanted() or [""])
    )
    return Member.select().where(
        (Member.joined_at > now() - RECENT)
        & Member.role.is_null()
        & Member.closed_at.is_null()
        & (settled < len(wanted()))
    )


def _lines(stage: str, rows: list[Any]) -> list[Line]:
    if stage == "step":
        ids = [row.id for row in rows]
        addresses, first = _addresses(ids), _first_open(ids)
        return [
            Line(row.id, row.joined_at, addresses.get(row.id, ""), row, None, first[row.id])
            for row in rows
        ]
    if stage == "asked":
        return _lines_of_asked(rows)
    mails = _by_id(Mail, rows)
    ids = [row.member_id for row in rows if row.member_id]
    members = {member.id: member for member in Member.select().where(Member.id.in_(ids))}
    return [
        Line(r.id, r.sent_at, r.address, members.get(r.member_id), mails.get(r.mail_id))
        for r in rows
    ]


def _lines_of_asked(rows: list[Any]) -> list[Line]:
    texted = [row for row in rows if row.channel == "sms"]
    mails, texts = _by_id(Mail, [row for row in rows if row.channel == "mail"]), {}
    if texted:
        texts = _by_id(TextMessage, texted)
    return [
        Line(
            row.id,
            row.created_at,
            spaced(row.data["address"]),
            None,
            texts.get(row.mail_id),
            "",
            True,
        )
        if row.channel == "sms"
        else Line(row.id, row.created_at, row.target, None, mails.get(row.mail_id))
        for row in rows
    ]


def _by_id(model: Any, rows: list[Any]) -> dict[int, Any]:
    """The messages that rows wait for."""
    wanted = [row.mail_id for row in rows]
    return {message.id: message for message in model.select().where(model.id.in_(wanted))}


def _first_open(ids: list[int]) -> dict[int, str]:
    """The first step of each member that is neither done nor skipped."""
    rows: Any = Step.select(Step.member, Step.name).where(Step.member.in_(ids)).tuples()
    settled = set(rows)
    return {id_: next((s for s in wanted() if (id_, s) not in settled), "") for id_ in ids}


def _addresses(ids: list[int]) -> dict[int, str]:
    rows: Any = EmailAddress.select(EmailAddress.member, EmailAddress.address)
    found = rows.where(EmailAddress.member.in_(ids)).order_by(EmailAddress.id.desc())
    return dict(found.tuples())
