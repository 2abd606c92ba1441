"""What an agent does for a member; each deed is written down with the agent's name."""

from collections.abc import Callable
from typing import Any

from flask import Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.lib.db import write_tx
from portal.lib.guard import current_member, find_or_404
from portal.lib.htmx import asked, done, page, partial
from portal.lib.refused import Refused
from portal.lib.text import _, ngettext
from portal.loyalty.vouchers import adjust
from portal.members.links import mail_link
from portal.members.models import Member, Session
from portal.members.sudo import fresh
from portal.orders.detail import detail
from portal.orders.models import Order
from portal.staff.forms import NoteForm, PointsForm, TrackingForm
from portal.staff.models import Note
from portal.staff.views.blueprint import staff
from portal.staff.views.member import context, find, order_base


@staff.post("/members/<number>/notes")
def add_note(number: str) -> BaseResponse:
    """Keep a note for the shop's staff."""
    member, form = find(number), NoteForm()
    if not form.validate():
        return _again(member, note=form)
    with write_tx():
        Note.create(member=member, author=current_member.id, body=form.body.data)
        member.record("staff.noted", actor=current_member)
    return _done(_("Noted."), member)


@staff.post("/members/<number>/notes/<int:note_id>/remove")
def remove_note(number: str, note_id: int) -> BaseResponse:
    """Take a note away again: only whoever wrote it may."""
    member = find(number)
    mine = Note.select().where((Note.member == member) & (Note.author == current_member.id))
    note = find_or_404(mine, Note.id == note_id)
    with write_tx():
        Note.delete().where(Note.id == note.id).execute()
        member.record("staff.note_removed", actor=current_member)
    return _done(_("The note is gone."), member)


@staff.post("/members/<number>/sign-in-mail")
@fresh
def send_sign_in_mail(number: str) -> BaseResponse:
    """Mail the member a link that lives ten minutes; the agent never sees it."""
    member = find(number)
    with write_tx():
        mail_link(member)
        member.record("staff.sign_in_mail", actor=current_member)
    return _done(_("The mail is on its way. Its link works for ten minutes."), member)


@staff.post("/members/<number>/sessions/end")
def end_sessions(number: str) -> BaseResponse:
    """Sign the member out everywhere."""
    member = find(number)
    if member.is_staff and current_member.role != "owner":
        raise Refused(_("Only the owner can sign out people who work for the shop."))
    with write_tx():
        count = Session.end_all(member)
        if count:
            member.record("staff.sessions_ended", actor=current_member, count=count)
    words = ngettext("One browser is signed out.", "%(count)s browsers are signed out.", count)
    return _done(words if count else _("No browser was signed in."), member)


@staff.post("/members/<number>/points")
@fresh
def adjust_points(number: str) -> BaseResponse:
    """Give or take points, with a reason that the member reads."""
    member, form = find(number), PointsForm()
    if member.id == current_member.id:
        raise Refused(_("Somebody else has to change your own points."))
    if not form.validate():
        return _again(member, points=form)
    try:
        adjust(member, int(form.points.data), form.reason.data, current_member, form.key.data[:64])
    except Refused as refused:
        form.points.errors = [*form.points.errors, refused.sentence]
        return _again(member, points=form)
    return _done(_("The points are changed; the member reads why."), member)


@staff.post("/members/<number>/orders/<path:key>/tracking")
def set_tracking(number: str, key: str) -> BaseResponse:
    """Set the tracking number of an order; it wins over what the shop's files say."""
    member = find(number)
    found = detail(member, key)
    if found is None:
        abort(404)
    form = TrackingForm()
    try:
        if form.validate():
            Order.get_by_id(found.order.id).set_tracking(form.number.data, current_member)
    except Refused as refused:
        form.number.errors = [*form.number.errors, refused.sentence]
    if form.errors:
        return _order_again(member, found, form)
    return done(
        _("The member sees the tracking number now."),
        show="staff/_order.html",
        go_to=url_for("staff.order", number=member.number, key=found.key),
        member=member,
        detail=detail(member, key),
        tracking=TrackingForm(formdata=None),
        order_base=order_base(member),
    )


def _done(notice: str, member: Member) -> BaseResponse:
    here = url_for("staff.member", number=member.number, order=request.args.get("order"))
    if not asked():
        return done(notice, go_to=here)
    fresh = Member.get_by_id(member.id)
    return done(notice, show="staff/_member.html", go_to=here, **context(fresh))


def _again(member: Member, **forms: Any) -> Response:
    """The same page with what was typed and what is wrong with it."""
    answer: Callable[..., Response] = partial if asked() else page
    template = "staff/_member.html" if asked() else "staff/member.html"
    return answer(template, 422, **context(member, **forms))


def _order_again(member: Member, found: Any, form: TrackingForm) -> Response:
    answer: Callable[..., Response] = partial if asked() else page
    template = "staff/_order.html" if asked() else "staff/order.html"
    return answer(
        template, 422, member=member, detail=found, tracking=form, order_base=order_base(member)
    )
