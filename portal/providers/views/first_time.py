"""The page for somebody whom no link knows yet: a new account, or the one they have."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from portal.lib.guard import public, signed_in
from portal.lib.htmx import page
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.forms import AddressForm, CodeForm
from portal.members.models import Member, fold_email
from portal.members.steps import proceed
from portal.members.views.blueprint import limit
from portal.providers import arrivals
from portal.providers.arrivals import Arrival
from portal.providers.views.blueprint import browser_secret, forget_browser, providers


@providers.get("/sign-in/first-time")
@public
def first_time() -> Response:
    """What may be done with the identity that waits in this browser."""
    arrival = arrivals.waiting(browser_secret())
    return _show(arrival) if arrival else _nothing_waits()


@providers.post("/sign-in/first-time")
@public
def open_account() -> Response:
    """A new account with the address that the provider proved."""
    limit("code.try.client")
    arrival = arrivals.waiting(browser_secret())
    if arrival is None:
        return _nothing_waits()
    if not arrivals.may_open(arrival.identity):
        raise Refused(_("This address has to be proved first. Ask for a code."))
    member = arrivals.open_account(arrival, arrival.identity.email)
    return forget_browser(redirect(proceed(member, "oidc", arrival.flow.target), 303))


@providers.post("/sign-in/first-time/code")
@public
def ask_code() -> Response:
    """Mail a code to the address that was typed."""
    arrival = arrivals.waiting(browser_secret())
    if arrival is None:
        return _nothing_waits()
    form = AddressForm()
    if not form.validate():
        return _show(arrival, 422, address=form)
    limit("code.ask.client")
    limit("code.ask.pair", fold_email(form.email.data))
    limit("code.ask.address", fold_email(form.email.data))
    arrivals.ask_code(arrival, form.email.data)
    return redirect(url_for("providers.first_time"), 303)


@providers.post("/sign-in/first-time/code/enter")
@public
def use_code() -> Response:
    """The code is right: somebody new gets an account, a member is let in and linked."""
    limit("code.try.client")
    arrival, form = arrivals.waiting(browser_secret()), CodeForm()
    if arrival is None:
        return _nothing_waits()
    if not form.validate():
        return _show(arrival, 422, code=form)
    try:
        address = arrivals.use_code(arrival, form.code.data)
    except Refused as refused:
        form.code.errors = [refused.sentence]
        return _show(arrival, refused.status, code=form)
    member = arrivals.whose(address)
    if member is None:
        member = arrivals.open_account(arrival, address)
        return forget_browser(redirect(proceed(member, "oidc", arrival.flow.target), 303))
    return _let_in(arrival, member)


def _let_in(arrival: Arrival, member: Member) -> Response:
    """A member proved an address of theirs; the link is made once they are wholly in."""
    there = url_for("providers.linked")
    way = proceed(member, "code", there)
    if way != there:  # a second proof is asked; the identity waits on the page they come to
        return redirect(way, 303)
    arrivals.finish(arrival, member)
    flash(_("%(name)s opens your account now.", name=arrival.flow.provider.name), "good")
    return forget_browser(redirect(arrival.flow.target or "/", 303))


def _show(
    arrival: Arrival,
    status: int = 200,
    address: AddressForm | None = None,
    code: CodeForm | None = None,
) -> Response:
    if address is None:
        address = AddressForm(None)
        address.email.data = arrival.identity.email
    return page(
        "providers/first_time.html",
        status,
        name=arrival.flow.provider.name,
        identity=arrival.identity,
        may_open=arrivals.may_open(arrival.identity),
        takes_new=arrivals.takes_new(),
        asked=arrivals.asked(arrival),
        address=address,
        code=code or CodeForm(None),
    )


def _nothing_waits() -> Response:
    flash(_("That took longer than ten minutes, or was finished. Begin again."), "stop")
    there = "providers.linked" if signed_in() else "members.sign_in"
    return redirect(url_for(there), 303)
