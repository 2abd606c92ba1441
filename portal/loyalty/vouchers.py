"""Points that leave or come by a person's hand: vouchers for members, adjustments by staff."""

import re

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.money import format_money
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.lib.tokens import new_code, new_token
from portal.loyalty import rules
from portal.loyalty.books import Books
from portal.loyalty.models import Voucher
from portal.members import standing
from portal.members.models import Member
from portal.shop.models import settings

MOST = 1_000_000  # points in one adjustment
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


def made_with(member: Member, key: str) -> Voucher | None:
    """The voucher that a form with this key has made already."""
    if not _KEY.fullmatch(key):
        return None
    voucher: Voucher | None = member.vouchers.where(Voucher.key == key).first()
    return voucher


def redeem(member: Member, points: int, key: str) -> Voucher:
    """Turn points into a voucher. The same key gives the same voucher, however often it comes."""
    if not _KEY.fullmatch(key):
        raise Refused(_("Please open your points again and choose once more; nothing was taken."))
    shop = settings()
    with write_tx():
        books = Books([member.id])
        made = made_with(member, key)
        if made is not None:
            return made
        standing.ensure(member, "points")
        if not shop.has_points:
            raise Refused(_("The shop's points programme is not running at the moment."))
        if points <= 0 or points % rules.step(shop):
            raise Refused(_("Points are redeemed in steps of %(step)s.", step=rules.step(shop)))
        if books.purses[member.id].balance < points:
            raise Refused(_("You have fewer points than that. Nothing was taken."))
        return _make(books, member, points, key)


def _make(books: Books, member: Member, points: int, key: str) -> Voucher:
    shop = settings()
    worth, moment = rules.worth(points, shop), now()
    code = "-".join(new_code(4) for _part in range(3))
    shown = format_money(worth, shop.currency)
    books.load_spendable([member.id])
    why = _("Voucher %(code)s over %(worth)s", code=code, worth=shown)
    books.spend(member.id, points, f"voucher:{member.id}:{key}", "redeemed", why, moment)
    books.write()
    voucher = Voucher.create(
        member=member, code=code, points=points, worth=worth, currency=shop.currency, key=key
    )
    member.record("points.redeemed", subject=code, points=points, worth=shown)
    return voucher


def adjust(member: Member, points: int, reason: str, by: Member, key: str | None = None) -> None:
    """Staff give or take points, with a reason that the member reads; the same key counts once."""
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise Refused(_("Write the reason; the member reads it."))
    if not points or abs(points) > MOST:
        raise Refused(_("Give or take between 1 and %(most)s points.", most=f"{MOST:,}"))
    entry_key = f"adjust:{member.id}:{key or new_token()}"
    with write_tx():
        books = Books([member.id])
        if books.booked(entry_key):
            return
        if points > 0:
            lot = books.gift_lot(member.id, now())
            books.give(lot, points, "adjusted", reason, now(), entry_key)
        else:
            _take(books, member, -points, reason, entry_key)
        books.write()
        member.record("points.adjusted", actor=by, change=f"{points:+,}", reason=reason)


def _take(books: Books, member: Member, points: int, reason: str, key: str) -> None:
    balance = books.purses[member.id].balance
    if points > balance:
        raise Refused(_("There are only %(balance)s points to take from.", balance=f"{balance:,}"))
    books.load_spendable([member.id])
    books.spend(member.id, points, key, "adjusted", reason, now())
