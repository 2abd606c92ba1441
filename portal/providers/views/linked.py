"""The member's page of accounts elsewhere that open theirs: link one, unlink one."""

from flask import url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.lib.guard import current_member, find_or_404
from portal.lib.htmx import done, page
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import Member
from portal.members.sudo import fresh
from portal.members.views.blueprint import limit
from portal.providers import arrivals, links
from portal.providers.models import LinkedAccount, Provider
from portal.providers.offered import lead_to, offered
from portal.providers.views.blueprint import (
    browser_secret,
    forget_browser,
    offered_or_404,
    providers,
    send_off,
)


@providers.get("/account/security/linked")
def linked() -> Response:
    """What is linked, what can be, and what waits to be."""
    return _show()


@providers.post("/account/security/linked")
@fresh
def finish() -> Response:
    """Link the identity that waits in this browser."""
    arrival = arrivals.waiting(browser_secret())
    if arrival is None:
        return _show(409, _("Nothing waits to be linked any more. Begin again."))
    try:
        arrivals.finish(arrival, _me())
    except Refused as refused:
        return _show(refused.status, refused.sentence)
    name = arrival.flow.provider.name
    return forget_browser(
        done(_("%(name)s opens your account now.", name=name), go_to=url_for("providers.linked"))
    )


@providers.post("/account/security/linked/<key>")
@fresh
def link(key: str) -> Response:
    """Off to the provider, to come back with an account of it."""
    limit("provider.begin.client")
    provider = offered_or_404(key)
    try:
        return send_off(provider, "link", "", again=False, member_id=current_member.id)
    except Refused as refused:
        return _show(refused.status, refused.sentence)


@providers.post("/account/security/linked/<int:link_id>/unlink")
@fresh
def unlink(link_id: int) -> Response:
    """End a link, unless it is the last way in."""
    mine = LinkedAccount.select().where(LinkedAccount.member == current_member.id)
    found: LinkedAccount = find_or_404(mine, LinkedAccount.id == link_id)
    try:
        links.unlink(_me(), found)
    except Refused as refused:
        return _show(refused.status, refused.sentence)
    name = found.provider.name
    return done(
        _("%(name)s no longer opens your account.", name=name), go_to=url_for("providers.linked")
    )


def _me() -> Member:
    """The signed-in member with every column."""
    return Member.get_by_id(current_member.id)


def _show(status: int = 200, refusal: str = "") -> Response:
    found = offered()
    lead_to(found)
    accounts = list(
        LinkedAccount.select(LinkedAccount, Provider)
        .join(Provider)
        .where(LinkedAccount.member == current_member.id)
        .order_by(LinkedAccount.id)
    )
    again = url_for("members.sign_in", again=1, next=url_for("providers.linked"))
    return page(
        "providers/linked.html",
        status,
        refusal=refusal,
        linked=accounts,
        offers=found,
        arrival=arrivals.waiting(browser_secret()),
        again="" if current_user.fresh else again,
    )
