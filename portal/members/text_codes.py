"""Signing in with a texted code: known and unknown numbers get the same page, and one message."""

from portal.lib.db import write_tx
from portal.lib.jobs import job
from portal.lib.mail import SECRET_PLACE
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import proofs
from portal.members.models import Member, ProofCode, fold_phone
from portal.members.phones import SIGN_IN, behind, may_enter
from portal.members.texting import check_again, write_text
from portal.shop.models import settings


def ask(number: str, previous: str | None = None) -> str:
    """Text a code to sign in; returns the secret that the browser keeps.

    `previous` is the browser's earlier secret, whose code ends.
    """
    with write_tx():
        earlier = proofs.waiting(previous, SIGN_IN)
        if earlier:
            proofs.retire(earlier)
        return _send(number, 1)


def again(browser: str | None) -> str:
    """Another text to the same number; raises Refused."""
    row = proofs.waiting(browser, SIGN_IN)
    check_again(row)
    assert row is not None
    with write_tx():
        if not proofs.retire(row):
            raise Refused(_("Another message is on its way already. Look at the newest one."))
        return _send(row.data["number"], row.data["sends"] + 1)


def use(browser: str | None, typed: str) -> Member:
    """The member whose code was typed, once; raises WrongCode or DeadCode."""
    row = proofs.check(browser, SIGN_IN, typed)
    try:
        return _take(row)
    except proofs.DeadCode:
        proofs.tell_missed(row, SIGN_IN, True)
        raise


def _take(row: ProofCode) -> Member:
    with write_tx():
        member = behind(row.target)
        if member is None or member.id != row.member_id or not may_enter(member):
            raise proofs.DeadCode(_("This number opens no account any more. Sign in another way."))
        if not proofs.take(row):
            raise proofs.DeadCode(proofs.why_dead(ProofCode.get_by_id(row.id)))
    return member


def _send(number: str, sends: int) -> str:
    folded = fold_phone(number)
    found = behind(folded)
    member = found if may_enter(found) else None
    begun = proofs.begin(
        SIGN_IN, "sms", folded, member=member, data={"number": number, "sends": sends}
    )
    shop = settings().name
    if member:
        words = _(
            "%(code)s is your code to sign in to %(shop)s. It works once, for ten minutes. "
            "Nobody will ask you for it.",
            code=SECRET_PLACE,
            shop=shop,
        )
    else:
        words = _(
            "Somebody typed your number at the sign-in of %(shop)s. It opens no account there. "
            "Sign in by e-mail or with a passkey, or join.",
            shop=shop,
        )
    proofs.attach(begun.row, write_text(number, words, begun.code if member else None, member))
    note_asked(begun.row.id)
    return begun.browser


@job()
def note_asked(row_id: int) -> None:
    """Write into a member's timeline that a code was asked for their number."""
    row = ProofCode.get_or_none(ProofCode.id == row_id)
    if row and row.member:
        row.member.record("sign_in.text_asked", at=row.created_at)
