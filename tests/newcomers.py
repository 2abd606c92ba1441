"""Short ways through joining, for the tests of joining and of invitations."""

import re
from typing import Any

from portal.lib.mail import Mail
from portal.members.models import Event, Member


def ask(
    client: Any, email: str = "maren@example.com", name: str = "Maren Holt", **more: str
) -> Any:
    """Ask to join as the page does."""
    return client.post("/join", data={"email": email, "name": name, **more})


def mailed() -> tuple[str, str]:
    """The code and the link's path in the newest mail."""
    written = Mail.select().where(Mail.kind.in_(("join_confirm", "join_known")))
    mail = written.order_by(Mail.id.desc()).get()
    code, _line, link = (mail.secret() or "").partition("\n")
    return code, f"/join/link/{link}"


def type_code(client: Any, code: str) -> Any:
    """Type a code as the page does."""
    return client.post("/join/confirm", data={"code": code})


def kinds_of(member: Member) -> list[str]:
    """The member's events, oldest first."""
    return [e.kind for e in Event.select().where(Event.member == member).order_by(Event.id)]


def words(answer: Any) -> str:
    """The words of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2]).split())
