"""Signing up: a name and an address, then a page that waits for the mail and tells how it is."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from portal.joining import signup
from portal.joining.arrival import Arrived, come_in
from portal.joining.forms import JoinForm
from portal.joining.views.blueprint import browser, first_page, forget, joining, keep
from portal.joining.waiting import wait
from portal.lib.forms import Form
from portal.lib.guard import public, signed_in
from portal.lib.htmx import asked, away, page, partial, safe_next
from portal.lib.phones import spaced
from portal.lib.refused import Refused, TooMany
from portal.lib.tokens import new_token
from portal.members import phones, proofs
from portal.members.forms import AddressForm, CodeForm, PhoneForm, TextedCodeForm
from portal.members.models import ProofCode, fold_email
from portal.members.steps import proceed
from portal.members.views.blueprint import limit, secret_page, target
from portal.members.views.bots import careful, caught
from portal.members.views.text_codes import limit_text
from portal.shop.models import settings


@joining.get("/join")
@public
def begin() -> Response:
    if signed_in():
        return redirect(target(), 303)
    return _begin(JoinForm(None)) if settings().sign_up else closed()


@joining.post("/join")
@public
def ask() -> Response:
    form = JoinForm()
    if not settings().sign_up:
        return closed()
    if not form.validate():
        return _begin(form, 422)
    try:
        _limit("mail", form.email.data)
    except TooMany as slow:
        form.email.errors = [slow.sentence]
        return later(_begin(form, slow.status), slow)
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
    return show_wait(row)


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
    row = proofs.waiting(browser(), signup.PURPOSE)
    form = code_form(row)
    if row is None:
        return _begin(JoinForm(None), 422, proofs.why_dead(None))
    if not form.validate():
        return show_wait(row, 422, code=form)
    limit("code.try.client")
    try:
        arrived = come_in(signup.confirm(browser(), form.code.data))
    except Refused as refused:
        form.code.errors = [refused.sentence]
        return show_wait(
            row, refused.status, code=form, refusal=refused.sentence if row.used_at else ""
        )
    method = "sms" if row.channel == "sms" else "code"
    return forget(redirect(_let_in(arrived, method, row), 303))


@joining.post("/join/again")
@public
def send_again() -> Response:
    """One more mail or message to the same address or number."""
    return another("")


@joining.post("/join/address")
@public
def change_address() -> Response:
    """One more mail, to another address."""
    row, form = proofs.waiting(browser(), signup.PURPOSE), AddressForm()
    if row and row.channel == "sms":
        return redirect(url_for("joining.confirm"), 303)
    if row and not form.validate():
        return show_wait(row, 422, address=form)
    return another(form.email.data or "", form)


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


def another(address: str, form: Form | None = None) -> Response:
    """One more mail or message of this attempt, to `address` (or a number) where one is given."""
    row = proofs.waiting(browser(), signup.PURPOSE)
    if row is None:
        return redirect(url_for("joining.begin"), 303)
    try:
        if signup.left(row):
            _limit(row.channel, address or row.data["address"])
        secret = signup.again(browser(), address)
    except TooMany as slow:
        return later(show_wait(row, slow.status, refusal=slow.sentence, address=form), slow)
    except Refused as refused:
        return show_wait(row, refused.status, refusal=refused.sentence, address=form)
    return keep(redirect(url_for("joining.confirm"), 303), secret)


def _limit(channel: str, address: str) -> None:
    if channel == "sms":
        limit_text(address)
        return
    careful("join.ask.client", "join.ask.all")
    limit("join.ask.address", fold_email(address))


def later(response: Response, slow: TooMany) -> Response:
    """The answer to who asked too often, with when to ask again."""
    response.headers["Retry-After"] = str(slow.retry_after)
    return response


def _begin(form: JoinForm, status: int = 200, refusal: str = "") -> Response:
    there = safe_next(request.values.get("next"), "")
    return page(
        "joining/join.html", status, form=form, refusal=refusal, next=there, texts=phones.offered()
    )


def show_wait(
    row: ProofCode,
    status: int = 200,
    *,
    code: Form | None = None,
    address: Form | None = None,
    refusal: str = "",
) -> Response:
    """The page that waits for the mail or the text message."""
    texted = row.channel == "sms"
    return page(
        "joining/confirm.html",
        status,
        wait=wait(row),
        texted=texted,
        used=row.used_at is not None,
        written_to=spaced(row.data["address"]) if texted else row.data["address"],
        left=signup.left(row),
        of=signup.SENDS,
        form=code or code_form(row, sent=False),
        address=address or (PhoneForm(None) if texted else AddressForm(None)),
        refusal=refusal,
    )


def code_form(row: ProofCode | None, sent: bool = True) -> TextedCodeForm | CodeForm:
    """The field for the code, filled with what was sent where something was."""
    kind = TextedCodeForm if row and row.channel == "sms" else CodeForm
    return kind() if sent else kind(None)


def closed() -> Response:
    """The shop lets nobody new in by themselves."""
    return page("joining/closed.html", 404)


def _gone(sentence: str) -> Response:
    return secret_page(page("joining/link_gone.html", 410, sentence=sentence))
