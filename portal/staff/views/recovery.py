"""A recovery that staff start for somebody, agree to, or stop; nobody here chooses a way in."""

from flask import Response, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.lib.guard import current_member
from portal.lib.htmx import done, page
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import Member
from portal.members.sudo import fresh
from portal.recovery import slow
from portal.recovery.forms import StartRecoveryForm
from portal.staff.models import Look
from portal.staff.views.blueprint import staff
from portal.staff.views.member import find


@staff.get("/members/<number>/recovery")
@fresh
def recovery(number: str) -> Response:
    """Where a recovery stands, or the form that starts one."""
    member = find(number)
    Look.take(current_member, member)
    return _show(member, StartRecoveryForm(None))


@staff.post("/members/<number>/recovery")
@fresh
def start_recovery(number: str) -> BaseResponse:
    """Start one: where the person can be reached, and why."""
    member, form = find(number), StartRecoveryForm()
    if not form.validate():
        return _show(member, form, 422)
    try:
        agent = current_member._get_current_object()
        slow.start_by_agent(member, form.email.data, agent, form.reason.data)
    except Refused as refused:
        form.email.errors = [refused.sentence]
        return _show(member, form, refused.status)
    return _done(member, _("The person has a mail with a link that begins the 48 hours."))


@staff.post("/members/<number>/recovery/agree")
@fresh
def agree_to_recovery(number: str) -> BaseResponse:
    """Agree that a colleague gets back in."""
    member = find(number)
    running = slow.of(member)
    if running is None or not member.is_staff:
        raise Refused(_("Nothing is under way any more. Reload the page."))
    slow.agree(running, current_member._get_current_object())
    return _done(member, _("Noted: you agree."))


@staff.post("/members/<number>/recovery/stop")
@fresh
def stop_recovery(number: str) -> BaseResponse:
    """Stop it."""
    member = find(number)
    running = slow.of(member)
    stopped = running and slow.stop(running, "agent", current_member._get_current_object())
    return _done(member, _("It is stopped.") if stopped else _("Nothing was under way."))


def _done(member: Member, notice: str) -> BaseResponse:
    return done(notice, go_to=url_for("staff.recovery", number=member.number))


def _show(member: Member, form: StartRecoveryForm, status: int = 200) -> Response:
    running = slow.of(member)
    return page(
        "staff/recovery.html",
        status,
        member=member,
        form=form,
        running=running,
        needs_two=running is not None and slow.needs_two(running),
    )
