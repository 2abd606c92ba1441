"""What was refused at the shop's doors: one row and one line of the log for each refused request.

What fails in a known account is an event in its timeline; this is for everything else: nobody's
account, no right, too often, forged. A row holds the rule of the route, never its path, and a
keyed hash of the network address. Rows go after a year.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from flask import Flask, current_app, g, has_request_context, request
from peewee import DatabaseError
from werkzeug.wrappers import Response

from portal.lib.clock import now
from portal.lib.db import write_soon, write_tx
from portal.lib.guard import access_of, client_key
from portal.lib.jobs import periodic
from portal.lib.throttle import counted, reached
from portal.lib.tokens import digest, keyed
from portal.members.models import Incident, Member

log = logging.getLogger("portal.security")

KEPT = timedelta(days=366)  # the table itself refuses to let go of anything younger than a year
MOST = 200  # of one network address in an hour; the next one is "muted", and the rest is left
GONE = (404, 409, 410)  # how a link answers that does nothing any more

#: Every kind of incident, as the owner reads it.
KINDS = {
    "limit": "A limit was reached.",
    "forged": "A form came from another site, or without the token of our page.",
    "no_right": "A member asked for a page of the staff, or an agent for one of the owner.",
    "not_theirs": "A member asked for a thing of another member.",
    "not_now": "A frozen, restricted or closed account asked for what it may not do.",
    "bad_link": "A link was opened that the shop never gave out, or that was changed.",
    "old_link": "A link that was for nobody’s account was opened, and works no more.",
    "code_unknown": "A code was typed that belongs to no account.",
    "password_unknown": "A password was typed for an address that nobody has.",
    "passkey_unknown": "A passkey was shown that the shop does not know.",
    "provider_refused": "A sign-in with another service was not believed, or was broken off.",
    "setup_refused": "The set-up of the shop’s first owner failed.",
    "order_not_found": "An order was looked for without an account, and the facts did not fit.",
    "demo_shut": "Somebody asked for the demo shop’s open door where it is shut.",
    "pot": "A field was filled in that people don’t see.",
    "muted": "One network address was refused very often; the rest of its hour is not kept.",
}


class Known(NamedTuple):
    """A link that the shop gave out once; nobody's where it led into no account."""

    member: Member | None


#: Given the token of a link: what is known of it, None for a token that is not.
Finder = Callable[[str], Known | None]
_finders: list[Finder] = []


class Where(NamedTuple):
    """From where something was refused: a hash of the network address, and the route's rule."""

    client: str = ""
    rule: str = ""


def init(app: Flask) -> None:
    """Write down what was noted once the answer is made, and its transactions are over."""
    app.after_request(_write_down)


def add_finder(finder: Finder) -> None:
    """Let a domain say whose the links are that it gives out."""
    _finders.append(finder)


def here() -> Where:
    """Where this request comes from, for a job that notes its refusal later."""
    if not has_request_context():
        return Where()
    return Where(keyed("incident", client_key()), str(request.url_rule or ""))


def note(kind: str, member: Member | None = None, *, once: str = "", **data: str) -> None:
    """Note that this request is refused; of several notes the first one counts.

    `once`: the same refusal under this key is written once a day. `data` is a few short words
    for the owner: never a secret, an address or what somebody typed.
    """
    if kind not in KINDS:
        raise KeyError(f"nobody knows the incident {kind}")
    if "incident" not in g:
        who = member or g.get("member")
        g.incident = (kind, who.id if who else None, once, data)


def code_missed(member: Member | None, dead: bool, where: Where) -> None:
    """A code was wrong or had ended: an event of the member it was for, or an incident."""
    if member:
        member.record("sign_in.too_late" if dead else "sign_in.code_wrong")
    else:
        write("code_unknown", where)


def write(
    kind: str, where: Where, member_id: int | None = None, *, once: str = "", **data: str
) -> None:
    """Write one incident and its line of the log now, unless its client had MOST in this hour.

    When others are writing only the line is written: nobody waits for a row about a refusal.
    """
    hour = int(time.time()) // 3600 * 3600
    if counted(f"incidents {where.client}", hour, add=False) > MOST:
        return
    told: list[str] = []

    def row() -> None:
        if once and not _first(f"{kind} {once}"):
            told.append("")
            return
        shown = kind if counted(f"incidents {where.client}", hour) <= MOST else "muted"
        Incident.create(
            kind=shown, member=member_id, client=where.client, rule=where.rule[:200],
            data=data if shown == kind else {},
        )  # fmt: skip
        told.append(shown)

    write_soon(row)
    if told != [""]:
        _tell_log(told[-1] if told else kind, where, member_id, data)


@periodic("incidents.clear", minute="53", hour="3")
def forget_old() -> None:
    """Incidents go after a year."""
    with write_tx():
        Incident.delete().where(Incident.at < now() - KEPT).execute()


def _write_down(response: Response) -> Response:
    try:
        _look_at(response)
        kind, member_id, once, data = g.pop("incident", (None, None, "", {}))
        if kind:
            write(kind, here(), member_id, once=once, **data)
    except DatabaseError as error:  # the answer goes out all the same
        log.error("a refusal could not be written down: %s", type(error).__name__)
    return response


def _first(name: str) -> bool:
    """Whether something is told for the first time today."""
    return counted(f"told {name}", int(time.time()) // 86400 * 86400) == 1


@reached.connect
def _on_limit(_sender: object, purpose: str) -> None:
    if has_request_context():
        note("limit", limit=purpose)


def _look_at(response: Response) -> None:
    """A link that does nothing any more says so by its status."""
    token = (request.view_args or {}).get("token")
    if token and response.status_code in GONE and access_of(current_app, _endpoint()) == "public":
        _note_link(token)


def _note_link(token: str) -> None:
    """A link that is over is told in the timeline of whom it was for, once a day."""
    found = next((known for finder in _finders if (known := finder(token))), None)
    if found is None or found.member is None:
        note("old_link" if found else "bad_link", once=digest(token) if found else "")
        return
    with write_tx():
        if _first(f"link {digest(token)}"):
            found.member.record("link.dead")


def _endpoint() -> str:
    return request.endpoint or ""


def _tell_log(kind: str, where: Where, member_id: int | None, data: dict[str, str]) -> None:
    fields = {"incident": kind, **where._asdict(), "member": member_id, **data}
    log.warning("refused: %s", kind, extra={"fields": fields})
