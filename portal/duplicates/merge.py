"""Two numbers, one person: what can move goes to the one kept, whose other number lives on."""

from portal.duplicates import events as _events  # noqa: F401
from portal.duplicates.handing import give_points
from portal.duplicates.leave import check_merge, check_reason, hold, used
from portal.duplicates.models import Move
from portal.duplicates.numbers import refresh
from portal.duplicates.rows import move_all, renote, write_down, written_down
from portal.duplicates.words import what_moved
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.text import _
from portal.loyalty.transfer import all_lots, owed
from portal.members.letters import tell_change
from portal.members.models import EmailAddress, Member, OneTimeLink, Session, SignInCode
from portal.members.models.contact import BY_MERGE
from portal.shop.models import settings


def merge(kept: Member, gone: Member, by: Member, why: str) -> Move:
    """Bring everything of `gone` to `kept`, in one transaction; both numbers name `kept` then.

    Where that is done already, the same move comes back. Raises Refused with what to do instead.
    """
    why = check_reason(why)
    with write_tx():
        hold(kept.id, gone.id)
        kept, gone = Member.get_by_id(kept.id), Member.get_by_id(gone.id)
        if gone.merged_into_id == kept.id:
            return standing(gone)
        check_merge(kept, gone, by)
        move = Move.create(kind="merge", source=gone, target=kept, why=why, by=by)
        _bring(move, kept, gone)
        _close(move, kept, gone)
        kept.record("members.merged", subject=gone.number, actor=by, why=why)
        gone.record(
            "members.merged_away", subject=kept.number, actor=by, why=why, number=gone.number
        )
        if used(kept):
            _mail(move, kept, gone)
    return move


def standing(gone: Member) -> Move:
    """The merge that made this member a part of somebody else."""
    merges = Move.select().where((Move.source == gone) & (Move.kind == "merge"))
    found: Move = merges.where(Move.undone_at.is_null()).order_by(Move.id.desc()).get()
    return found


def _bring(move: Move, kept: Member, gone: Member) -> None:
    emails = list(gone.emails)
    # Somebody whom files know by phone alone goes on being known by it.
    counts = move_all(move, but=() if emails else ("phone_number",))
    if used(kept):
        _doubt(move, [email for email in emails if email.verified_at is None])
    handed = give_points(
        move, all_lots(gone.id), owing=owed(gone.id), order_ids=list(written_down(move, "order"))
    )
    move.summary = {**counts, "points": handed.points, "owed": handed.owed}
    move.save()


def _doubt(move: Move, emails: list[EmailAddress]) -> None:
    """An address that nobody proved is no way into an account that somebody uses."""
    for email in emails:
        renote(move, email, {"source": email.source})
        EmailAddress.update(source=BY_MERGE).where(EmailAddress.id == email.id).execute()


def _close(move: Move, kept: Member, gone: Member) -> None:
    """The other number names the one kept from now on; so do those merged into it before."""
    write_down(move, "member", [id_ for (id_,) in gone.merged.select(Member.id).tuples()])
    Member.update(merged_into=kept).where(
        (Member.merged_into == gone) | (Member.id == gone.id)
    ).execute()
    Session.end_all(gone)
    OneTimeLink.end_all(gone)
    SignInCode.update(expires_at=now()).where(SignInCode.member == gone).execute()
    if gone.name and not kept.name:
        Member.update(name=gone.name).where(Member.id == kept.id).execute()
        write_down(move, "name", [kept.id])
    refresh(gone, kept)


def _mail(move: Move, kept: Member, gone: Member) -> None:
    shop = settings()
    tell_change(
        kept,
        subject=_("%(shop)s joined two of your accounts", shop=shop.name),
        sentence=_(
            "The shop found that member %(number)s is you too. From there came to your account: "
            "%(what)s.",
            number=gone.number,
            what=what_moved(move.summary),
        ),
        advice=_(
            "If that was not yours, write to %(contact)s; it can be taken back.",
            contact=shop.contact or shop.name,
        ),
    )
