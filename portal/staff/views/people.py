"""Who works for the shop: the owner lets people in and out."""

from typing import Any

from flask import Response, current_app, url_for
from flask_login import current_user
from peewee import fn
from werkzeug.wrappers import Response as BaseResponse

from portal.lib.guard import current_member, find_or_404, owner_only
from portal.lib.htmx import asked, done, page, partial
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import EmailAddress, Member, Passkey, Session
from portal.members.staff import add_staff, list_staff, remove_staff
from portal.members.sudo import fresh
from portal.staff.forms import PersonForm
from portal.staff.views.blueprint import staff


@staff.get("/people")
@owner_only
@fresh
def people() -> Response:
    """Everybody on the staff, with a form that must not be lost to a second question."""
    return page("staff/people.html", form=PersonForm(formdata=None), **_everybody())


@staff.post("/people")
@owner_only
@fresh
def add_person() -> Response:
    """Let somebody in; their set-up link is shown this once and kept nowhere readable."""
    form = PersonForm()
    token = ""
    try:
        if form.validate():
            token = add_staff(form.email.data, form.role.data, current_member)
    except Refused as refused:
        form.email.errors = [*form.email.errors, refused.sentence]
    if not token:
        return _answer(422, form=form)
    link = current_app.config["BASE_URL"] + url_for("members.setup", token=token)
    return _answer(200, form=PersonForm(formdata=None), link=link, invited=form.email.data)


@staff.post("/people/<number>/remove")
@owner_only
@fresh
def remove_person(number: str) -> BaseResponse:
    """Take somebody's role away; their sessions end at once, their own account stays."""
    person = find_or_404(Member.select(), Member.number == number, Member.role.is_null(False))
    address = EmailAddress.of(person)
    if address is None:
        raise Refused(_("This person has no e-mail address; remove them on the machine."))
    remove_staff(address.address, current_member)
    gone_myself = person.id == current_member.id
    return done(
        _("%(name)s works for the shop no more.", name=person.shown_name),
        show=None if gone_myself else "staff/_people.html",
        go_to="/" if gone_myself else url_for("staff.people"),
        form=PersonForm(formdata=None),
        **_everybody(),
    )


def _answer(status: int, **values: Any) -> Response:
    template = "staff/_people.html" if asked() else "staff/people.html"
    answer = partial if asked() else page
    return answer(template, status, **values, **_everybody())


def _everybody() -> dict[str, Any]:
    persons = list_staff()
    ids = [person.id for person in persons]
    addresses: dict[int, str] = {}
    emails: Any = EmailAddress.select(EmailAddress.member, EmailAddress.address)
    for row in emails.where(EmailAddress.member.in_(ids)).order_by(EmailAddress.id):
        addresses.setdefault(row.member_id, row.address)
    keys: Any = Passkey.select(Passkey.member, fn.COUNT(Passkey.id)).where(Passkey.member.in_(ids))
    seen: Any = Session.select(Session.member, fn.MAX(Session.seen_at)).where(
        Session.member.in_(ids)
    )
    return {
        "people": persons,
        "addresses": addresses,
        "passkeys": dict(keys.group_by(Passkey.member).tuples()),
        "seen": dict(seen.group_by(Session.member).tuples()),
        "me": current_user.member.id,
    }
