"""From the first step to the door: what else is asked on the way, by whoever registered a step.

`proceed` is what a view calls once somebody took the first step. It lets them in, or keeps the
browser waiting (PendingSignIn) and says which page asks for the rest; `arrive` ends the wait.
"""

from collections.abc import Callable
from datetime import timedelta

from flask import request, session, url_for

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.lib.tokens import digest, new_token
from portal.members import standing
from portal.members.devices import device_name
from portal.members.models import Member, Passkey, PendingSignIn
from portal.members.sign_in import enter

LIVES = timedelta(minutes=10)
TRIES = 10
COOKIE = "pending"

#: Given the member and the method of the first step: the endpoint of a page that asks more, or "".
Step = Callable[[Member, str], str]
_steps: list[Step] = []


def register(step: Step) -> None:
    """Let a later domain ask for more before the door opens."""
    _steps.append(step)


def proceed(member: Member, method: str, there: str, passkey: Passkey | None = None) -> str:
    """Where this browser goes now: in (to `there`), or to the page of the second step.

    Raises Refused for an account that is suspended or closed.
    """
    try:
        endpoint = _asks_more(member, method)
    except Refused:
        member.record("sign_in.refused", method=method)
        raise
    if endpoint:
        _keep(member, method)
        return url_for(endpoint, next=there)
    enter(member, method, passkey)
    return there


def _asks_more(member: Member, method: str) -> str:
    standing.ensure(member, "sign_in")
    return next((endpoint for step in _steps if (endpoint := step(member, method))), "")


def waiting() -> PendingSignIn | None:
    """The sign-in that this browser began and has not finished, while it can still be."""
    token = session.get(COOKIE)
    if not token:
        return None
    return PendingSignIn.get_or_none(
        (PendingSignIn.token_hash == digest(token))
        & PendingSignIn.used_at.is_null()
        & (PendingSignIn.tries < TRIES)
        & (PendingSignIn.expires_at > now())
    )


def count_try(pending: PendingSignIn) -> int:
    """Count a try before it is compared, so that parallel guesses count too. Raises Refused.

    Returns how many there were so far, this one included.
    """
    with write_tx():
        counted = list(
            PendingSignIn.update(tries=PendingSignIn.tries + 1)
            .where(
                (PendingSignIn.id == pending.id)
                & (PendingSignIn.tries < TRIES)
                & PendingSignIn.used_at.is_null()
            )
            .returning(PendingSignIn.tries)
            .execute()
        )
    if not counted:
        raise Refused(_("That was tried too often. Please sign in again from the beginning."))
    return int(counted[0].tries)


def arrive(pending: PendingSignIn, method: str) -> None:
    """The second step is done: sign the browser in, once. Raises Refused for everybody else."""
    with write_tx():
        used = PendingSignIn.update(used_at=now()).where(
            (PendingSignIn.id == pending.id) & PendingSignIn.used_at.is_null()
        )
        if not used.execute():
            raise Refused(_("This sign-in is finished already. Please begin again."))
    proofs = f"{pending.method}+{method}"
    try:
        standing.ensure(pending.member, "sign_in")
    except Refused:
        pending.member.record("sign_in.refused", method=proofs)
        raise
    enter(pending.member, "two-step", proofs=proofs)


def _keep(member: Member, method: str) -> None:
    token = new_token()
    with write_tx():
        PendingSignIn.delete().where(PendingSignIn.expires_at < now()).execute()
        PendingSignIn.create(
            token_hash=digest(token),
            member=member,
            method=method,
            device=device_name(request.user_agent.string),
            expires_at=now() + LIVES,
        )
    session[COOKIE] = token
