"""The index of what keeps an account safe: what opens it, in one sentence, and a part for each."""

from flask_login import current_user
from werkzeug.wrappers import Response

from portal.lib.guard import current_member
from portal.lib.htmx import page
from portal.members import openings, passkey_news
from portal.members.models import Passkey, Session
from portal.members.views.blueprint import members
from portal.members.ways import parts


@members.get("/account/security")
def security() -> Response:
    passkeys = Passkey.select().where(Passkey.member == current_member.id).order_by(Passkey.id)
    return page(
        "members/security.html",
        opening=openings.tell(current_member),
        passkeys=list(passkeys),
        sessions=list(Session.live(current_member)),
        here=current_user.session_id,
        parts=parts(current_member),
        news=passkey_news.of(current_member),
    )
