"""A mailed code of six characters: ten minutes, one use, only in the browser that asked."""

import hmac
from datetime import timedelta

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.jobs import job
from portal.lib.mail import post
from portal.lib.text import _
from portal.lib.tokens import digest, keyed, new_code, new_token, plain_code, seal
from portal.members import incidents
from portal.members.models import EmailAddress, Member, SignInCode, fold_email
from portal.members.proofs import LIVES, TRIES, DeadCode, WrongCode, why_dead
from portal.shop.models import settings

_NEEDED = (
    EmailAddress.address, EmailAddress.source, EmailAddress.verified_at,
    Member.id, Member.role, Member.joined_at,
)  # fmt: skip


def ask(address: str, previous: str | None = None) -> str:
    """Mail a code to an address; returns the secret that binds it to the asking browser.

    `previous` is the browser's earlier secret, whose code dies. Known and unknown addresses and
    staff get the same work and the same answer; only the mail says which it is. What only a
    known member needs (the event) is left to a job.
    """
    browser, code, moment = new_token(), new_code(), now()
    with write_tx():
        SignInCode.update(expires_at=moment).where(
            SignInCode.browser_hash == digest(previous or "")
        ).execute()
        email = (
            EmailAddress.select(*_NEEDED)  # reading whole rows takes time that strangers do not
            .join(Member)
            .where(EmailAddress.folded == fold_email(address))
            .first()
        )
        member = email.member if email and email.opens and _may_enter(email) else None
        row = SignInCode.create(
            browser_hash=digest(browser),
            folded=fold_email(address),
            member=member,
            code_hash=_hash(browser, code),
            created_at=moment,
            expires_at=moment + LIVES,
        )
        _mail_code(email.address if email else address, member, code)
        note_asked(row.id)
    return browser


def waiting(browser: str | None) -> SignInCode | None:
    """The row of the code that this browser waits for, dead or alive."""
    return SignInCode.get_or_none(SignInCode.browser_hash == digest(browser)) if browser else None


def use(browser: str | None, typed: str) -> Member:
    """The member whose code was typed, once; raises WrongCode or DeadCode.

    Each try is counted before it is compared, so that parallel guesses count too.
    """
    with write_tx():
        row = _count_try(browser or "")
        member = _take(row, browser or "", typed) if row else None
        known = row or waiting(browser)
        if member is None:
            note_wrong(known.id if known else 0, row is None, *incidents.here())
    if member:
        return member
    if row is None:
        raise DeadCode(why_dead(known))
    raise WrongCode(_("That is not the code. Look at the newest mail from us."))


def _count_try(browser: str) -> SignInCode | None:
    moment = now()
    counted = (
        SignInCode.update(tries=SignInCode.tries + 1)
        .where(
            (SignInCode.browser_hash == digest(browser))
            & SignInCode.used_at.is_null()
            & (SignInCode.tries < TRIES)
            & (SignInCode.expires_at > moment)
            & (SignInCode.created_at <= moment + timedelta(minutes=1))
        )
        .returning(SignInCode)
        .execute()
    )
    return next(iter(counted), None)


def _take(row: SignInCode, browser: str, typed: str) -> Member | None:
    right = hmac.compare_digest(row.code_hash, _hash(browser, plain_code(typed)))
    email = EmailAddress.find(row.folded)
    if not right or email is None or not email.opens:
        return None
    if email.member != row.member or email.member.is_staff:
        return None
    used = SignInCode.update(used_at=now()).where(
        (SignInCode.id == row.id) & SignInCode.used_at.is_null()
    )
    if not used.execute():
        return None
    email.verify()
    return email.member


def _may_enter(email: EmailAddress) -> bool:
    """Whether a proved address is enough; not for imported people where the shop wants more.

    Who proved it before was let in then, though their browser may have got no further.
    """
    member: Member = email.member
    came = member.joined_at or email.verified_at or member.is_staff
    return bool(came or settings().claim_by_email)


def _hash(browser: str, code: str) -> str:
    return keyed("sign-in-code", f"{digest(browser)}:{code}")


def _mail_code(address: str, member: Member | None, code: str) -> None:
    shop = settings().name
    if member is None or member.is_staff:
        seal(code, "mail")  # what is mailed to a member takes this time as well
    if member is None:
        post(
            address,
            "sign_in_unknown",
            subject=_("Nobody at %(shop)s has this address", shop=shop),
            why=_("Somebody typed this address at the sign-in of %(shop)s.", shop=shop),
            lives=LIVES,
        )
    elif member.is_staff:
        post(
            address,
            "sign_in_staff",
            subject=_("Sign in to %(shop)s with your passkey", shop=shop),
            why=_("Somebody typed this address at the sign-in of %(shop)s.", shop=shop),
            member_id=member.id,
            lives=LIVES,
        )
    else:
        post(
            address,
            "sign_in_code",
            subject=_("Your code to sign in to %(shop)s", shop=shop),
            why=_("Somebody asked to sign in to %(shop)s with this address.", shop=shop),
            secret=code,
            member_id=member.id,
            lives=LIVES,
        )


@job()
def note_asked(code_id: int) -> None:
    """Write into the member's timeline that a code was asked."""
    row = SignInCode.get_or_none(SignInCode.id == code_id)
    if row and row.member:
        row.member.record("sign_in.code_asked", at=row.created_at)


@job()
def note_wrong(code_id: int, dead: bool, client: str, rule: str) -> None:
    """Write a wrong code, or one that had ended, into the timeline of whom it was for."""
    row = SignInCode.get_or_none(SignInCode.id == code_id)
    incidents.code_missed(row.member if row else None, dead, incidents.Where(client, rule))
