"""Agents take a claim back: the orders go where they were, however long ago it was."""

from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.claims.models import Claim
from portal.claims.taking import undo
from portal.lib.guard import current_member, find_or_404
from portal.lib.htmx import done
from portal.lib.text import ngettext
from portal.staff.views.blueprint import staff
from portal.staff.views.member import find


@staff.post("/members/<number>/claims/<int:claim_id>/undo")
def undo_claim(number: str, claim_id: int) -> BaseResponse:
    """Take back what was claimed at once with this, by this member or from them."""
    member = find(number)
    whose = (Claim.member == member) | (Claim.from_member_id == member.id)
    claim = find_or_404(Claim.select(), whose, Claim.id == claim_id)
    count = undo(claim, current_member._get_current_object())
    words = ngettext("The order went back.", "%(count)s orders went back.", count)
    return done(words, go_to=url_for("staff.member", number=member.number))
