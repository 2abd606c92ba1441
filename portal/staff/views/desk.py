"""The desk: find anybody while typing, or go back to whom you looked at last."""

from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.duplicates.pairs import count_open
from portal.lib import throttle
from portal.lib.guard import current_member
from portal.lib.htmx import asked, page, partial
from portal.members.models import Member
from portal.recovery.freezing import cases
from portal.risk.history import waiting_for
from portal.staff import search as searching
from portal.staff.health import health
from portal.staff.models import Look
from portal.staff.views.blueprint import staff

RECENT = 8


@staff.get("")
def desk() -> BaseResponse:
    """The search, its answer, and beside it whom this agent looked at last.

    A member number sent whole, as a scanner does, leads straight to the member's page.
    """
    answer = _answer()
    if asked():
        response = partial("staff/_found.html", answer=answer, whole=True)
        if answer.scanned:  # "Back" from the member's page must not lead there again
            response.headers["HX-Replace-Url"] = "false"
        return response
    if answer.scanned:
        return redirect(url_for("staff.member", number=answer.scanned.number), 303)
    first_run = not answer.typed and _nobody_here()
    state = health() if current_member.role == "owner" else None
    return page(
        "staff/desk.html",
        answer=answer,
        recent=_recent(),
        first_run=first_run,
        health=state,
        pairs=count_open(),
        cases=cases(),
        proposals=waiting_for(current_member),
    )


@staff.get("/search")
def search() -> BaseResponse:
    """The answer alone, for the search at the head of every other page."""
    if not asked():
        return redirect(url_for("staff.desk", q=request.args.get("q")), 303)
    return partial("staff/_found.html", answer=_answer(), whole=False)


def _answer() -> searching.Answer:
    typed = request.args.get("q", "").strip()
    if typed:
        throttle.limit("search", str(current_member.id))
    return searching.search(typed)


def _recent() -> list[searching.Found]:
    looks: Any = (
        Look.select(Look.member)
        .where((Look.agent == current_member.id) & (Look.what == ""))
        .order_by(Look.at.desc())
        .limit(RECENT)
    )
    return searching.people([member_id for (member_id,) in looks.tuples()])


def _nobody_here() -> bool:
    people = Member.role.is_null() & Member.withdrawn_at.is_null()
    return Member.select(Member.id).where(people).first() is None
