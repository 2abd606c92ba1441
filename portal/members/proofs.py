"""A code that proves an address or a number: ten minutes, once, in the browser that asked."""

import hmac
from datetime import timedelta
from typing import Any, NamedTuple

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.jobs import job
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.lib.tokens import digest, keyed, new_code, new_token, plain_code
from portal.members import incidents
from portal.members.models import Member, ProofCode, SignInCode

LIVES = timedelta(minutes=10)
TRIES = 10
SECOND = "second-factor"  # the purpose of the code of a second step


class WrongCode(Refused):
    """The code is not the one that was sent."""

    status = 422


class DeadCode(Refused):
    """The code was used, is too old, was tried too often, or was asked by another browser."""

    status = 422


class Begun(NamedTuple):
    """A proof that waits: its row, the browser's secret, the code to be sent."""

    row: ProofCode
    browser: str
    code: str


def begin(
    purpose: str,
    channel: str,
    target: str,
    *,
    member: Member | None = None,
    data: dict[str, Any] | None = None,
) -> Begun:
    """Make a code for a folded address or number; the caller sends it in the same transaction."""
    browser, code, moment = new_token(), new_code(), now()
    with write_tx():
        row = ProofCode.create(
            browser_hash=digest(browser),
            purpose=purpose,
            channel=channel,
            target=target,
            member=member,
            code_hash=_hash(browser, code),
            data=data or {},
            created_at=moment,
            expires_at=moment + LIVES,
        )
    return Begun(row, browser, code)


def waiting(browser: str | None, purpose: str) -> ProofCode | None:
    """The proof that this browser waits for, dead or alive."""
    if not browser:
        return None
    return ProofCode.get_or_none(
        (ProofCode.browser_hash == digest(browser)) & (ProofCode.purpose == purpose)
    )


def use(browser: str | None, purpose: str, typed: str) -> ProofCode:
    """The proof whose code was typed, once; raises WrongCode or DeadCode."""
    row = check(browser, purpose, typed)
    if not take(row):
        tell_missed(row, purpose, True)
        raise DeadCode(why_dead(waiting(browser, purpose)))
    return row


def check(browser: str | None, purpose: str, typed: str) -> ProofCode:
    """The proof whose code was typed, for a caller who takes it in the transaction of the deed.

    Each try is counted before it is compared, so that parallel guesses count too; so never call
    this inside a transaction, which a wrong code would take back. Raises WrongCode or DeadCode.
    """
    row = _count_try(browser or "", purpose)
    if row is None:
        dead = waiting(browser, purpose)
        tell_missed(dead, purpose, True)
        raise DeadCode(why_dead(dead))
    if not hmac.compare_digest(row.code_hash, _hash(browser or "", plain_code(typed))):
        newest = {
            "mail": _("That is not the code. Look at the newest mail from us."),
            "sms": _("That is not the code. Look at the newest message on your phone."),
        }
        tell_missed(row, purpose, False)
        raise WrongCode(newest[row.channel])
    return row


def take(row: ProofCode) -> bool:
    """Use a proof up, in the caller's transaction: True for exactly one caller."""
    moment = now()
    with write_tx():
        used = ProofCode.update(used_at=moment).where(
            (ProofCode.id == row.id)
            & ProofCode.used_at.is_null()
            & (ProofCode.expires_at > moment)
            & (ProofCode.created_at <= moment + timedelta(minutes=1))
        )
        return bool(used.execute())


def retire(row: ProofCode) -> bool:
    """End a code because a newer one follows; True for exactly one caller."""
    with write_tx():
        ended = ProofCode.update(expires_at=now(), data={**row.data, "newer": True}).where(
            (ProofCode.id == row.id)
            & ProofCode.used_at.is_null()
            & (ProofCode.expires_at == row.expires_at)
        )
        return not row.data.get("newer") and bool(ended.execute())


def attach(row: ProofCode, message_id: int) -> None:
    """Note which mail or text message carries the code, for the page that waits."""
    ProofCode.update(mail_id=message_id).where(ProofCode.id == row.id).execute()


def why_dead(row: ProofCode | SignInCode | None) -> str:
    """Why a code does not work, and what to do next; one sentence for each case."""
    if row is None:
        return _("No code was asked for in this browser. Type it where you asked for it.")
    if row.used_at:
        return _("This code was used already. Ask for a new one if you still need it.")
    if row.tries >= TRIES:
        return _("That were too many wrong codes, so this one ended. Ask for a new one.")
    return _("This code is older than ten minutes. Ask for a new one.")


_missed: dict[str, str] = {}


def tell_as(purpose: str, kind: str) -> None:
    """Codes of a purpose open no account: one that proved nothing is an event of this kind."""
    _missed[purpose] = kind


def tell_missed(row: ProofCode | None, purpose: str, dead: bool) -> None:
    """A code proved nothing: it was wrong, or had ended (`dead`). Never in a transaction."""
    if purpose == SECOND:  # the sign-in that waits for it tells
        return
    with write_tx():
        note_missed(row.id if row else 0, dead, *incidents.here())


@job()
def note_missed(row_id: int, dead: bool, client: str, rule: str) -> None:
    """Write a code that proved nothing into the timeline of whom it was for, if of anybody."""
    row = ProofCode.get_or_none(ProofCode.id == row_id)
    member = row.member if row else None
    if row and member and row.purpose in _missed:
        member.record(_missed[row.purpose])
    else:
        incidents.code_missed(member, dead, incidents.Where(client, rule))


def _count_try(browser: str, purpose: str) -> ProofCode | None:
    moment = now()
    with write_tx():
        counted = (
            ProofCode.update(tries=ProofCode.tries + 1)
            .where(
                (ProofCode.browser_hash == digest(browser))
                & (ProofCode.purpose == purpose)
                & ProofCode.used_at.is_null()
                & (ProofCode.tries < TRIES)
                & (ProofCode.expires_at > moment)
                & (ProofCode.created_at <= moment + timedelta(minutes=1))
            )
            .returning(ProofCode)
            .execute()
        )
        return next(iter(counted), None)


def _hash(browser: str, code: str) -> str:
    return keyed("proof-code", f"{digest(browser)}:{code}")
