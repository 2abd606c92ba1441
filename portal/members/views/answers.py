""" "Was this you?": yes with one press, no after a page that says what it does."""

from flask import flash, redirect, session, url_for
from werkzeug.wrappers import Response

from portal.lib.guard import current_member
from portal.lib.htmx import done, page
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import answers
from portal.members.models import Event, Member
from portal.members.views.blueprint import members, target
from portal.shop.models import settings


@members.post("/account/activity/<int:event_id>/mine")
def was_me(event_id: int) -> Response:
    """It was the member: said once, shown from then on."""
    member, event = _asked(event_id)
    try:
        answers.was_me(member, event)
    except Refused as refused:
        return _back(refused.sentence, event, kind="stop")
    return _back(_("Thank you. All is well then."), event)


@members.get("/account/activity/<int:event_id>/not-mine")
def was_not_me(event_id: int) -> Response:
    """What a "no" does, and the button."""
    _member, event = _asked(event_id)
    return _confirm(event)


@members.post("/account/activity/<int:event_id>/not-mine")
def say_not_me(event_id: int) -> Response:
    """It was not: every session ends, this one too, and the account is frozen."""
    member, event = _asked(event_id)
    try:
        answers.was_not_me(member, event)
    except Refused as refused:
        return _confirm(event, refused)
    session.clear()
    said = _(
        "Nobody is signed in any more, and your account is frozen: nobody can spend its points or "
        "change its addresses. %(shop)s knows, and looks at it. You can sign in again.",
        shop=settings().name,
    )
    flash(said, "good")
    return redirect(url_for("members.sign_in"), 303)


def _asked(event_id: int) -> tuple[Member, Event]:
    member = Member.get_by_id(current_member.id)
    return member, answers.find(member, event_id)


def _confirm(event: Event, refused: Refused | None = None) -> Response:
    return page(
        "members/not_mine.html",
        refused.status if refused else 200,
        event_id=event.id,
        words=answers.words(event),
        at=event.at,
        refusal=refused.sentence if refused else "",
    )


def _back(notice: str, event: Event, kind: str = "good") -> Response:
    given = answers.answers(Member.get_by_id(current_member.id), [event.id], event.at)
    there = target()
    return done(
        notice,
        kind=kind,
        go_to=there if there != url_for("account.home") else url_for("members.activity"),
        show="members/_was_it_you.html",
        event_id=event.id,
        answer=given.get(event.id, ""),
    )
