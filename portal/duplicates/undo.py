"""A merge or split taken back: everything that still stands where it went goes home."""

from dataclasses import dataclass

from portal.duplicates import events as _events  # noqa: F401
from portal.duplicates.handing import take_points_back
from portal.duplicates.leave import hold, used
from portal.duplicates.models import Move
from portal.duplicates.numbers import refresh
from portal.duplicates.rows import of_member, put_back, tables, written_down
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.loyalty.bulk import among
from portal.members.models import EmailAddress, Member


@dataclass(frozen=True)
class Undone:
    """What went home and what stayed, by table, with the points that went home."""

    back: dict[str, int]
    stayed: dict[str, int]

    @property
    def whole(self) -> bool:
        """Whether everything went home."""
        return not any(self.stayed.values())


def undo(move: Move, by: Member) -> Undone:
    """Take a merge or split back in one transaction.

    What changed hands since stays where it is, and the result says so. Raises Refused where a
    later move has to be taken back first, or where it is done already.
    """
    with write_tx():
        hold(move.source_id, move.target_id)
        move = Move.get_by_id(move.id)
        _check(move)
        Move.update(undone_at=now(), undone_by=by).where(Move.id == move.id).execute()
        undone = _put_back(move)
        if move.kind == "merge":
            _part_again(move)
        else:
            _join_again(move)
        refresh(move.source, move.target)
        for member, other in ((move.source, move.target), (move.target, move.source)):
            member.record("members.move_undone", subject=other.number, actor=by)
    return undone


def _check(move: Move) -> None:
    source, target = move.source, move.target
    if move.undone_at:
        raise Refused(_("That is taken back already."))
    if target.merged_into_id or (move.kind == "split" and source.merged_into_id):
        away = target if target.merged_into_id else source
        raise Refused(
            _("%(number)s was merged with %(other)s since. Take that back first.",
              number=away.number, other=away.merged_into.number)
        )  # fmt: skip
    if move.kind == "split" and used(target):
        raise Refused(
            _("%(number)s has signed in since; what stands there is theirs now.",
              number=target.number)
        )  # fmt: skip
    if source.is_staff or target.is_staff:
        raise Refused(_("One of them works for the shop now, so it stays as it is."))


def _put_back(move: Move) -> Undone:
    back, stayed, orders = {}, {}, []
    for table in tables():
        ids, left = put_back(move, table)
        back[table], stayed[table] = len(ids), left
        if table == "order":
            orders = ids
        if table == "email_address":
            _trust(move, ids)
    back["points"] = take_points_back(move, orders).points
    return Undone(back, stayed)


def _trust(move: Move, ids: list[int]) -> None:
    """An address is again what it was before it came to an account in use."""
    notes = written_down(move, "email_address")
    for id_ in ids:
        if source := notes[id_].get("source"):
            EmailAddress.update(source=source).where(EmailAddress.id == id_).execute()


def _part_again(move: Move) -> None:
    if written_down(move, "name"):
        Member.update(name="").where(
            (Member.id == move.target_id) & (Member.name == move.source.name)
        ).execute()
    home = [move.source_id, *written_down(move, "member")]
    Member.update(merged_into=None).where(Member.id == move.source_id).execute()
    Member.update(merged_into=move.source).where(
        among(Member.id, home) & (Member.id != move.source_id)
        & (Member.merged_into == move.target)
    ).execute()  # fmt: skip


def _join_again(move: Move) -> None:
    """The number that the split made names the first member, unless something is left with it."""
    if not any(of_member(move.target).values()):
        Member.update(merged_into=move.source).where(
            (Member.merged_into == move.target) | (Member.id == move.target_id)
        ).execute()
