"""The shop's data to take away: each kind as CSV or JSON, sent while it is read."""

from flask import Response, abort, redirect, request, stream_with_context, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.imports.exports.columns import SHEETS
from portal.imports.exports.writing import FORMATS, export
from portal.lib.clock import now
from portal.lib.guard import current_member, owner_only
from portal.lib.htmx import page
from portal.lib.text import _
from portal.members.sudo import fresh
from portal.orders.models import Order
from portal.staff.views.blueprint import staff


@staff.get("/exports")
@owner_only
def exports() -> Response:
    """What can be taken away."""
    kinds = [
        ("members", _("Members"), _("Numbers, names, addresses, phones and the shop’s own ids.")),
        ("orders", _("Orders"), _("What was ordered when, by whom, for how much, and its state.")),
        ("lines", _("Order lines"), _("Each line with everything of its order: this file alone"
                                      " brings all orders back.")),
        ("payments", _("Payments"), _("Payments and refunds, and how they were paid.")),
        ("points", _("Points"), _("Every entry of the points ledger, with its reason.")),
    ]  # fmt: skip
    return page("staff/exports.html", kinds=kinds, formats=list(FORMATS), shops=_shops())


@staff.get("/exports/file")
@owner_only
@fresh
def export_file() -> BaseResponse:
    """One kind as a file; who took it stands in the owner's activity.

    It holds everybody's data, so it asks for a fresh proof; whoever comes back from that without
    the name of a file chooses it again.
    """
    what, format = request.args.get("what", ""), request.args.get("format", "csv")
    if not what:
        return redirect(url_for("staff.exports"), 303)
    shops = _shops()
    shop = request.args.get("shop") or shops[0]
    if what not in SHEETS or format not in FORMATS or shop not in shops:
        abort(404)
    current_member.record("exports.taken", subject=what, format=format.upper())
    headers = {
        "Content-Disposition": f'attachment; filename="{what}-{now():%Y-%m-%d}.{format}"',
        "Content-Type": FORMATS[format],
        "Cache-Control": "no-store",
    }
    pieces = (piece.encode() for piece in export(what, format, shop))
    return Response(stream_with_context(pieces), headers=headers)


def _shops() -> list[str]:
    """The shops that orders came from; the first is the one that is meant without a word."""
    found = [shop for (shop,) in Order.select(Order.shop).distinct().order_by(Order.shop).tuples()]
    return sorted(found, key=lambda shop: shop != "default") or ["default"]
