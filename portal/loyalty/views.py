"""The points page: what a member has, why, and what to make of it."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.lib.guard import current_member
from portal.lib.htmx import asked, done, page, partial
from portal.lib.money import format_money
from portal.lib.text import _
from portal.lib.throttle import limit
from portal.lib.tokens import new_token
from portal.loyalty import rules, vouchers
from portal.loyalty.card import held
from portal.loyalty.forms import RedeemForm
from portal.loyalty.history import history
from portal.loyalty.models import Voucher
from portal.loyalty.points import mature
from portal.members.models import Member
from portal.shop.models import points_since, settings

loyalty = Blueprint("loyalty", __name__, url_prefix="/account/points")


@loyalty.get("")
def index() -> Response:
    """Balance, vouchers and the whole history with its reasons."""
    member = current_member._get_current_object()
    after = request.args.get("after")
    if after and asked():
        return partial("loyalty/_history.html", history=history(member, after))
    mature(member)
    return page("loyalty/points.html", **_context(member, after=after))


@loyalty.post("/redeem")
def redeem() -> BaseResponse:
    """Make a voucher of points, once for each form that was shown."""
    member = current_member._get_current_object()
    mature(member)
    form = RedeemForm()
    form.balance = held(member).balance
    made = vouchers.made_with(member, form.key.data or "")
    if made is None:
        if not form.validate():
            show = partial if asked() else page
            name = "loyalty/_points.html" if asked() else "loyalty/points.html"
            return show(name, 422, **_context(member, form=form))
        limit("points.redeem", member.number)
        made = vouchers.redeem(member, form.wanted, form.key.data or "")
    worth = format_money(made.worth, made.currency)
    return done(
        _("Your voucher over %(worth)s is ready: %(code)s", worth=worth, code=made.code),
        show="loyalty/_points.html",
        go_to=url_for("loyalty.index"),
        **_context(member),
    )


def _context(
    member: Member, *, form: RedeemForm | None = None, after: str | None = None
) -> dict[str, Any]:
    shop, card = settings(), held(member)
    return {
        "card": card,
        "history": history(member, after),
        "later": bool(after),
        "vouchers": list(member.vouchers.order_by(Voucher.id.desc()).limit(50)),
        "offers": [(points, rules.worth(points, shop)) for points in rules.offers(card.balance)],
        "form": form or RedeemForm(formdata=None),
        "key": new_token(),
        "other_key": new_token(),
        "step": rules.step(shop),
        "step_worth": rules.worth(rules.step(shop), shop),
        "unit": rules.unit(shop),
        "since": points_since(),
    }
