"""Signing up: a name and an address, then a page that waits for the mail and tells how it is."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from portal.joining import signup
from portal.joining.arrival import Arrived, come_in
from portal.joining.forms import JoinForm
from portal.joining.views.blueprint import browser, first_page, forget, joining, keep
from portal.joining.waiting import wait
from portal.lib.guard import public, signed_in
from portal.lib.htmx import asked, away, page, partial, safe_next
from portal.lib.refused import Refused, TooMany
from portal.lib.tokens import new_token
from portal.members import proofs
from portal.members.forms import AddressForm, CodeForm
from portal.members.models import ProofCode, fold_email
from portal.members.steps import proceed
from portal.members.views.blueprint import limit, secret_page, target
from portal.members.views.bots import careful, caught
from portal.shop.models import settings


@joining.get("/join")
@public
def begin() -> Response:
    if signed_in():
        return redirect(target(), 303)
    return _begin(JoinForm(None)) if settings().sign_up else _closed()


@joining.post("/join")
@public
def ask() -> Response:
    form = JoinForm()
    if not settings().sign_up:
        return _closed()
    if not form.validate():
        return _begin(form, 422)
    try:
        _limit(form.email.data)
    except TooMany as slow:
        form.email.errors = [slow.sentence]
        return _later(_begin(form, slow.status), slow)
    if caught():
        return keep(redirect(url_for("joining.confirm"), 303), new_token())
    secret = signup.ask(form.email.data, form.name.data, browser(), target())
    return keep(redirect(url_for("joining.confirm"), 303), secret)


@joining.get("/join/confirm")
@public
def confirm() -> Response:
    row = proofs.waiting(browser(), signup.PURPOSE)
    if row is None:
        return redirect(url_for("joining.begin"), 303)
    return _wait(row)


@joining.get("/join/confirm/progress")
@public
def progress() -> Response:
    """What became of the mail, for the page that waits."""
    row = proofs.waiting(browser(), signup.PURPOSE)
    if row is None or not asked():
        return redirect(url_for("joining.confirm"), 303)
    found = wait(row)
    if found.lost or row.used_at:  # then the rest of the page differs too
        return away(url_for("joining.confirm"))
    return partial("joining/_wait.html", wait=found)


@joining.post("/join/confirm")
@public
def use_code() -> Response:
    row, form = proofs.waiting(browser(), signup.PURPOSE), CodeForm()
    if row is None:
        return _begin(JoinForm(None), 422, proofs.why_dead(None))
    if not form.validate():
        return _wait(row, 422, code=form)
    limit("code.try.client")
    try:
        arrived = come_in(signup.confirm(browser(), form.code.data))
    except Refused as refused:
        form.code.errors = [refused.sentence]
        return _wait(
            row, refused.status, code=form, refusal=refused.sentence if row.used_at else ""
        )
    return forget(redirect(_let_in(arrived, "code", row), 303))


@joining.post("/join/again")
@public
def send_again() -> Response:
    """One more mail to the same address."""
    return _another("")


@joining.post("/join/address")
@public
def change_address() -> Response:
    """One more mail, to another address."""
    row, form = proofs.waiting(browser(), signup.PURPOSE), AddressForm()
    if row and not form.validate():
        return _wait(row, 422, address=form)
    return _another(form.email.data or "", form)


@joining.get("/join/link/<token>")
@public
def link(token: str) -> Response:
    """A button, since mail scanners open links."""
    limit("link.try.client")
    found = signup.open_link(token)
    if found.row is None:
        return _gone(found.refusal)
    return secret_page(page("joining/link.html", token=token, address=found.row.data["address"]))


@joining.post("/join/link/<token>")
@public
def use_link(token: str) -> Response:
    limit("link.try.client")
    found = signup.open_link(token)
    if found.row is None:
        return _gone(found.refusal)
    try:
        arrived = come_in(found.row)
    except Refused as refused:
        return _gone(refused.sentence)
    return secret_page(forget(redirect(_let_in(arrived, "link", found.row), 303)))


def _let_in(arrived: Arrived, method: str, row: ProofCode) -> str:
    there = safe_next(row.data["next"], url_for("account.home"))
    if arrived.first:
        there = first_page(arrived.member, there)
    return proceed(arrived.member, method, there)


def _another(address: str, form: AddressForm | None = None) -> Response:
    row = proofs.waiting(browser(), signup.PURPOSE)
    if row is None:
        return redirect(url_for("joining.begin"), 303)
    try:
        if signup.left(row):
            _limit(address or row.data["address"])
        secret = signup.again(browser(), address)
    except TooMany as slow:
        return _later(_wait(row, slow.status, refusal=slow.sentence, address=form), slow)
    except Refused as refused:
        return _wait(row, refused.status, refusal=refused.sentence, address=form)
    return keep(redirect(url_for("joining.confirm"), 303), secret)


def _limit(address: str) -> None:
    careful("join.ask.client", "join.ask.all")
    limit("join.ask.address", fold_email(address))


def _later(response: Response, slow: TooMany) -> Response:
    response.headers["Retry-After"] = str(slow.retry_after)
    return response


def _begin(form: JoinForm, status: int = 200, refusal: str = "") -> Response:
    there = safe_next(request.values.get("next"), "")
    return page("joining/join.html", status, form=form, refusal=refusal, next=there)


def _wait(
    row: ProofCode,
    status: int = 200,
    *,
    code: CodeForm | None = None,
    address: AddressForm | None = None,
    refusal: str = "",
) -> Response:
    return page(
        "joining/confirm.html",
        status,
        wait=wait(row),
        used=row.used_at is not None,
        written_to=row.data["address"],
        left=signup.left(row),
        of=signup.SENDS,
        form=code or CodeForm(None),
        address=address or AddressForm(None),
        refusal=refusal,
    )


def _closed() -> Response:
    return page("joining/closed.html", 404)


def _gone(sentence: str) -> Response:
    return secret_page(page("joining/link_gone.html", 410, sentence=sentence))
