"""A member claims orders: say which, prove the address, look at what would come, take it."""

from flask import redirect, session, url_for
from werkzeug.wrappers import Response

from portal.claims import asking
from portal.claims.belonging import NothingFits, claimable, facts_of
from portal.claims.facts import order_number
from portal.claims.forms import ClaimForm
from portal.claims.list import claims_of
from portal.claims.models import Claim
from portal.claims.taking import take, undo
from portal.claims.views.blueprint import claims
from portal.lib.guard import current_member, find_or_404
from portal.lib.htmx import done, page
from portal.lib.phones import spaced
from portal.lib.refused import Refused
from portal.lib.text import _, ngettext
from portal.members.forms import CodeForm
from portal.members.models import Member, ProofCode
from portal.members.proofs import WrongCode
from portal.members.standing import ensure
from portal.members.views.blueprint import limit, limit_texts

COOKIE = "claim"  # the place in the browser's session of the secret of what it proved
SHOWN = 20  # orders that the preview lists


@claims.get("/claim")
def claim() -> Response:
    """What is missing, and what was claimed lately."""
    return _show(ClaimForm(None))


@claims.post("/claim")
def begin_claim() -> Response:
    """Keep what was said; a code goes out unless the address is proved already."""
    member = _member()
    ensure(member, "claims")
    form = ClaimForm()
    if not form.validate():
        return _show(form, 422)
    _count(member, form)
    facts = facts_of(form.number.data, form.postcode.data, form.total.data)
    try:
        if sent := asking.code_for(member, form.contact.data, session.get(COOKIE)):
            _count_code(member, sent)
        browser, there = asking.begin(member, form.contact.data, facts, session.get(COOKIE))
    except asking.NoContact as refused:
        form.contact.errors = [refused.sentence]
        return _show(form, refused.status)
    session[COOKIE] = browser
    if not there:
        return redirect(url_for(".claim_code"), 303)
    return _look(member, form)


@claims.get("/claim/code")
def claim_code() -> Response:
    """Where the mailed code is typed."""
    row = asking.waiting(_member(), session.get(COOKIE))
    if row is None:
        return redirect(url_for(".claim"), 303)
    if row.used_at:
        return redirect(url_for(".claim_preview"), 303)
    return _show_code(row, CodeForm(None))


@claims.post("/claim/code")
def use_claim_code() -> Response:
    """Prove the address, once."""
    member = _member()
    row = asking.waiting(member, session.get(COOKIE))
    form = CodeForm()
    if not form.validate():
        return _show_code(row, form, 422)
    limit("code.try.client")
    try:
        asking.use(member, session.get(COOKIE), form.code.data)
    except WrongCode as wrong:
        form.code.errors = [_("That is not the code. Look at the newest message from us.")]
        return _show_code(row, form, wrong.status)
    except Refused as refused:
        form.code.errors = [refused.sentence]
        return _show_code(row, form, refused.status)
    return _look(member, None)


@claims.get("/claim/preview")
def claim_preview() -> Response:
    """What would come, before anything does."""
    member, proof = _proof()
    if proof is None:
        return redirect(url_for(".claim"), 303)
    try:
        found = claimable(member, proof)
    except Refused as refused:
        return _show(_form(proof), refused.status, refused.sentence)
    return page(
        "claims/preview.html",
        orders=found.orders[:SHOWN],
        more=len(found.orders) - SHOWN,
        count=len(found.orders),
    )


@claims.post("/claim/take")
def take_orders() -> Response:
    """Take what the preview showed."""
    member, proof = _proof()
    if proof is None:
        return _show(ClaimForm(None), 409, _("That took too long. Say once more which order."))
    try:
        taken = take(member, proof)
    except Refused as refused:
        return _show(_form(proof), refused.status, refused.sentence)
    words = ngettext(
        "The order is in your account now.",
        "%(count)s orders are in your account now.",
        len(taken),
    )
    return done(words, go_to=url_for(".claim"))


@claims.post("/claim/<int:claim_id>/undo")
def undo_claim(claim_id: int) -> Response:
    """Give back what was claimed at once with this."""
    member = _member()
    ensure(member, "claims")
    found = find_or_404(member.claims, Claim.id == claim_id)
    count = undo(found)
    words = ngettext(
        "The order went back where it was.", "%(count)s orders went back where they were.", count
    )
    return done(words, go_to=url_for(".claim"))


def _count(member: Member, form: ClaimForm) -> None:
    """Each set of facts is a guess, counted before anything is compared."""
    limit("claim.try.client")
    limit("claim.try.member", str(member.id))
    limit("claim.try.order", order_number(form.number.data).upper())


def _count_code(member: Member, sent: asking.Contact) -> None:
    limit("code.ask.client")
    if sent.channel == "sms":
        limit_texts(member, sent.target)
    else:
        limit("code.ask.pair", sent.target)
        limit("code.ask.address", sent.target)


def _look(member: Member, form: ClaimForm | None) -> Response:
    """To the preview; what does not fit is written down, and said where it was typed."""
    _same, proof = _proof()
    if proof is None:
        return redirect(url_for(".claim"), 303)
    try:
        claimable(member, proof)
    except NothingFits as refused:
        member.record("orders.claim_missed")
        return _show(form or _form(proof), refused.status, refused.sentence)
    except Refused as refused:
        return _show(form or _form(proof), refused.status, refused.sentence)
    return redirect(url_for(".claim_preview"), 303)


def _proof() -> tuple[Member, ProofCode | None]:
    member = _member()
    return member, asking.proved(member, session.get(COOKIE))


def _form(proof: ProofCode) -> ClaimForm:
    contact = proof.target if proof.channel == "mail" else f"+{proof.target}"
    return ClaimForm(None, data={**proof.data, "contact": contact})


def _member() -> Member:
    return Member.get_by_id(current_member.id)


def _show(form: ClaimForm, status: int = 200, refusal: str = "") -> Response:
    return page(
        "claims/claim.html", status, form=form, refusal=refusal, claimed=claims_of(_member())
    )


def _show_code(row: ProofCode | None, form: CodeForm, status: int = 200) -> Response:
    texted = bool(row and row.channel == "sms")
    address = (spaced(f"+{row.target}") if texted else row.target) if row else ""
    return page("claims/code.html", status, form=form, address=address, texted=texted)
