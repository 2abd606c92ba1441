"""What happened to an account, as a text message: to every proved number, or where no mail goes."""

from datetime import timedelta

from flask import current_app

from portal.lib import sms
from portal.lib.mail import SECRET_PLACE
from portal.lib.phones import read_phone
from portal.lib.text import _
from portal.members.models import Member, PhoneNumber

LIVES = timedelta(days=1)  # a notice that comes later helps nobody
_LONG = 250  # characters of a sentence; the link has to fit behind it


def numbers(member: Member) -> list[str]:
    """Every number (E.164) that the member proved, the one that opens the account first."""
    proved = (PhoneNumber.member == member.id) & PhoneNumber.verified_at.is_null(False)
    rows = PhoneNumber.select().where(proved).order_by(PhoneNumber.door.is_null(), PhoneNumber.id)
    found = (read_phone(f"+{row.folded}") for row in rows)
    return list(dict.fromkeys(number for number in found if number))


def text_link(member: Member, number: str, sentence: str, path: str, secret: str) -> None:
    """Text one number what happened and a link (`path` with the secret behind it), if texts go."""
    if not sms.is_on():
        return
    sms.post_text(
        number,
        f"{_short(sentence)} {current_app.config['BASE_URL']}{path}{SECRET_PLACE}",
        kind="notice",
        secret=secret,
        member_id=member.id,
        lives=LIVES,
    )
    member.touch()


def text_change(member: Member, subject: str, not_me: str, to: list[str] | None = None) -> bool:
    """Text what changed, with the link that says "this was not me"; False where none can go.

    It goes to the first proved number, or to those in `to`.
    """
    found = numbers(member)[:1] if to is None else to
    sentence = _("%(subject)s. Not you? Stop it here:", subject=_short(subject, 180))
    for number in found:
        text_link(member, number, sentence, "/not-me/", not_me)
    return bool(found) and sms.is_on()


def _short(sentence: str, most: int = _LONG) -> str:
    plain = " ".join(sentence.split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"
