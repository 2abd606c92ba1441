"""Who looks odd and why; and what staff do about it: warn, restrict, suspend, agree and lift."""

from typing import Any

from flask import Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.lib.guard import current_member, find_or_404
from portal.lib.htmx import asked, done, page, partial
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import Member, Restriction
from portal.members.standing import DEEDS
from portal.members.sudo import fresh
from portal.risk import board, deciding
from portal.risk.forms import FORMS, DecisionForm, LiftForm
from portal.risk.signs import Sign
from portal.staff.models import Look
from portal.staff.views.blueprint import staff
from portal.staff.views.member import find

#: Where the evidence of a reason is: a group of the member's timeline, or a part of their page.
EVIDENCE: dict[str, dict[str, Any]] = {
    "frozen": {"_anchor": "case"},
    "standing": {"_anchor": "restrictions"},
    "not_me": {"group": "account", "_anchor": "stream"},
    "copied": {"group": "account", "_anchor": "stream"},
    "disputes": {"group": "payments", "_anchor": "stream"},
    "refunds": {"group": "payments", "_anchor": "stream"},
    "claims": {"group": "orders", "_anchor": "stream"},
}
SIGN_INS: dict[str, Any] = {"group": "sign-ins", "_anchor": "stream"}


@staff.get("/risk")
def risk() -> Response:
    """The accounts with something odd, the most of it first."""
    kind = request.args.get("reason", "")
    kind = kind if kind in board.KINDS else ""
    after = request.args.get("after")
    found = board.board(kind, after)
    values: dict[str, Any] = {
        "board": found,
        "reason": kind,
        "words": board.words,
        "evidence": evidence,
    }
    if asked() and after:
        return partial("staff/_risk.html", **values)
    return page("staff/risk.html", kinds=board.KINDS, **values)


@staff.get("/risk/browsers/<int:session_id>")
def risk_browser(session_id: int) -> Response:
    """The accounts that were entered with one browser."""
    people = board.in_browser(session_id)
    if not people:
        abort(404)
    return page("staff/risk_browser.html", people=people)


@staff.get("/members/<number>/standing/<act>")
@fresh
def decide(number: str, act: str) -> Response:
    """The form that warns, restricts or suspends."""
    member = find(number)
    form = _form(act)(None)
    deciding.may_decide(member, _me())
    Look.take(current_member, member)
    form.seen.data = deciding.state_of(member)
    return _show(member, form)


@staff.post("/members/<number>/standing/<act>")
@fresh
def decided(number: str, act: str) -> BaseResponse:
    """Let it hold, and tell the member."""
    member, form = find(number), _form(act)()
    if not form.validate():
        return _show(member, form, 422)
    try:
        made = deciding.decide(member, _me(), form.decision(), form.seen.data or "")
    except Refused as refused:
        form.seen.data = deciding.state_of(member)
        return _show(member, form, refused.status, refused.sentence)
    return _back(member, _said(made))


@staff.post("/members/<number>/standing/<int:restriction_id>/agree")
@fresh
def agree_to_suspension(number: str, restriction_id: int) -> BaseResponse:
    """Agree that the account is suspended."""
    member = find(number)
    deciding.agree(_restriction(member, restriction_id), _me())
    return _back(member, _("The account is suspended, and its member was told."))


@staff.get("/members/<number>/standing/<int:restriction_id>/lift")
@fresh
def lift(number: str, restriction_id: int) -> Response:
    """The form that asks for a word on why."""
    member = find(number)
    held = _restriction(member, restriction_id)
    deciding.may_lift(held, _me())
    return _show_lift(member, held, LiftForm(None))


@staff.post("/members/<number>/standing/<int:restriction_id>/lift")
@fresh
def lifted(number: str, restriction_id: int) -> BaseResponse:
    """It holds no more."""
    member = find(number)
    held, form = _restriction(member, restriction_id), LiftForm()
    if not form.validate():
        return _show_lift(member, held, form, 422)
    new = deciding.lift(held, _me(), form.why.data)
    return _back(member, _("Lifted.") if new else _("It was over already."))


def evidence(entry: board.Entry, sign: Sign) -> str:
    """The address of what a reason stands on."""
    if sign.kind == "browsers":
        return url_for("staff.risk_browser", session_id=sign.data)
    if sign.kind == "recovery":
        return url_for("staff.recovery", number=entry.member.number)
    where = EVIDENCE.get(sign.kind, SIGN_INS)
    return url_for("staff.member", number=entry.member.number, **where)


def _said(made: Restriction) -> str:
    return {
        "warn": _("The member is warned, and has a mail."),
        "restrict": _("The account is restricted, and its member was told."),
        "suspend": _("The account is suspended, and its member was told."),
    }.get(made.kind, _("Noted. Once somebody else from the shop agrees, the account is suspended."))


def _form(act: str) -> type[DecisionForm]:
    if act not in FORMS:
        abort(404)
    return FORMS[act]


def _restriction(member: Member, restriction_id: int) -> Restriction:
    mine = Restriction.select().where(Restriction.member == member)
    found: Restriction = find_or_404(mine, Restriction.id == restriction_id)
    return found


def _show(member: Member, form: DecisionForm, status: int = 200, refusal: str = "") -> Response:
    alone = current_member.role == "owner"
    return page(
        "staff/risk_decide.html",
        status,
        member=member,
        form=form,
        refusal=refusal,
        alone=alone,
        deeds=DEEDS,
    )


def _show_lift(member: Member, held: Restriction, form: LiftForm, status: int = 200) -> Response:
    if held.kind == deciding.PROPOSED:
        form.why.description = _("For your colleagues. The member hears nothing of it.")
    return page("staff/risk_lift.html", status, member=member, held=held, form=form)


def _back(member: Member, notice: str) -> BaseResponse:
    here = url_for("staff.member", number=member.number, _anchor="restrictions")
    return done(notice, go_to=here)


def _me() -> Member:
    member: Member = current_member._get_current_object()
    return member
