"""Who may be merged with whom, and in which direction; every no says what to do instead."""

from portal.imports.loading.loader import ONE_IMPORT
from portal.lib.db import Base, db, is_sqlite
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import (
    Authenticator,
    Member,
    Passkey,
    Password,
    RecoveryCode,
    SecurityQuestion,
    SentFactor,
)
from portal.providers.models import LinkedAccount

#: What opens an account. None of it ever goes to somebody else: an agent's click would let whoever
#: holds it into another person's account.
WAYS_IN: tuple[type[Base], ...] = (
    Passkey, Password, LinkedAccount, Authenticator, SentFactor, RecoveryCode, SecurityQuestion,
)  # fmt: skip


def hold(*member_ids: int) -> None:
    """Merges, splits and the chunks of an import take turns, and nobody spends what will move.

    SQLite has one writer anyway. The member's row is the lock of their points.
    """
    if not is_sqlite():
        db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (ONE_IMPORT,))
        query = Member.select(Member.id).where(Member.id.in_(member_ids)).order_by(Member.id)
        list(query.for_update("FOR NO KEY UPDATE").tuples())


def used(member: Member) -> bool:
    """Whether somebody holds this account: they signed in, or have what opens it."""
    return member.joined_at is not None or any(
        model.select().where(model.member == member).exists() for model in WAYS_IN
    )


def check_reason(why: str) -> str:
    """The reason in one line; Refused without one."""
    why = " ".join(why.split())[:300]
    if not why:
        raise Refused(_("Write why; your colleagues read it."))
    return why


def check_person(member: Member, by: Member | None = None) -> None:
    """Raise Refused for somebody who is neither merged nor split."""
    if member.is_staff or (by and by.id == member.id):
        raise Refused(_("People who work for the shop are neither merged nor parted."))
    if member.merged_into_id:
        raise Refused(
            _("%(number)s was merged with %(other)s meanwhile. Look again at that member.",
              number=member.number, other=member.merged_into.number)
        )  # fmt: skip
    if member.withdrawn_at:
        raise Refused(
            _("The import that %(number)s came with was taken back; nothing is left of them.",
              number=member.number)
        )  # fmt: skip


def check_merge(kept: Member, gone: Member, by: Member | None = None) -> None:
    """Raise Refused where `gone` may not be merged into `kept`."""
    if kept.id == gone.id:
        raise Refused(_("That is the same person. Name somebody else."))
    check_person(kept, by)
    check_person(gone, by)
    if not used(gone):
        return
    if used(kept):
        raise Refused(
            _("Both have signed in, so the shop can’t say that they are one person. Ask them, by "
              "a mail to each address, which account they want to go on with; both keep working.")
        )  # fmt: skip
    raise Refused(
        _("%(number)s has signed in, so that one has to be kept. Choose it and merge again.",
          number=gone.number)
    )  # fmt: skip
