"""Guests find one order: the mailed link, the three facts, and the order itself, read-only."""

from typing import Any

from flask import abort, redirect, request, session, url_for
from werkzeug.wrappers import Response

from portal.claims import guests
from portal.claims.facts import order_number
from portal.claims.forms import FactsForm, LinkForm
from portal.claims.views.blueprint import claims
from portal.lib.guard import public
from portal.lib.htmx import asked, page, partial
from portal.lib.refused import Refused
from portal.members import incidents
from portal.members.models import fold_email
from portal.members.views.blueprint import limit, secret_page
from portal.members.views.bots import careful, caught
from portal.orders.detail import detail_of

COOKIE = "found_order"  # the place in the browser's session of the secret that lets it look


@claims.get("/orders/find")
@public
def find() -> Response:
    """Two ways to one order."""
    return _show()


@claims.post("/orders/find/mail")
@public
def ask_link() -> Response:
    """Mail a link; the answer is the same whatever there is."""
    form = LinkForm()
    if not form.validate():
        return _show(422, link=form)
    careful("order.ask.client", "order.ask.all")
    limit("order.ask.address", fold_email(form.email.data or ""))
    if not caught():
        guests.ask(form.number.data, form.email.data or "")
    return redirect(url_for(".find", sent=1), 303)


@claims.post("/orders/find")
@public
def find_by_facts() -> Response:
    """Number, postcode and total at once; guesses are counted before anything is compared."""
    form = FactsForm()
    if not form.validate():
        return _show(422, facts=form)
    careful("order.find.client", "order.find.all")
    limit("order.find.order", order_number(form.number.data).upper())
    try:
        typed = (form.number.data, form.postcode.data, form.total.data)
        order = guests.by_facts(*(("", "", "") if caught() else typed))
    except Refused as refused:
        incidents.note("order_not_found")
        return _show(refused.status, facts=form, refusal=refused.sentence)
    return _look(guests.show(order, whole=False))


@claims.get("/orders/link/<token>")
@public
def order_link(token: str) -> Response:
    """A button, since mail scanners open links."""
    limit("link.try.client")
    try:
        guests.link(token)
    except guests.DeadLink as dead:
        return _dead(dead)
    return secret_page(page("claims/link.html", token=token))


@claims.post("/orders/link/<token>")
@public
def open_order(token: str) -> Response:
    """Use the link up and look."""
    limit("link.try.client")
    try:
        return secret_page(_look(guests.open_link(token)))
    except guests.DeadLink as dead:
        return _dead(dead)


@claims.get("/orders/found")
@public
def found() -> Response:
    """The order that this browser may look at, under its own number."""
    seen = guests.shown(session.get(COOKIE))
    if seen is None:
        return redirect(url_for(".find"), 303)
    return redirect(url_for(".found_order", key=seen[0].number), 303)


@claims.get("/orders/found/<path:key>")
@public
def found_order(key: str) -> Response:
    """One order without an account; htmx asks for the lines after a position."""
    seen = guests.shown(session.get(COOKIE))
    if seen is None or seen[0].number != key:
        abort(404)
    order, whole = seen
    after = request.args.get("lines", type=int, default=-1)
    detail = detail_of(order.id, max(-1, min(after, 2**31 - 1)))
    values: dict[str, Any] = {
        "detail": detail,
        "readonly": True,
        "order_base": url_for(".found") + "/",
    }
    if asked() and request.htmx.target_id == "more":  # type: ignore[attr-defined]
        return partial("orders/_lines.html", **values)
    return page("claims/found.html", whole=whole, **values)


def _look(browser: str) -> Response:
    session[COOKIE] = browser
    return redirect(url_for(".found"), 303)


def _dead(dead: guests.DeadLink) -> Response:
    sentence = dead.sentence
    looking = guests.shown(session.get(COOKIE)) is not None
    return secret_page(page("claims/link_gone.html", dead.status, why=sentence, looking=looking))


def _show(
    status: int = 200,
    *,
    link: LinkForm | None = None,
    facts: FactsForm | None = None,
    refusal: str = "",
) -> Response:
    return page(
        "claims/find.html",
        status,
        link=link or LinkForm(None),
        facts=facts or FactsForm(None),
        by_facts=facts is not None,
        refusal=refusal,
        sent="sent" in request.args,
    )
