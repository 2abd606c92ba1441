"""Once a year, where the shop wants it, a mail says how old somebody's password is."""

from datetime import timedelta

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.jobs import periodic
from portal.lib.text import _
from portal.members.letters import write_to
from portal.members.models import Member, Password
from portal.shop.models import settings

YEAR = timedelta(days=365)
CHUNK = 500  # passwords held in memory at once


@periodic("factors.remind", minute="41", hour="8")
def remind() -> None:
    """Mail everybody whose password is a year old; nobody has to change it."""
    if not (settings().passwords and settings().password_reminder):
        return
    year_ago = now() - YEAR
    due = (Password.set_at < year_ago) & (
        Password.reminded_at.is_null() | (Password.reminded_at < year_ago)
    )
    people = Password.select(Password, Member).join(Member).where(due & Member.closed_at.is_null())
    while some := list(people.order_by(Password.id).limit(CHUNK)):
        for password in some:
            _remind(password)


def _remind(password: Password) -> None:
    shop = settings().name
    with write_tx():
        mine = Password.update(reminded_at=now()).where(
            (Password.id == password.id)
            & (Password.set_at == password.set_at)
            & (
                Password.reminded_at.is_null()
                if password.reminded_at is None
                else Password.reminded_at == password.reminded_at
            )
        )
        if mine.execute() and write_to(
            password.member,
            "password_reminder",
            subject=_("Your password at %(shop)s is a year old", shop=shop),
            why=_("%(shop)s tells everybody once a year how old their password is.", shop=shop),
            set_at=password.set_at,
        ):
            password.member.record("password.reminded")
