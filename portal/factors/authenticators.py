"""Authenticator apps: six digits that change every half minute, each step taken once."""

import hmac
from datetime import UTC, timedelta

import pyotp
import segno

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.lib.tokens import plain_code, seal, unseal
from portal.members import keys
from portal.members.letters import tell_change
from portal.members.models import Authenticator, EmailAddress, Member, Session
from portal.shop.models import settings

STEP = 30  # seconds
MOST = 5  # apps of one member
WAITS = timedelta(hours=1)  # for its first code


class NoApp(Refused):
    """The app cannot be added or removed; the sentence says why."""


class WrongCode(Refused):
    """The digits are not those that the app shows now, or they were used."""

    status = 422


def of(member: Member) -> list[Authenticator]:
    """The apps whose codes count."""
    mine = (Authenticator.member == member.id) & Authenticator.confirmed_at.is_null(False)
    return list(Authenticator.select().where(mine).order_by(Authenticator.id))


def begin(member: Member) -> Authenticator:
    """A new app with its secret, which does not count until it gave a code. Raises NoApp."""
    with write_tx():
        member.touch()
        Authenticator.delete().where(
            (Authenticator.member == member.id) & Authenticator.confirmed_at.is_null()
        ).execute()
        if len(of(member)) >= MOST:
            raise NoApp(_("Five apps are enough. Remove one first."))
        return Authenticator.create(
            member=member.id, sealed=seal(pyotp.random_base32(), "authenticator")
        )


def secret(app: Authenticator) -> str:
    """What the app shares with the shop, in base 32; "" once SECRET_KEY is another."""
    return unseal(app.sealed, "authenticator") or ""


def address(app: Authenticator) -> str:
    """The otpauth: address that an app reads from the picture."""
    email = EmailAddress.of(app.member)
    name = email.address if email else app.member.number
    return pyotp.TOTP(secret(app)).provisioning_uri(name=name, issuer_name=settings().name)


def picture(text: str) -> str:
    """A QR code as an SVG in a data: address, dark on white with its quiet zone."""
    return segno.make(text, error="m").svg_data_uri(scale=4, border=4, dark="#000", light="#fff")


def confirm(app: Authenticator, typed: str, label: str, *, session_id: int) -> None:
    """Let an app count, once it gave a code; every other session ends. Raises WrongCode, NoApp."""
    step = _step(app, typed)
    if step is None:
        raise WrongCode(
            _("That is not what the app should show. Is the clock of its device right?")
        )
    with write_tx():
        taken = Authenticator.update(
            confirmed_at=now(), used_at=now(), last_step=step, label=label
        ).where(
            (Authenticator.id == app.id)
            & Authenticator.confirmed_at.is_null()
            & (Authenticator.created_at > now() - WAITS)
        )
        if not taken.execute():
            raise NoApp(_("That took too long, or the app was added already. Look once more."))
        Session.end_all(app.member, but=session_id)
        app.member.record("factor.added", factor="app", label=label)
        tell_change(
            app.member,
            subject=_("A second step was added to your account at %(shop)s", shop=settings().name),
            sentence=_("An authenticator app was added: “%(label)s”.", label=label),
            advice=_("If it was not you, look at your security page at once."),
        )


def use(member: Member, typed: str) -> None:
    """Take a code of one of the apps, each step once; raises WrongCode."""
    used = False
    for app in of(member):
        step = _step(app, typed)
        if step is None:
            continue
        with write_tx():
            taken = Authenticator.update(last_step=step, used_at=now()).where(
                (Authenticator.id == app.id) & (Authenticator.last_step < step)
            )
            if taken.execute():
                return
        used = True
    if used:
        raise WrongCode(
            _("That code was used already. Wait for the next one, half a minute at most.")
        )
    raise WrongCode(_("That is not the code that the app shows now."))


def remove(app: Authenticator) -> None:
    """An app's codes count no more. Raises LastWayIn where staff could not come in without."""
    member = app.member
    with write_tx():
        if app.confirmed_at:
            keys.ensure_another(member, "app", app.id)
        if not Authenticator.delete().where(Authenticator.id == app.id).execute():
            return
        if app.confirmed_at is None:
            return
        member.record("factor.removed", factor="app", label=app.label)
        tell_change(
            member,
            subject=_(
                "A second step was removed from your account at %(shop)s", shop=settings().name
            ),
            sentence=_("The authenticator app “%(label)s” counts no more.", label=app.label),
            advice=_("If it was not you, look at your security page at once."),
        )


def _step(app: Authenticator, typed: str) -> int | None:
    """Which half minute these digits belong to: this one, the last or the next."""
    digits, shared = plain_code(typed), secret(app)
    if len(digits) != 6 or not shared:
        return None
    present = int(now().replace(tzinfo=UTC).timestamp()) // STEP
    totp = pyotp.TOTP(shared)
    matching = [
        step
        for step in (present - 1, present, present + 1)
        if hmac.compare_digest(totp.generate_otp(step), digits)
    ]
    return matching[-1] if matching else None
