"""Urgent cases: accounts that are frozen after “this was not me”."""

from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.lib.guard import current_member
from portal.lib.htmx import done
from portal.lib.text import _
from portal.members.sudo import fresh
from portal.recovery.freezing import thaw_by_staff
from portal.staff.views.blueprint import staff
from portal.staff.views.member import find


@staff.post("/members/<number>/thaw")
@fresh
def thaw(number: str) -> BaseResponse:
    """Say that the account is its member's again; the second person who says so thaws it."""
    member = find(number)
    thawed = thaw_by_staff(member, current_member._get_current_object())
    return done(
        _("The account works again, and its member was told.")
        if thawed
        else _("Noted. Once somebody else from the shop agrees, the account works again."),
        go_to=url_for("staff.member", number=member.number),
    )
