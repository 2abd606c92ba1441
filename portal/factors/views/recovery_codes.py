"""The recovery codes: how many are left, and ten new ones, shown once."""

from flask import Response
from werkzeug.wrappers import Response as BaseResponse

from portal.factors import recovery_codes
from portal.factors.views.blueprint import factors
from portal.lib.guard import current_member
from portal.lib.htmx import page
from portal.members.models import Member
from portal.members.sudo import fresh
from portal.members.views.blueprint import limit


@factors.get("/account/security/recovery-codes")
def recovery() -> Response:
    """How many are left; never which."""
    left = recovery_codes.left(current_member)
    return page("factors/recovery_codes.html", left=left, codes=None)


@factors.post("/account/security/recovery-codes")
@fresh
def make_codes() -> BaseResponse:
    """Ten new ones on this page, which nobody can open again."""
    limit("codes.make", str(current_member.id))
    codes = recovery_codes.make(Member.get_by_id(current_member.id))
    return page("factors/recovery_codes.html", left=len(codes), codes=codes)
