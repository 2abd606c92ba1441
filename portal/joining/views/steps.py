"""The steps after joining, one page each, and the list of what to do first."""

from typing import Any

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from portal.joining import checklist
from portal.joining.forms import InterestsForm, step_form
from portal.joining.steps import answer, answers, choices, next_step, skip, states, wanted
from portal.joining.views.blueprint import joining
from portal.lib.guard import current_member
from portal.lib.htmx import done, page, safe_next
from portal.lib.text import _
from portal.members.models import Member


@joining.get("/join/steps")
def steps() -> Response:
    """All steps with what was answered; each can be answered anew."""
    member = _me()
    return page(
        "joining/steps.html",
        steps=wanted(),
        states=states(member),
        answers=answers(member),
        first=next_step(member),
    )


@joining.get("/join/steps/<step>")
def step(step: str) -> Response:
    return _show(_known(step), None)


@joining.post("/join/steps/<step>")
def answer_step(step: str) -> Response:
    form = step_form(_known(step))
    if not form.validate():
        return _show(step, form, 422)
    answer(_me(), step, form.answer.data)
    return _onwards(_("Kept."))


@joining.post("/join/steps/<step>/skip")
def skip_step(step: str) -> Response:
    skip(_me(), _known(step))
    return _onwards("")


@joining.post("/join/start/away")
def put_away() -> Response:
    """Show the list of what to do first no more."""
    checklist.put_away(_me())
    return done(
        _("The list is put away."),
        show="joining/_card.html",
        go_to=url_for("account.home"),
        start=[],
    )


def _onwards(notice: str) -> Response:
    following = next_step(_me())
    there = safe_next(request.values.get("next"), url_for("account.home"))
    if following:
        return redirect(url_for("joining.step", step=following, next=there), 303)
    return done(notice, go_to=there)


def _known(step: str) -> str:
    if step not in wanted():
        abort(404)
    return step


def _me() -> Member:
    member: Member = current_member._get_current_object()
    return member


def _show(step: str, form: Any, status: int = 200) -> Response:
    member, asked_for = _me(), wanted()
    if form is None:
        form = step_form(step, answers(member)[step])
    return page(
        "joining/step.html",
        status,
        step=step,
        form=form,
        chosen=isinstance(form, InterestsForm),
        choices=choices(),
        number=asked_for.index(step) + 1,
        of=len(asked_for),
        next=safe_next(request.values.get("next"), url_for("account.home")),
    )
