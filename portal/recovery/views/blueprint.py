"""The blueprint of ways back, and the answers that its views share."""

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from portal.lib.guard import current_member
from portal.lib.htmx import page
from portal.lib.text import _
from portal.members.models import Member
from portal.members.views.blueprint import secret_page

recovery = Blueprint("recovery", __name__)


def me() -> Member:
    """The signed-in member with every column."""
    found: Member = Member.get_by_id(current_member.id)
    return found


def said(
    headline: str, sentence: str, *, status: int = 200, href: str = "", words: str = ""
) -> Response:
    """A page that says one thing and where to go on; its address is a secret."""
    return secret_page(
        page(
            "recovery/said.html",
            status,
            headline=headline,
            sentence=sentence,
            href=href or url_for("members.sign_in"),
            words=words or _("To the sign-in"),
        )
    )
