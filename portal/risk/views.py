"""The gate before what can be restricted, what a refused person reads, and the notice in force."""

from typing import Any

from flask import Blueprint, Response, g, request

from portal.lib import htmx
from portal.members import incidents, standing
from portal.members.models import Restriction
from portal.risk import events as _events  # noqa: F401
from portal.risk import jobs as _jobs  # noqa: F401
from portal.risk.letters import headline
from portal.risk.routes import DEED_OF

#: It has no pages of its own: it stands before those of others.
risk = Blueprint("risk", __name__)
#: What people write themselves; codes, keys and secrets are never shown again.
TYPED = (
    "name", "username", "bio", "location", "link1", "link2", "link3", "note", "answer",
    "email", "phone", "number", "contact", "postcode", "total", "points",
)  # fmt: skip
SHOWN = 4000  # characters of one field


@risk.before_app_request
def gate() -> None:
    """Ask before every route that does a deed whether the account may do it now."""
    deed = DEED_OF.get(f"{request.method} {request.url_rule}")
    if deed and "member" in g:
        standing.ensure(g.member, deed)


@risk.app_errorhandler(standing.NotNow)
def not_now(refused: standing.NotNow) -> Response:
    """Say why, until when and whom to ask; what was typed stays to be copied."""
    incidents.note("not_now")
    g.error_status = refused.status
    return htmx.page("risk/not_now.html", refused.status, sentence=refused.sentence, typed=_typed())


@risk.app_context_processor
def notices() -> dict[str, Any]:
    """What the layout of a member's pages needs to say what is in force."""
    return {"standing_notices": _notices}


def _notices(member: Any) -> list[tuple[Restriction, str, str]]:
    """What holds, each with a headline and what does not work."""
    return [(held, headline(held), standing.off(held.what)) for held in standing.in_force(member)]


def _typed() -> list[str]:
    """The texts of the form that was not kept; nothing secret among them."""
    if request.method != "POST" or htmx.asked():
        return []
    texts = [text.strip() for name in TYPED for text in request.form.getlist(name)]
    return [text[:SHOWN] for text in texts if text]
